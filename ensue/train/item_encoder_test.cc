// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/item_encoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"

namespace ensue::train {
namespace {

using runtime::ColumnKind;
using Cells = std::vector<std::string>;

// Eight items with a column of every kind.
events::Table shop() {
  events::Table out;
  out.columns = {
      {"title", Cells{"red mug", "blue mug", "red bowl", "blue bowl",
                      "green mug", "green bowl", "red plate", "blue plate"}},
      {"kind",
       Cells{"mug", "mug", "bowl", "bowl", "mug", "bowl", "mug", "bowl"}},
      {"image", Cells{"0 1", "1 1", "0 3", "", "0 1", "1 1", "0 3", "1 1"}},
      {"price", std::vector<double>{1, 2, 3, 4, 5, 6, 7, std::nan("")}}};
  return out;
}

runtime::ItemEncoder fit(const Cells& columns,
                         const events::Table& table = shop()) {
  artifact::ItemContentConfig config;
  config.columns = columns;
  config.pieces = 40;
  return fit_item_encoder(table, config);
}

std::string refusal(const Cells& columns) {
  try {
    fit(columns);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    return error.what();
  }
  return "";
}

TEST(FitItemEncoder, GuessesAKindFromTheCells) {
  const auto encoder = fit({"title", "kind", "image", "price"});
  EXPECT_EQ(encoder.columns()[0].kind, ColumnKind::kText);
  EXPECT_EQ(encoder.columns()[1].kind, ColumnKind::kCategory);
  EXPECT_EQ(encoder.columns()[2].kind, ColumnKind::kVector);
  EXPECT_EQ(encoder.columns()[3].kind, ColumnKind::kNumber);
}

TEST(FitItemEncoder, AKindThatIsSaidIsTaken) {
  const auto encoder = fit({"kind:text", "price:category", "title:category"});
  EXPECT_EQ(encoder.columns()[0].kind, ColumnKind::kText);
  EXPECT_EQ(encoder.columns()[1].values.size(), 7u);
  EXPECT_EQ(encoder.columns()[2].values.size(), 8u);
}

TEST(FitItemEncoder, MomentsAreThoseOfTheFilledCells) {
  const auto encoder = fit({"image"});
  const auto& moments = encoder.columns()[0].moments;
  ASSERT_EQ(moments.size(), 4u);
  EXPECT_NEAR(moments[0], 3.0 / 7, 1e-6);
  EXPECT_NEAR(moments[1], 11.0 / 7, 1e-6);
  EXPECT_NEAR(moments[2], std::sqrt(3.0 / 7 * 4 / 7), 1e-6);
}

TEST(FitItemEncoder, TextsThatShareWordsShareFeatures) {
  const auto encoder = fit({"title"});
  const auto dot = [&](const std::string& a, const std::string& b) {
    events::Table table;
    table.columns = {{"title", Cells{a, b}}};
    const auto f = encoder.encode(table);
    std::vector<float> dense(f.columns);
    double sum = 0;
    for (std::size_t e = 0; e < f.begin[1]; ++e) {
      dense[f.places[e]] = f.weights[e];
    }
    for (std::size_t e = f.begin[1]; e < f.begin[2]; ++e) {
      sum += dense[f.places[e]] * f.weights[e];
    }
    return sum;
  };
  EXPECT_NEAR(dot("red mug", "Red  MUG"), 1, 1e-6) << "case and spaces";
  EXPECT_GT(dot("red mug", "red jug"), dot("red mug", "blue plate"));
  EXPECT_EQ(dot("", "red mug"), 0);
}

TEST(FitItemEncoder, RareValuesWeighMoreAndComeBackFromAnArtifact) {
  const auto encoder = fit({"kind", "title"});
  const auto& kind = encoder.columns()[0];
  // Four mugs and four bowls among eight.
  EXPECT_NEAR(kind.rarity.at(0), std::log(2.0), 1e-6);
  artifact::Draft draft({});
  encoder.write(draft, "inputs.0");
  const auto file = artifact::Artifact::from_bytes(draft.bytes(), "test");
  const auto read =
      runtime::ItemEncoder::read(*file, {"kind", "title"}, "inputs.0");
  EXPECT_EQ(read.compare(shop()).weights, encoder.compare(shop()).weights);
  EXPECT_EQ(read.encode(shop()).weights, encoder.encode(shop()).weights);
}

TEST(FitItemEncoder, KeepsAsManyPiecesAsAsked) {
  EXPECT_LE(fit({"title"}).columns()[0].values.size(), 40u);
}

TEST(FitItemEncoder, TextComesBackFromAnArtifact) {
  const auto encoder = fit({"title"});
  artifact::Draft draft({});
  encoder.write(draft, "inputs.0");
  const auto file = artifact::Artifact::from_bytes(draft.bytes(), "test");
  const auto read = runtime::ItemEncoder::read(*file, {"title"}, "inputs.0");
  EXPECT_EQ(read.encode(shop()).places, encoder.encode(shop()).places);
}

TEST(FitItemEncoder, RefusesWhatTheTableDoesNotHold) {
  EXPECT_EQ(refusal({"brand"}),
            "content: 'brand', expected a column of the item table: title, "
            "kind, image, price");
  EXPECT_EQ(refusal({"title:number"}),
            "content: column 'title': 'red mug', expected a number");
  EXPECT_EQ(refusal({"title:vector"}),
            "content: column 'title': 'red mug', expected numbers");
}

}  // namespace
}  // namespace ensue::train
