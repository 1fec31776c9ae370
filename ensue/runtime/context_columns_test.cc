// SPDX-License-Identifier: Apache-2.0
// Named context columns: what they add to an event, and how a log's columns
// become an engine's.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "ensue/base/error.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/testing.h"

namespace ensue::runtime {
namespace {

using namespace artifact;
using events::Cell, events::ContextKind, events::Log, events::LogBuilder;
using events::Millis, events::UserId;
using testing::block;

// One item with the vector (1, 1), a device of two values and a price of mean 5
// and deviation 2; what reaches the head is the sum of all inputs.
std::shared_ptr<const Artifact> toy() {
  Description about;
  about.model = {"toy", {}, {}, {}};
  about.model.inputs = {
      block("item_embedding", ItemEmbeddingConfig{.width = 2}),
      block("context_embedding",
            ContextEmbeddingConfig{2, {"device", "price"}})};
  about.model.heads = {block("next_item", NextItemConfig{2, true, false})};
  about.items = events::Vocabulary::from_names(testing::names("i", 1));
  about.actions =
      events::Vocabulary::from_names(std::vector<std::string>{"view"});
  about.context = {{"device", ContextKind::kCategory,
                    events::Vocabulary::from_names(
                        std::vector<std::string>{"手机", "desk"})},
                   {"price", ContextKind::kNumber}};
  Draft draft(about);
  const std::string at = "inputs.1.columns.";
  draft.add<float>("inputs.0.weight", {1, 2}, std::vector<float>{1, 1});
  draft.add<float>(at + "0.weight", {3, 2},
                   std::vector<float>{0.5F, 0, 10, 20, 30, 40});
  draft.add<float>(at + "1.weight", {2, 2},
                   std::vector<float>{100, 1000, 200, 2000});
  draft.add<float>(at + "1.scale", {2}, std::vector<float>{5, 2});
  return Artifact::from_bytes(draft.bytes(), "toy");
}

std::vector<float> output(const Engine& engine, std::vector<Cell> context) {
  State state = engine.start();
  engine.step(state, {.item = events::ItemId{0}}, context);
  const auto out = engine.output(state);
  return {out.begin(), out.end()};
}

TEST(ContextEmbedding, AddsARowPerValueAndAVectorTimesTheNumber) {
  const Engine engine(toy());
  const Cell phone = Cell::of_code(0), desk = Cell::of_code(1);
  const Cell seven = Cell::of_number(7);  // one deviation above the mean
  EXPECT_EQ(output(engine, {phone, seven}),
            (std::vector<float>{1 + 10 + 100, 1 + 20 + 200}));
  EXPECT_EQ(output(engine, {desk, Cell::of_number(4)}),
            (std::vector<float>{1 + 30 - 50, 1 + 40 - 100}));
}

TEST(ContextEmbedding, HasAVectorForNothing) {
  const Engine engine(toy());
  const std::vector<float> nothing = {1 + 0.5F + 1000, 1 + 0 + 2000};
  EXPECT_EQ(output(engine, {Cell(), Cell()}), nothing);
  EXPECT_EQ(output(engine, {}), nothing);
  EXPECT_EQ(output(engine, {Cell::of_code(2), Cell()}), nothing)
      << "a code that the vocabulary does not have";
}

TEST(ContextEmbedding, AnAbsurdNumberCountsAsTenDeviations) {
  const Engine engine(toy());
  EXPECT_EQ(output(engine, {Cell(), Cell::of_number(1e30F)}),
            output(engine, {Cell(), Cell::of_number(25)}));
}

TEST(Engine, RefusesAHistoryWithOtherColumns) {
  const Engine engine(toy());
  const testing::Events some(5, 1, 1, 3);
  EXPECT_NO_THROW(engine.encode(some.view()));
  EXPECT_NO_THROW(engine.encode(some.view(2)));
  EXPECT_THROW(engine.encode(some.view(3)), Error);
}

TEST(Engine, RefusesAnArtifactWithOtherColumnsThanItsInput) {
  const auto whole = toy();
  Description about = whole->description();
  about.context.pop_back();
  Draft draft(about);
  for (const std::string& name : whole->tensor_names()) {
    if (!name.starts_with("inputs.")) continue;
    const TensorView& tensor = whole->tensor(name);
    draft.add_bytes(name, tensor.type, tensor.shape, tensor.bytes);
  }
  try {
    const Engine engine(Artifact::from_bytes(draft.bytes(), "toy"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(
        std::string(error.what()).find("reads 2 columns, the artifact has 1"),
        std::string::npos)
        << error.what();
  }
}

std::vector<Cell> cells_of(const Log& log, const Engine& engine) {
  return Translation(log, engine).translate(log.history(UserId{0})).context;
}

TEST(Translation, FindsContextByNameAndTakesUnseenValuesForNothing) {
  const Engine engine(toy());
  LogBuilder builder;  // columns and values in another order, one more column
  builder.add("u", "stranger", Millis{0}).with("price", 1);
  builder.add("u", "i0", Millis{1}).with("price", 3).with("device", "tv");
  builder.add("u", "i0", Millis{2}).with("shelf", "x").with("device", "desk");
  builder.add("u", "i0", Millis{3}).with("device", "手机");
  const std::vector<Cell> expected = {Cell(),           Cell::of_number(3),
                                      Cell::of_code(1), Cell(),
                                      Cell::of_code(0), Cell()};
  EXPECT_EQ(cells_of(builder.build(), engine), expected);
}

TEST(Translation, ReadsNumbersAsValuesAndValuesAsNumbersWhereTheModelDoes) {
  const Engine engine(toy());
  LogBuilder builder;
  builder.add("u", "i0", Millis{1}).with("price", "3.5").with("device", 2);
  builder.add("u", "i0", Millis{2}).with("price", "much").with("device", 3);
  EXPECT_EQ(cells_of(builder.build(), engine),
            (std::vector<Cell>{Cell(), Cell::of_number(3.5F), Cell(), Cell()}));
}

std::string refusal(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    return error.what();
  }
  return "";
}

TEST(Translation, NamesAColumnThatTheLogDoesNotHave) {
  const Engine engine(toy());
  const Log none = LogBuilder().add("u", "i0", Millis{1}).build();
  EXPECT_EQ(refusal([&] { Translation(none, engine); }),
            "context: the model reads 'device', expected such a column in the "
            "log; it has none");
  LogBuilder some;
  some.add("u", "i0", Millis{1}).with("device", "tv").with("shelf", "x");
  const Log two = some.build();
  EXPECT_EQ(refusal([&] { Translation(two, engine); }),
            "context: the model reads 'price', expected such a column in the "
            "log; it has: device, shelf");
}

TEST(CellOf, ReadsTypedText) {
  const auto context = toy()->description().context;
  EXPECT_EQ(cell_of(context[0], "desk"), Cell::of_code(1));
  EXPECT_EQ(cell_of(context[0], "tv"), Cell());
  EXPECT_EQ(cell_of(context[1], "-2.5"), Cell::of_number(-2.5F));
  EXPECT_EQ(refusal([&] { cell_of(context[1], "2 or 3"); }),
            "context: '2 or 3' in column 'price', expected a number");
}

}  // namespace
}  // namespace ensue::runtime
