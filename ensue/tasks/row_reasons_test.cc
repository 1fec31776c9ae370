// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/row_reasons.h"

#include <gtest/gtest.h>

#include <memory>

#include "ensue/base/error.h"
#include "ensue/runtime/linear_scorer.h"

namespace ensue::tasks {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

const RowShape kShape{{{"minutes", false}, {"source", true}}, {"end"}};

// Minutes speak for what is kept, a letter for what is returned.
RowModel ends() {
  const runtime::ColumnEncoder minutes{"minutes",
                                       runtime::EncodingSpec::parse("raw")};
  const runtime::ColumnEncoder source{
      "source",
      runtime::EncodingSpec::parse("one_hot"),
      events::Vocabulary::from_names(
          std::span<const std::string>(Texts{"letter", "shop"})),
      {}};
  std::vector<runtime::TableModel::Member> members;
  members.push_back({runtime::TableColumns({minutes, source}),
                     std::make_unique<runtime::LinearScorer>(
                         std::vector<float>{0.5F, -1, 0, 0, 2, 0},
                         std::vector<float>{0.25F, -0.25F}),
                     1});
  const runtime::TableModel table(runtime::TableLabel::kClass,
                                  {"kept", "returned"}, std::move(members), {});
  artifact::Draft draft{artifact::Description{}};
  table.add_to(draft);
  RowModel::describe(draft, "ends", "end", kShape);
  return RowModel(artifact::Artifact::from_bytes(draft.bytes(), "test"));
}

events::Table rows() {
  return {{{"minutes", Numbers{4, 1}}, {"source", Texts{"shop", "letter"}}},
          ""};
}

TEST(RowReasons, AreThoseOfTheAnswersClass) {
  const RowModel model = ends();
  const RowReasons kept = explain_row(model, rows(), 0);
  EXPECT_EQ(kept.of_class, "kept");
  EXPECT_NEAR(kept.columns.base, 0.25, 1e-9);
  EXPECT_EQ(kept.columns.reasons[0].column, "minutes");
  EXPECT_NEAR(kept.columns.reasons[0].added, 2, 1e-9);
  EXPECT_NEAR(kept.columns.margin, 2.25, 1e-6);
  const RowReasons returned = explain_row(model, rows(), 1);
  EXPECT_EQ(returned.of_class, "returned");
  EXPECT_EQ(returned.columns.reasons[0].column, "source");
  EXPECT_EQ(returned.columns.reasons[0].value, "letter");
  EXPECT_NEAR(returned.columns.reasons[0].added, 2, 1e-9);
}

TEST(RowReasons, OfAnotherClassAreThereWhenAskedFor) {
  const RowModel model = ends();
  const RowReasons why = explain_row(model, rows(), 1, "kept");
  EXPECT_EQ(why.of_class, "kept");
  EXPECT_NEAR(why.columns.margin, 0.25 + 0.5 - 1, 1e-6);
  EXPECT_THROW(explain_row(model, rows(), 1, "lost"), Error);
  EXPECT_THROW(explain_row(model, rows(), 2), Error);
}

TEST(RowReasons, AsJsonHoldTheAnswerAndEveryColumn) {
  const RowModel model = ends();
  const JsonObject said = to_json(explain_row(model, rows(), 1), model);
  EXPECT_EQ(said.at("answer"), Json("returned"));
  EXPECT_EQ(said.at("class"), Json("returned"));
  EXPECT_EQ(said.at("columns").as_array().size(), 2U);
  const JsonObject& first = said.at("columns").as_array()[0].as_object();
  EXPECT_EQ(first.at("column"), Json("source"));
  EXPECT_EQ(first.at("value"), Json("letter"));
}

// 0.1 minutes, and 0.5 when treated.
ResponseModel response() {
  const auto raw = runtime::EncodingSpec::parse("raw");
  std::vector<runtime::TableModel::Member> members;
  members.push_back(
      {runtime::TableColumns(
           {{"minutes", raw}, {std::string(runtime::kTreatmentColumn), raw}}),
       std::make_unique<runtime::LinearScorer>(std::vector<float>{0.1F, 0.5F},
                                               std::vector<float>{1}),
       1});
  runtime::UpliftPart part;
  part.kind = runtime::UpliftPart::Kind::kSingle;
  part.first = std::make_shared<const runtime::TableModel>(
      runtime::TableLabel::kNumber, Texts(), std::move(members),
      runtime::Calibration());
  return ResponseModel(artifact::Artifact::from_bytes(
      ResponseModel::draft(runtime::UpliftModel({part}),
                           {"response", "mail", "red", "none", "visit"},
                           {{{"minutes", false}}, {"mail", "visit"}},
                           {{1, 1}, {1, 0}, {1, 0}})
          .bytes(),
      "test"));
}

TEST(EffectReasons, SayTheTreatmentInTheCampaignsWords) {
  const auto why =
      explain_effect(response(), {{{"minutes", Numbers{4}}}, ""}, 0);
  EXPECT_NEAR(why.margin, 0.5, 1e-6);
  EXPECT_EQ(why.reasons[0].column, "mail");
  EXPECT_EQ(why.reasons[0].value, "red, not none");
  EXPECT_NEAR(why.reasons[0].added, 0.5, 1e-6);
  EXPECT_EQ(effect_json(why).at("effect").as_double(), why.margin);
}

}  // namespace
}  // namespace ensue::tasks
