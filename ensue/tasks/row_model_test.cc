// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/row_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/runtime/linear_scorer.h"

namespace ensue::tasks {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

const RowShape kShape{{{"price", false}, {"shop", true}}, {"bought", "note"}};

std::string refusal(const auto& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string refused(const events::Table& rows) {
  return refusal([&] { kShape.check(rows, "t.csv"); });
}

std::string refused(const char* rows) {
  return refusal([&] {
    std::vector<JsonObject> objects;
    const Json list = parse_json(rows, "test");
    for (const Json& one : list.as_array()) {
      objects.push_back(one.as_object());
    }
    kShape.read(objects, "body.rows");
  });
}

// 2 * price, a column of text beside it that counts for nothing.
std::shared_ptr<const RowModel> twice() {
  std::vector<runtime::TableModel::Member> members;
  members.push_back(
      {runtime::TableColumns({{"price", runtime::EncodingSpec::parse("raw")}}),
       std::make_unique<runtime::LinearScorer>(std::vector<float>{2},
                                               std::vector<float>{0}),
       1});
  const runtime::TableModel table(runtime::TableLabel::kNumber, {},
                                  std::move(members), {});
  artifact::Draft draft{artifact::Description{}};
  table.add_to(draft);
  RowModel::describe(draft, "spend", "bought", kShape);
  return std::make_shared<const RowModel>(
      artifact::Artifact::from_bytes(draft.bytes(), "test"));
}

TEST(RowModel, IsReadBackFromItsArtifactAndAnswers) {
  const auto model = twice();
  EXPECT_TRUE(RowModel::is_one(model->about()));
  EXPECT_EQ(model->task(), "spend");
  EXPECT_EQ(model->target(), "bought");
  const std::vector<JsonObject> rows = {
      {{"price", 1.5}, {"shop", "north"}},
      {{"shop", nullptr}, {"price", 4}, {"note", "ignored"}}};
  const auto outputs =
      model->table().predict(model->shape().read(rows, "rows"));
  EXPECT_EQ(outputs, (Numbers{3, 8}));
  EXPECT_EQ(to_text(answer_json(model->table(), std::span(outputs).first(1))),
            R"({"answer":3E0})");
}

TEST(RowModel, AFileMayHoldTheTargetAndDroppedColumns) {
  const events::Table rows{{{"note", Texts{"a", "b"}},
                            {"shop", Numbers{1, 2.5}},
                            {"bought", Numbers{0, 1}},
                            {"price", Texts{"", ""}}},
                           ""};
  const events::Table read = kShape.check(rows, "t.csv");
  ASSERT_EQ(read.columns.size(), 2);
  EXPECT_TRUE(std::isnan(read.columns[0].number(1)));  // empty, so numbers
  EXPECT_EQ(read.columns[1].text(1), "2.5");           // numbers as text
}

TEST(RowModel, AColumnTooManyOrTooFewIsNamed) {
  EXPECT_EQ(refused({{{"price", Numbers{1}}, {"colour", Texts{"red"}}}, ""}),
            "t.csv: unknown column 'colour', expected: price, shop");
  EXPECT_EQ(refused({{{"price", Numbers{1}}}, ""}), "t.csv: no column 'shop'");
  EXPECT_EQ(refused(R"([{"price":1,"shop":"n","colour":"red"}])"),
            "body.rows.colour: unknown column, expected: price, shop");
  EXPECT_EQ(refused(R"([{"price":1,"shop":"n"},{"price":1}])"),
            "body.rows[1].shop: missing; null says unknown");
}

TEST(RowModel, TextWhereANumberIsExpectedIsNamedWithItsRow) {
  EXPECT_EQ(
      refused({{{"price", Texts{"", "cheap"}}, {"shop", Texts{"n", "n"}}}, ""}),
      "t.csv row 2 column 'price': 'cheap', expected a number");
  EXPECT_EQ(refused(R"([{"price":"cheap","shop":"n"}])"),
            "body.rows.price: \"cheap\", expected a number");
  EXPECT_EQ(refused(R"([{"price":1,"shop":["n"]}])"),
            "body.rows.shop: expected a text");
}

TEST(RowModel, ClassesAreNamedWithTheirProbabilities) {
  std::vector<runtime::TableModel::Member> members;
  members.push_back(
      {runtime::TableColumns({{"x", runtime::EncodingSpec::parse("raw")}}),
       std::make_unique<runtime::LinearScorer>(std::vector<float>{0, 1},
                                               std::vector<float>{0, 0}),
       1});
  const runtime::TableModel table(runtime::TableLabel::kClass, {"no", "yes"},
                                  std::move(members), {});
  const auto said = answer_columns(table, Numbers{0.25, 0.75, 0.6, 0.4});
  EXPECT_EQ(said.columns[0].text(0), "yes");
  EXPECT_EQ(said.columns[0].text(1), "no");
  EXPECT_EQ(said.find("p yes")->number(1), 0.4);
  EXPECT_EQ(answer_json(table, Numbers{0.25, 0.75}).at("answer"), Json("yes"));
}

TEST(RowModel, AnotherArtifactIsRefused) {
  artifact::Draft draft{artifact::Description{}};
  EXPECT_THROW(RowModel(artifact::Artifact::from_bytes(draft.bytes(), "test")),
               Error);
}

}  // namespace
}  // namespace ensue::tasks
