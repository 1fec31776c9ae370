// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/item_encoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ensue/base/error.h"

namespace ensue::runtime {
namespace {

using Cells = std::vector<std::string>;
using Numbers = std::vector<float>;

ItemEncoder::Column category(const std::string& name, const Cells& values) {
  ItemEncoder::Column out;
  out.name = name;
  out.kind = ColumnKind::kCategory;
  out.values = events::Vocabulary::from_names(values);
  return out;
}

ItemEncoder::Column numbers(const std::string& name, ColumnKind kind,
                            const Numbers& moments) {
  ItemEncoder::Column out;
  out.name = name;
  out.kind = kind;
  out.moments = moments;
  return out;
}

// The row as numbers, zeros included.
Numbers row(const artifact::ItemFeatures& features, std::size_t i) {
  Numbers out(features.columns, 0.0F);
  for (std::size_t e = features.begin[i]; e < features.begin[i + 1]; ++e) {
    out[features.places[e]] += features.weights[e];
  }
  return out;
}

TEST(ItemEncoder, AValueIsOneFeatureAndAnUnknownOrMissingOneIsNone) {
  const ItemEncoder encoder({category("kind", {"cup", "plate"})});
  events::Table table;
  table.columns = {{"kind", Cells{"plate", "spoon", "", "cup"}}};
  const auto features = encoder.encode(table);
  EXPECT_EQ(features.items(), 4u);
  EXPECT_EQ(row(features, 0), (Numbers{0, 1}));
  EXPECT_EQ(row(features, 1), (Numbers{0, 0}));
  EXPECT_EQ(row(features, 2), (Numbers{0, 0}));
  EXPECT_EQ(row(features, 3), (Numbers{1, 0}));
}

TEST(ItemEncoder, ComparesByValuesAloneWeightedAndOfLengthOne) {
  auto kind = category("kind", {"cup", "plate"});
  auto colour = category("colour", {"red", "blue"});
  kind.rarity = {3, 1};
  colour.rarity = {4, 2};
  const ItemEncoder encoder(
      {kind, numbers("price", ColumnKind::kNumber, {0, 1}), colour});
  events::Table table;
  table.columns = {{"kind", Cells{"cup", "plate", "?"}},
                   {"price", std::vector<double>{9, 9, 9}},
                   {"colour", Cells{"red", "", ""}}};
  const auto found = encoder.compare(table);
  ASSERT_EQ(found.items(), 3u);
  EXPECT_EQ(row(found, 0), (Numbers{0.6F, 0, 0, 0.8F, 0}));
  EXPECT_EQ(row(found, 1), (Numbers{0, 1, 0, 0, 0}));
  EXPECT_EQ(row(found, 2), (Numbers{0, 0, 0, 0, 0}));
}

TEST(ItemEncoder, NumbersAreCompressedAndScaledAndMissingOnesAreTheMean) {
  const float e1 = static_cast<float>(std::exp(1.0) - 1);  // compressed: 1
  const ItemEncoder encoder({numbers("price", ColumnKind::kNumber, {0.5, 2})});
  events::Table table;
  table.columns = {
      {"price", std::vector<double>{e1, 0, -e1,
                                    std::numeric_limits<double>::quiet_NaN()}}};
  const auto features = encoder.encode(table);
  EXPECT_NEAR(row(features, 0)[0], 0.25, 1e-6);
  EXPECT_NEAR(row(features, 1)[0], -0.25, 1e-6);
  EXPECT_NEAR(row(features, 2)[0], -0.75, 1e-6);
  EXPECT_EQ(row(features, 3)[0], 0);
}

TEST(ItemEncoder, VectorsAreScaledByTheirSizeAndOthersAreLeftOut) {
  const ItemEncoder encoder({numbers(
      "image", ColumnKind::kVector, {1, 0, 0, 2, /*deviations:*/ 1, 1, 2, 4})});
  events::Table table;
  table.columns = {{"image", Cells{"[2, 0, 4, 6]", "1 2", "no", "1 0 0 2"}}};
  const auto features = encoder.encode(table);
  EXPECT_EQ(row(features, 0), (Numbers{0.5, 0, 1, 0.5}));
  EXPECT_EQ(row(features, 1), (Numbers{0, 0, 0, 0}));
  EXPECT_EQ(row(features, 2), (Numbers{0, 0, 0, 0}));
  EXPECT_EQ(row(features, 3), (Numbers{0, 0, 0, 0}));
}

TEST(ItemEncoder, ColumnsStandSideBySide) {
  const ItemEncoder encoder({category("kind", {"cup", "plate"}),
                             numbers("size", ColumnKind::kNumber, {0, 1})});
  events::Table table;
  table.columns = {{"size", std::vector<double>{std::exp(2.0) - 1}},
                   {"kind", Cells{"plate"}}};
  const auto found = row(encoder.encode(table), 0);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[1], 1);
  EXPECT_NEAR(found[2], 2, 1e-6);
}

TEST(ItemEncoder, NamesTheColumnThatATableLacks) {
  const ItemEncoder encoder({category("kind", {"cup"})});
  events::Table table;
  table.columns = {{"title", Cells{"A cup"}}};
  try {
    encoder.encode(table);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    EXPECT_STREQ(error.what(),
                 "item table: no column 'kind', expected one; has title");
  }
}

TEST(ItemEncoder, ComesBackFromAnArtifactAsItWas) {
  const ItemEncoder encoder(
      {category("kind", {"cup", "plate"}),
       numbers("price", ColumnKind::kNumber, {0.5, 2}),
       numbers("image", ColumnKind::kVector, {1, 2, 3, 4})});
  artifact::Draft draft({});
  encoder.write(draft, "inputs.0");
  const auto file = artifact::Artifact::from_bytes(draft.bytes(), "test");
  const auto read =
      ItemEncoder::read(*file, {"kind", "price", "image"}, "inputs.0");
  events::Table table;
  table.columns = {{"kind", Cells{"plate", ""}},
                   {"price", std::vector<double>{7, 8}},
                   {"image", Cells{"1 2", "3 5"}}};
  const auto a = encoder.encode(table), b = read.encode(table);
  EXPECT_EQ(a.columns, 5u);
  EXPECT_EQ(a.places, b.places);
  EXPECT_EQ(a.weights, b.weights);
  EXPECT_THROW(ItemEncoder::read(*file, {"a", "b", "c", "d"}, "inputs.0"),
               Error);
}

TEST(ParseColumn, TakesOnlyAKnownKindFromTheEnd) {
  EXPECT_EQ(parse_column("a:text").name, "a");
  EXPECT_EQ(parse_column("a:text").kind, ColumnKind::kText);
  EXPECT_TRUE(parse_column("a:b:category").has_kind);
  EXPECT_EQ(parse_column("a:b:category").name, "a:b");
  EXPECT_EQ(parse_column("a:b").name, "a:b");
  EXPECT_FALSE(parse_column("a:b").has_kind);
}

TEST(NumbersIn, ReadsListsAndNothingElse) {
  EXPECT_EQ(numbers_in("0.5 -1\t2e-1"), (Numbers{0.5, -1, 0.2F}));
  EXPECT_EQ(numbers_in("[1, 2; 3]"), (Numbers{1, 2, 3}));
  EXPECT_TRUE(numbers_in("").empty());
  EXPECT_TRUE(numbers_in("3 cups").empty());
  EXPECT_TRUE(numbers_in("12in 4").empty());
  EXPECT_TRUE(numbers_in("nan 1").empty());
}

}  // namespace
}  // namespace ensue::runtime
