// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/table_contest.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/runtime/table_model.h"

namespace ensue::classic {
namespace {

// y is 1 where x is above 0, but for one row in ten; `x` is told or not.
TablePart part(std::size_t rows, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<double> x, y;
  for (std::size_t i = 0; i < rows; ++i) {
    x.push_back(rng.normal());
    y.push_back((x.back() > 0) != rng.chance(0.1) ? 1 : 0);
  }
  return {{{{"x", x}}, ""}, {Label::kBinary, y, {}}};
}

ContestOptions quick(std::vector<std::string> models) {
  ContestOptions out{.models = std::move(models)};
  out.table.rounds = 30;
  out.table.neighbours = 5;
  return out;
}

TEST(TableContest, TheModelThatIsBestOnValidationIsTheDraft) {
  const auto train = part(400, 1), validation = part(200, 2),
             test = part(200, 3);
  const auto result =
      hold_contest(train, validation, test, quick({"neighbours", "trees"}));
  ASSERT_EQ(result.models.size(), 2);
  const double near = result.models[0].validation.at("logloss"),
               trees = result.models[1].validation.at("logloss");
  EXPECT_EQ(result.best, near < trees ? "neighbours" : "trees");
  const runtime::TableModel model(
      artifact::Artifact::from_bytes(result.draft.bytes(), "test"));
  EXPECT_EQ(figures_of(model.predict(test.rows), test.labels),
            result.winner().test);
  EXPECT_GT(result.winner().test.at("auc"), 0.8);
  EXPECT_EQ(result.metrics().at("test").as_object().at("auc").as_double(),
            result.winner().test.at("auc"));
}

TEST(TableContest, TheTestPartChoosesNothing) {
  const auto train = part(400, 1), validation = part(200, 2);
  TablePart turned = part(200, 3);
  for (double& y : turned.labels.values) y = 1 - y;
  const auto a =
      hold_contest(train, validation, part(200, 3), quick({"trees"}));
  const auto b = hold_contest(train, validation, turned, quick({"trees"}));
  EXPECT_EQ(a.draft.bytes(), b.draft.bytes());
}

TEST(TableContest, FiguresOfClassesByHand) {
  const TableLabels truth{Label::kClass, {0, 1}, {"no", "yes"}};
  const auto figures =
      figures_of(std::vector<double>{0.8, 0.2, 0.6, 0.4}, truth);
  EXPECT_NEAR(figures.at("logloss"), -(std::log(0.8) + std::log(0.4)) / 2,
              1e-12);
  EXPECT_DOUBLE_EQ(figures.at("accuracy"), 0.5);
  EXPECT_NEAR(figures.at("macro_f1"), (2.0 / 3 + 0) / 2, 1e-12);
}

TEST(TableContest, FiguresOfNumbersByHand) {
  const TableLabels truth{Label::kNumber, {1, 3}, {}};
  const auto figures = figures_of(std::vector<double>{2, 3}, truth);
  EXPECT_DOUBLE_EQ(figures.at("mae"), 0.5);
  EXPECT_DOUBLE_EQ(figures.at("wape"), 0.25);
  EXPECT_DOUBLE_EQ(figures.at("total"), 1.25);
}

TEST(TableContest, LabelsThatAreAllEqualHaveNoOrder) {
  const TableLabels truth{Label::kBinary, {1, 1}, {}};
  const auto figures = figures_of(std::vector<double>{0.5, 0.5}, truth);
  EXPECT_FALSE(figures.contains("auc"));
  EXPECT_DOUBLE_EQ(figures.at("brier"), 0.25);
}

TEST(TableContest, AConstantSaysTheSharesOfTraining) {
  const TableLabels train{Label::kClass, {0, 1, 1, 1}, {"a", "b"}};
  const TableLabels judged{Label::kClass, {0}, {"a", "b"}};
  const JudgedTable constant = judge_constant(train, judged, judged);
  EXPECT_EQ(constant.name, "shares");
  EXPECT_NEAR(constant.test.at("logloss"), -std::log(0.25), 1e-12);
  EXPECT_DOUBLE_EQ(
      judge_constant({Label::kNumber, {1, 2}, {}}, {Label::kNumber, {4}, {}},
                     {Label::kNumber, {3}, {}})
          .test.at("mae"),
      1.5);
}

TEST(TableContest, NothingToCompareOrToJudgeOnIsRefused) {
  const auto train = part(50, 1);
  EXPECT_THROW(hold_contest(train, train, train, quick({})), Error);
  EXPECT_THROW(hold_contest(train, train, {}, quick({"linear"})), Error);
}

}  // namespace
}  // namespace ensue::classic
