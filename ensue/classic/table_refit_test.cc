// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/table_refit.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/classic/internal/table_part.h"
#include "ensue/classic/table_blend.h"
#include "ensue/classic/table_contest.h"
#include "ensue/metrics/binary.h"

namespace ensue::classic {
namespace {

// Thirty numbers of which each says a little of y.
TablePart part(std::size_t rows, std::uint64_t seed) {
  constexpr std::size_t kColumns = 30;
  Rng rng(seed);
  std::vector<std::vector<double>> x(kColumns);
  TablePart out{{}, {Label::kBinary, {}}};
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0;
    for (auto& column : x) sum += column.emplace_back(rng.normal()) * 0.4;
    out.labels.values.push_back(rng.chance(1 / (1 + std::exp(-sum))) ? 1 : 0);
  }
  for (std::size_t c = 0; c < kColumns; ++c) {
    out.rows.columns.push_back({"x" + std::to_string(c), x[c]});
  }
  return out;
}

TableFitOptions quick(const std::string& model) {
  TableFitOptions out;
  out.model = model;
  out.l2 = 10;
  out.rounds = 60;
  out.patience = 5;
  out.epochs = 5;
  out.forest = 20;
  out.neighbours = 10;
  return out;
}

runtime::TableModel loaded(const artifact::Draft& draft) {
  return runtime::TableModel(
      artifact::Artifact::from_bytes(draft.bytes(), "test"));
}

runtime::TableModel fitted(const TablePart& train, const TablePart& held,
                           const TableFitOptions& options) {
  return loaded(
      fit_table(train.rows, train.labels, held.rows, held.labels, options));
}

artifact::Draft again(runtime::TableModel model, const TablePart& rows,
                      const TableFitOptions& options) {
  return refit_table(
      std::move(model), options,
      [&](const std::string&) -> const TablePart& { return rows; }, rows.rows);
}

std::vector<std::string> origins(const runtime::TableModel& model) {
  std::vector<std::string> out;
  for (const auto& member : model.members()) out.push_back(member.origin);
  return out;
}

TablePart joined(TablePart a, const TablePart& b) {
  append_rows(a, b);
  return a;
}

class EveryMember : public ::testing::TestWithParam<const char*> {};

// On the rows that it was fitted on the model comes back.
TEST_P(EveryMember, IsTheSameOnTheSameRows) {
  const auto train = part(300, 1), held = part(150, 2);
  const auto options = quick(GetParam());
  const auto first =
      fit_table(train.rows, train.labels, held.rows, held.labels, options);
  EXPECT_EQ(again(loaded(first), train, options).bytes(), first.bytes());
}

TEST_P(EveryMember, IsAnotherOnMoreRows) {
  const auto train = part(300, 1), held = part(150, 2);
  const auto options = quick(GetParam());
  const auto before = fitted(train, held, options);
  const auto after =
      loaded(again(fitted(train, held, options), joined(train, held), options));
  EXPECT_EQ(origins(after), origins(before));
  EXPECT_NE(after.predict(held.rows), before.predict(held.rows));
}

INSTANTIATE_TEST_SUITE_P(Models, EveryMember,
                         ::testing::Values("linear", "bayes", "trees", "forest",
                                           "neighbours", "dense",
                                           "linear+trees"));

TEST(TableRefit, AChosenPenaltyIsKept) {
  const auto train = part(300, 1), held = part(150, 2);
  auto options = quick("linear");
  options.l2 = 0;
  const auto first =
      fit_table(train.rows, train.labels, held.rows, held.labels, options);
  EXPECT_GT(MemberOrigin::parse(origins(loaded(first))[0]).length, 1);
  EXPECT_EQ(again(loaded(first), train, options).bytes(), first.bytes());
}

TEST(TableRefit, TheCalibrationKeepsTheLevel) {
  const auto train = part(400, 1), held = part(300, 2);
  TablePart rare = train;  // taught that the label is seldom there
  Rng rng(4);
  for (double& y : rare.labels.values) y = y > 0 && rng.chance(0.2) ? 1 : 0;
  for (const char* curve : {"platt", "isotonic"}) {
    auto options = quick("linear");
    options.calibration = curve;
    const auto mean = [&](const runtime::TableModel& model) {
      double out = 0;
      for (const double p : model.predict(held.rows)) out += p / 300;
      return out;
    };
    const double before = mean(fitted(train, held, options));
    const auto after = loaded(refit_table(
        fitted(train, held, options), options,
        [&](const std::string&) -> const TablePart& { return rare; },
        held.rows));
    EXPECT_NEAR(mean(after), before, 0.04) << curve;
  }
}

TEST(TableRefit, MoreRowsServeBetter) {
  const auto train = part(150, 1), held = part(600, 2), test = part(4000, 3);
  const auto options = quick("linear");
  const double before = metrics::auc(
      fitted(train, held, options).predict(test.rows), test.labels.values);
  const auto after =
      loaded(again(fitted(train, held, options), joined(train, held), options));
  EXPECT_GT(metrics::auc(after.predict(test.rows), test.labels.values),
            before + 0.02);
}

TEST(TableRefit, LevelsOfAnAuxiliaryNumberAreLearntAgain) {
  auto train = part(300, 1), held = part(150, 2);
  for (TablePart* one : {&train, &held}) {
    for (std::size_t row = 0; row < one->labels.values.size(); ++row) {
      one->labels.auxiliary.push_back(one->labels.values[row] * 2 +
                                      double(row % 2));
    }
  }
  const auto options = quick("linear");
  const auto first =
      fit_table(train.rows, train.labels, held.rows, held.labels, options);
  EXPECT_GT(loaded(first).members().size(), 1U);
  EXPECT_EQ(again(loaded(first), train, options).bytes(), first.bytes());
}

TEST(TableRefit, MembersAskForRowsByTheirName) {
  const auto train = part(300, 1), held = part(150, 2), more = part(400, 3);
  const auto options = quick("linear");
  std::vector<runtime::TableModel> parts;
  parts.push_back(renamed(fitted(train, held, options), "linear:short"));
  parts.push_back(given_margins(train.labels, {"x3"}));
  TableFitOptions equal = options;
  equal.blend = "equal";
  std::vector<std::string> asked;
  const auto model = loaded(refit_table(
      blend_tables(std::move(parts), held.rows, held.labels, equal), equal,
      [&](const std::string& name) -> const TablePart& {
        asked.push_back(name);
        return more;
      },
      held.rows));
  EXPECT_EQ(asked, std::vector<std::string>{"linear:short"});
  EXPECT_EQ(origins(model),
            (std::vector<std::string>{"linear:short 0", "given 0"}));
  const auto alone = fitted(more, {}, quick("linear")).margins(held.rows);
  const auto& x3 = std::get<1>(held.rows.find("x3")->cells);
  const auto said = model.margins(held.rows);
  for (std::size_t row = 0; row < said.size(); ++row) {
    ASSERT_NEAR(said[row], (alone[row] + x3[row]) / 2, 1e-4);
  }
}

TEST(TableRefit, TheContestJudgesAndKeepsTheWinnerFittedAgain) {
  const auto train = part(150, 1), validation = part(600, 2),
             test = part(1000, 3);
  ContestOptions options{.models = {"linear"}, .refit = "validation"};
  const auto result = hold_contest(train, validation, test, options);
  EXPECT_GT(result.refitted.at("auc"), result.winner().test.at("auc"));
  EXPECT_EQ(result.refitted,
            figures_of(loaded(result.draft).predict(test.rows), test.labels));
  EXPECT_EQ(result.metrics().at("test").as_object().at("auc").as_double(),
            result.refitted.at("auc"));
  options.refit = "none";
  const auto first = hold_contest(train, validation, test, options);
  EXPECT_TRUE(first.refitted.empty());
  EXPECT_EQ(first.winner().test, result.winner().test);
  options.refit = "all";
  const auto last = hold_contest(train, validation, test, options);
  EXPECT_EQ(last.refitted, result.refitted);
  EXPECT_NE(last.draft.bytes(), result.draft.bytes());
}

std::string refusal(const auto& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(TableRefit, SaysInOneLineWhatIsWrong) {
  const auto train = part(100, 1);
  TablePart other = train;
  other.rows.columns[4].name = "y";
  EXPECT_EQ(refusal([&] { joined(train, other); }),
            "rows to join: column 'x4' is not in both");
  EXPECT_EQ(refusal([&] {
              hold_contest(train, train, train,
                           {.models = {"linear"}, .refit = "later"});
            }),
            "refit: 'later', expected none, validation or all");
  EXPECT_EQ(refusal([&] { MemberOrigin::parse("trees many"); }),
            "origin of a member 'trees many', expected a model and how long "
            "it was fitted");
}

TEST(MemberOrigin, IsReadAsItIsWritten) {
  const MemberOrigin origin = MemberOrigin::parse("bayes 0 > 3.5");
  EXPECT_EQ(origin.model, "bayes");
  EXPECT_EQ(origin.length, 0);
  EXPECT_EQ(origin.learns, "> 3.5");
  EXPECT_EQ(origin.text(), "bayes 0 > 3.5");
  EXPECT_EQ(MemberOrigin::parse("trees:short 137").text(), "trees:short 137");
}

}  // namespace
}  // namespace ensue::classic
