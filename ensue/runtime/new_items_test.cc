// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/new_items.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/item_encoder.h"
#include "ensue/runtime/testing.h"

namespace ensue::runtime {
namespace {

using Cells = std::vector<std::string>;
constexpr std::size_t kKnown = 7, kWidth = 2;

// Items of a kind, cup or plate, and with a price; a gru behind their vectors.
artifact::ModelSpec content_model() {
  artifact::ItemContentConfig content;
  content.width = kWidth;
  content.hidden = 2;
  content.columns = {"kind", "price"};
  artifact::ModelSpec out;
  out.name = "test";
  out.inputs = {testing::block("item_content", content)};
  out.blocks = {testing::block(
      "gru", artifact::RecurrentConfig{.inputs = kWidth, .hidden = kWidth})};
  out.heads = {
      testing::block("next_item", artifact::NextItemConfig{.width = kWidth})};
  return out;
}

artifact::Draft shop_draft() {
  artifact::Draft draft = testing::random_draft(content_model(), kKnown, 1, 1);
  draft.description().item_table.columns = {
      {"kind", Cells(kKnown, "cup")},
      {"title", Cells(kKnown, "A cup")},
      {"price", std::vector<double>(kKnown, 1.0)}};
  ItemEncoder::Column kind, price;
  kind.values = events::Vocabulary::from_names(Cells{"cup", "plate"});
  price.kind = ColumnKind::kNumber;
  price.moments = {0, 1};
  ItemEncoder({kind, price}).write(draft, "inputs.0");
  const auto add = [&draft](const std::string& name,
                            std::vector<std::int64_t> shape,
                            const std::vector<float>& values) {
    draft.add<float>("inputs.0." + name, std::move(shape), values);
  };
  add("id", {kKnown, kWidth}, std::vector<float>(kKnown * kWidth, 1));
  add("content.weight", {3, 2}, {1, 2, /*plate:*/ 3, -4, /*price:*/ 0, 10});
  add("content.bias", {2}, {1, 1});
  add("content.out.weight", {2, 2}, {1, 0, 1, 1});
  add("content.out.bias", {2}, {0.5, 0.25});
  return draft;
}

std::shared_ptr<const artifact::Artifact> shop() {
  return artifact::Artifact::from_bytes(shop_draft().bytes(), "test");
}

events::Table table(Cells kinds, std::vector<double> prices) {
  events::Table out;
  out.columns = {{"price", std::move(prices)}, {"kind", std::move(kinds)}};
  return out;
}

std::vector<float> scores(const Engine& engine, const events::History& past) {
  std::vector<float> out(engine.items());
  engine.score(engine.encode(past), out);
  return out;
}

TEST(ContentVectors, AreTheProjectionOfWhatColumnsSumTo) {
  const auto vectors = content_vectors(*shop(), table({"plate", "?"}, {0, 0}));
  // plate: relu(3 + 1, -4 + 1) = (4, 0); nothing known: (1, 1).
  EXPECT_EQ(vectors, (std::vector<float>{4.5, 4.25, 1.5, 2.25}));
}

TEST(ContentVectors, HoldWhatStandsForAnUnknownId) {
  artifact::Draft draft = shop_draft();
  draft.add<float>("inputs.0.unknown", {kWidth}, std::vector<float>{10, 20});
  const auto known = artifact::Artifact::from_bytes(draft.bytes(), "test");
  EXPECT_EQ(content_vectors(*known, table({"plate"}, {0})),
            (std::vector<float>{14.5, 24.25}));
  const auto more = with_items(*known, {Cells{"new"}, table({"plate"}, {0})});
  const auto ids = more->tensor("inputs.0.id").as<float>();
  EXPECT_EQ(ids[kKnown * kWidth], 10);
  EXPECT_EQ(ids[kKnown * kWidth + 1], 20);
}

TEST(WithItems, KnownItemsKeepTheirScores) {
  const auto known = shop();
  const Engine before(known);
  const Engine after(
      with_items(*known, {{"new 1", "new 2"}, table({"cup", ""}, {3, 4})}));
  ASSERT_EQ(after.items(), kKnown + 2);
  const testing::Events past(20, kKnown, 1, /*seed=*/5);
  auto wanted = scores(before, past.view()), got = scores(after, past.view());
  got.resize(kKnown);
  EXPECT_EQ(got, wanted);
}

TEST(WithItems, ANewItemScoresWithItsContentVector) {
  const auto known = shop();
  const auto more = table({"plate"}, {2});
  const auto vector = content_vectors(*known, more);
  const Engine engine(with_items(*known, {{"new"}, more}));
  const testing::Events past(20, kKnown, 1, /*seed=*/5);
  const State state = engine.encode(past.view());
  const auto x = engine.output(state);
  EXPECT_NEAR(scores(engine, past.view())[kKnown],
              x[0] * vector[0] + x[1] * vector[1], 1e-5);
}

TEST(WithItems, ANewItemCountsInAHistory) {
  const auto known = shop();
  const Engine engine(
      with_items(*known, {{"a", "b"}, table({"plate", "cup"}, {2, 9})}));
  State a = engine.start(), b = engine.start();
  engine.step(a, {events::ItemId{kKnown}});
  engine.step(b, {events::ItemId{kKnown + 1}});
  EXPECT_EQ(a.events(), 1u);
  EXPECT_NE(engine.output(a)[0], engine.output(b)[0]);
}

TEST(WithItems, TheItemTableGrowsAndMissingCellsAreMissing) {
  const auto more = with_items(*shop(), {{"new"}, table({"plate"}, {2.5})});
  const auto& said = more->description();
  EXPECT_EQ(said.items.name(kKnown), "new");
  EXPECT_EQ(said.item_table.find("kind")->text(kKnown), "plate");
  EXPECT_EQ(said.item_table.find("price")->number(kKnown), 2.5);
  EXPECT_EQ(said.item_table.find("title")->text(kKnown), "");
}

TEST(UnknownItems, AreTheRowsThatTheModelDoesNotKnow) {
  const auto names =
      events::Vocabulary::from_names(Cells{"item2", "new 1", "item0", "new 2"});
  const auto found = unknown_items(
      *shop(), names, table({"cup", "plate", "cup", "spoon"}, {1, 2, 3, 4}));
  EXPECT_EQ(found.names, (Cells{"new 1", "new 2"}));
  ASSERT_EQ(found.table.rows(), 2u);
  EXPECT_EQ(found.table.find("kind")->text(1), "spoon");
  EXPECT_EQ(found.table.find("price")->number(0), 2);
}

TEST(WithItems, CanBeRepeated) {
  const auto once = with_items(*shop(), {{"a"}, table({"cup"}, {1})});
  const auto twice = with_items(*once, {{"b"}, table({"plate"}, {1})});
  const auto both =
      with_items(*shop(), {{"a", "b"}, table({"cup", "plate"}, {1, 1})});
  const testing::Events past(20, kKnown, 1, /*seed=*/5);
  EXPECT_EQ(scores(Engine(twice), past.view()),
            scores(Engine(both), past.view()));
}

std::string refusal(const Cells& names, const events::Table& rows) {
  try {
    with_items(*shop(), {names, rows});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    return error.what();
  }
  return "";
}

TEST(WithItems, SaysWhatItCannotTake) {
  EXPECT_EQ(refusal({"item3"}, table({"cup"}, {1})),
            "item 'item3': the model knows it, expected a new one");
  EXPECT_NE(refusal({"a", "a"}, table({"cup", "cup"}, {1, 1})), "");
  EXPECT_EQ(refusal({"a"}, table({"cup", "cup"}, {1, 1})),
            "new items: 1 names for 2 rows, expected as many");
  events::Table words = table({"cup"}, {1});
  words.columns[0].cells = Cells{"7"};
  EXPECT_EQ(refusal({"a"}, words),
            "item table: column 'price' holds text, expected numbers as in "
            "the model");
  words.columns.pop_back();
  EXPECT_EQ(refusal({"a"}, words),
            "item table: no column 'kind', expected one; has price");
}

TEST(WithItems, AModelOfIdsAloneTakesNone) {
  artifact::ModelSpec spec = content_model();
  spec.inputs = {testing::block("item_embedding",
                                artifact::ItemEmbeddingConfig{.width = 2})};
  const auto ids = testing::random_artifact(spec, kKnown, 1);
  EXPECT_FALSE(takes_new_items(*ids));
  EXPECT_TRUE(takes_new_items(*shop()));
  EXPECT_THROW(with_items(*ids, {{"a"}, table({"cup"}, {1})}), Error);
}

}  // namespace
}  // namespace ensue::runtime
