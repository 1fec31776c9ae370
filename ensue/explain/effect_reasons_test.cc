// SPDX-License-Identifier: Apache-2.0
#include "ensue/explain/effect_reasons.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "ensue/base/error.h"
#include "ensue/runtime/linear_scorer.h"
#include "ensue/runtime/trees.h"

namespace ensue::explain {
namespace {

using runtime::TableLabel, runtime::TableModel, runtime::UpliftModel;
using runtime::UpliftPart;
using Kind = UpliftPart::Kind;
using Model = std::shared_ptr<const TableModel>;

std::vector<runtime::ColumnEncoder> columns(bool treatment) {
  const auto raw = runtime::EncodingSpec::parse("raw");
  std::vector<runtime::ColumnEncoder> out = {{"age", raw}, {"spent", raw}};
  if (treatment) out.push_back({std::string(runtime::kTreatmentColumn), raw});
  return out;
}

// bias + weights of age, spent and, where there are three, the treatment.
Model line(std::vector<float> weights, float bias,
           TableLabel label = TableLabel::kNumber) {
  std::vector<TableModel::Member> members;
  members.push_back({runtime::TableColumns(columns(weights.size() == 3)),
                     std::make_unique<runtime::LinearScorer>(
                         std::move(weights), std::vector<float>{bias})});
  return std::make_shared<const TableModel>(label, std::vector<std::string>(),
                                            std::move(members),
                                            runtime::Calibration());
}

// Below 40 in age the treatment adds 1 to the log-odds, from there on nothing;
// as many rows each way.
Model tree() {
  std::vector<TableModel::Member> members;
  members.push_back({runtime::TableColumns(columns(true)),
                     std::make_unique<runtime::Trees>(
                         runtime::TreeTables{.begin = {0, 5},
                                             .output_of = {0},
                                             .left = {1, 3, -1, -1, -1},
                                             .right = {2, 4, -1, -1, -1},
                                             .feature = {0, 2, 0, 0, 0},
                                             .value = {40, 0.5F, 0, 0, 1},
                                             .cover = {4, 2, 2, 1, 1},
                                             .missing_left = {0, 0, 0, 0, 0},
                                             .base = {0}},
                         3)});
  return std::make_shared<const TableModel>(
      TableLabel::kBinary, std::vector<std::string>(), std::move(members),
      runtime::Calibration());
}

events::Table rows() {
  return {{{"age", std::vector<double>{50, 30}},
           {"spent", std::vector<double>{1, 4}}},
          ""};
}

UpliftModel of(Kind kind, Model first, Model second = nullptr) {
  return UpliftModel({{kind, 0.25, std::move(first), std::move(second)}});
}

// 1 + a - 2 b + a a - .5 a b + 3 b b of a line's log-odds and another line.
UpliftModel quadratic() {
  UpliftPart out;
  out.kind = Kind::kScores;
  out.scores = std::make_shared<const runtime::EffectScores>(
      std::vector<runtime::EffectScore>{
          {line({0.04F, -0.5F}, 0.3F, TableLabel::kBinary), 0.2, 0.7},
          {line({-0.01F, 0.2F}, -1), 0.1, 2}},
      std::vector<double>{1, 1, -2, 1, -0.5, 3});
  return UpliftModel({std::move(out)});
}

double added(const TableReasons& why, std::string_view column) {
  for (const Reason& reason : why.reasons) {
    if (reason.column == column) return reason.added;
  }
  ADD_FAILURE() << column;
  return 0;
}

TEST(EffectReasons, OfNumbersAreDifferencesOfCoefficients) {
  const auto two = explain_effect(
      of(Kind::kTwo, line({0.1F, 2}, 1), line({0.3F, -1}, 3)), rows(), 1);
  EXPECT_NEAR(two.base, -2, 1e-6);
  EXPECT_NEAR(added(two, "age"), -0.2 * 30, 1e-5);
  EXPECT_NEAR(added(two, "spent"), 3 * 4, 1e-5);
  EXPECT_EQ(two.reasons[0].column, "spent");
  EXPECT_EQ(two.reasons[0].value, "4");
  // .75 * (.1 age + 2 spent + 1) + .25 * (.3 age - spent + 3)
  const auto cross = explain_effect(
      of(Kind::kCross, line({0.1F, 2}, 1), line({0.3F, -1}, 3)), rows(), 1);
  EXPECT_NEAR(cross.base, 1.5, 1e-6);
  EXPECT_NEAR(added(cross, "age"), (0.075 + 0.075) * 30, 1e-5);
  EXPECT_NEAR(added(cross, "spent"), (1.5 - 0.25) * 4, 1e-5);
}

TEST(EffectReasons, OfOneModelNameTheTreatmentItself) {
  const auto why =
      explain_effect(of(Kind::kSingle, line({0.1F, 2, 0.5F}, 1)), rows(), 0);
  EXPECT_NEAR(why.base, 0, 1e-9);
  EXPECT_NEAR(added(why, runtime::kTreatmentColumn), 0.5, 1e-6);
  EXPECT_NEAR(added(why, "age"), 0, 1e-9);
}

TEST(EffectReasons, AddUpToTheEffectWhateverTheModels) {
  const UpliftModel mixed = UpliftModel::mean_of(std::vector<UpliftModel>{
      of(Kind::kTwo, line({0.04F, -0.5F}, 0.3F, TableLabel::kBinary),
         line({-0.01F, 0.2F}, -1, TableLabel::kBinary)),
      of(Kind::kSingle, tree()), of(Kind::kEffect, line({0.01F, 0.02F}, 0)),
      quadratic()});
  for (std::size_t row = 0; row < 2; ++row) {
    const auto why = explain_effect(mixed, rows(), row);
    double sum = why.base;
    for (const Reason& reason : why.reasons) sum += reason.added;
    EXPECT_NEAR(sum, mixed.effects(rows())[row], 1e-9);
    EXPECT_EQ(why.margin, mixed.effects(rows())[row]);
  }
}

TEST(EffectReasons, OfProbabilitiesShareTheDifferenceLikeTheLogOdds) {
  const auto why = explain_effect(
      of(Kind::kTwo, line({0.02F, 0.5F}, -1, TableLabel::kBinary),
         line({0, 0}, -1, TableLabel::kBinary)),
      rows(), 1);
  const double moved = 0.02 * 30 + 0.5 * 4,
               rise = runtime::logistic(-1 + moved) - runtime::logistic(-1);
  EXPECT_NEAR(added(why, "age"), rise * (0.02 * 30) / moved, 1e-6);
  EXPECT_NEAR(added(why, "spent"), rise * (0.5 * 4) / moved, 1e-6);
}

TEST(EffectReasons, OfScoresAreTheirMeanSlopesOnTheWay) {
  const auto model = quadratic();
  const auto why = explain_effect(model, rows(), 0);
  // From base (0.3, -1) to (0.3 + 2 - .5, -1 - .5 + .2), a thousand steps.
  const auto& scores = *model.parts()[0].scores;
  const double down[] = {0.04 * 50, -0.01 * 50}, up[] = {-0.5, 0.2};
  double age = 0, spent = 0;
  for (int step = 0; step < 1000; ++step) {
    const double way = (step + 0.5) / 1000;
    const double at[] = {scores.scores()[0].of(0.3 + way * (down[0] + up[0])),
                         scores.scores()[1].of(-1 + way * (down[1] + up[1]))};
    const auto slopes = scores.gradient(at);
    for (int s = 0; s < 2; ++s) {
      age += slopes[s] * down[s] / scores.scores()[s].scale / 1000;
      spent += slopes[s] * up[s] / scores.scores()[s].scale / 1000;
    }
  }
  EXPECT_NEAR(added(why, "age"), age, 1e-5);
  EXPECT_NEAR(added(why, "spent"), spent, 1e-5);
}

TEST(EffectReasons, ThatCancelEachOtherStayFinite) {
  const auto why = explain_effect(
      of(Kind::kTwo, line({0.1F, -3}, 0, TableLabel::kBinary),
         line({0, 0}, 0, TableLabel::kBinary)),
      {{{"age", std::vector<double>{30}}, {"spent", std::vector<double>{1}}},
       ""},
      0);  // 3 - 3: the slope of a logistic at 0 is 1/4
  EXPECT_NEAR(added(why, "age"), 3 * 0.25, 1e-5);
  EXPECT_NEAR(added(why, "spent"), -3 * 0.25, 1e-5);
}

TEST(EffectReasons, OfARowThatIsNotThereAreRefused) {
  EXPECT_THROW(explain_effect(of(Kind::kEffect, line({1, 1}, 0)), rows(), 2),
               Error);
}

}  // namespace
}  // namespace ensue::explain
