// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/row_task.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/tasks/row_model.h"

namespace ensue::train {
namespace {

// Visits that end in a purchase when they are long, in a shop of two, one a
// day. "secret" is the answer itself.
events::Table visits(std::size_t rows) {
  Rng rng(3);
  std::vector<double> day, minutes, bought, secret;
  std::vector<std::string> shop, mood;
  for (std::size_t i = 0; i < rows; ++i) {
    day.push_back(static_cast<double>(i));
    minutes.push_back(10 * rng.uniform());
    shop.emplace_back(rng.chance(0.5) ? "north" : "south");
    bought.push_back(minutes.back() + rng.normal() > 5 ? 1 : 0);
    secret.push_back(bought.back());
    mood.emplace_back(bought.back() == 0   ? "cold"
                      : minutes.back() > 8 ? "hot"
                                           : "warm");
  }
  return {{{"day", day},
           {"minutes", minutes},
           {"shop", shop},
           {"bought", bought},
           {"secret", secret},
           {"mood", mood}},
          ""};
}

RowTaskInput question(const events::Table& rows, const std::string& target,
                      std::vector<std::string> drop) {
  RowTaskInput out{.rows = rows, .asked = {}};
  out.asked.name = "buys";
  out.asked.table = "visits.csv";
  out.asked.target = target;
  out.asked.drop = std::move(drop);
  out.contest.models = {"linear", "trees"};
  out.contest.table.rounds = 40;
  return out;
}

std::string refusal(const RowTaskInput& input) {
  try {
    fit_rows(input);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(RowTask, AColumnIsLearntJudgedAndAsked) {
  const auto rows = visits(600);
  const auto result = fit_rows(question(rows, "bought", {"secret", "mood"}));
  EXPECT_GT(result.contest.winner().test.at("auc"), 0.9);
  EXPECT_LT(result.contest.winner().test.at("logloss"),
            result.constant.test.at("logloss") - 0.2);
  EXPECT_TRUE(result.leaks.empty());
  const tasks::RowModel model(
      artifact::Artifact::from_bytes(result.contest.draft.bytes(), "test"));
  EXPECT_EQ(model.task(), "buys");
  const std::vector<JsonObject> asked = {
      {{"day", 1}, {"minutes", 9}, {"shop", "north"}},
      {{"day", 1}, {"minutes", 1}, {"shop", "west"}}};
  const auto said = model.table().predict(model.shape().read(asked, "rows"));
  EXPECT_GT(said[0], 0.9);
  EXPECT_LT(said[1], 0.1);
}

TEST(RowTask, OrderedRowsAreJudgedOnTheLast) {
  const auto rows = visits(200);
  RowTaskInput input = question(rows, "bought", {"secret", "mood"});
  input.asked.order = "day";
  const auto result = fit_rows(input);
  EXPECT_EQ(result.split.test.front(), 160);
  EXPECT_EQ(result.split.test.size(), 40);
  EXPECT_EQ(result.split.description.substr(0, 8), "by 'day'");
  const tasks::RowModel model(
      artifact::Artifact::from_bytes(result.contest.draft.bytes(), "test"));
  for (const auto& column : model.shape().columns) {
    EXPECT_NE(column.name, "day");
  }
}

TEST(RowTask, ClassesAreNamed) {
  const auto rows = visits(600);
  const auto result = fit_rows(question(rows, "mood", {"secret", "bought"}));
  EXPECT_EQ(result.contest.kind, classic::Label::kClass);
  EXPECT_GT(result.contest.winner().test.at("accuracy"),
            result.constant.test.at("accuracy") + 0.2);
}

TEST(RowTask, AColumnThatIsTheAnswerIsCaught) {
  const auto rows = visits(200);
  const auto result = fit_rows(question(rows, "bought", {"mood"}));
  ASSERT_EQ(result.leaks.size(), 1);
  EXPECT_NE(result.leaks[0].message.find("secret"), std::string::npos);
}

TEST(RowTask, AnAuxiliaryColumnIsLearntAndNeverAskedFor) {
  const auto rows = visits(600);
  RowTaskInput input = question(rows, "bought", {"secret", "mood"});
  input.asked.auxiliary = "minutes";
  input.contest.models = {"linear"};
  const auto result = fit_rows(input);
  const tasks::RowModel model(
      artifact::Artifact::from_bytes(result.contest.draft.bytes(), "test"));
  std::vector<std::string> read;
  for (const auto& column : model.shape().columns) read.push_back(column.name);
  EXPECT_EQ(read, (std::vector<std::string>{"day", "shop"}));
  EXPECT_TRUE(result.leaks.empty());
}

TEST(RowTask, AnAuxiliaryColumnHoldsNumbersOfEveryRow) {
  events::Table rows = visits(60);
  std::get<1>(rows.columns[1].cells)[6] = std::nan("");
  RowTaskInput input = question(rows, "bought", {});
  input.asked.auxiliary = "minutes";
  EXPECT_EQ(refusal(input),
            "visits.csv column 'minutes' row 7: '', expected a number");
  input.asked.auxiliary = "shop";
  EXPECT_EQ(refusal(input),
            "visits.csv column 'shop': holds text, expected numbers");
  input.asked.auxiliary = "stars";
  EXPECT_NE(refusal(input).find("task.auxiliary: visits.csv has no column"),
            std::string::npos);
}

TEST(RowTask, BadQuestionsAreRefusedInOneLine) {
  const auto rows = visits(60);
  EXPECT_EQ(refusal(question(rows, "sold", {})),
            "task.target: visits.csv has no column 'sold'; there are: day, "
            "minutes, shop, bought, secret, mood");
  EXPECT_EQ(refusal(question(rows, "", {})),
            "task.target: expected the column of visits.csv that is asked for");
  EXPECT_NE(refusal(question(rows, "bought", {"colour"})).find("task.drop"),
            std::string::npos);
  RowTaskInput number = question(rows, "mood", {});
  number.asked.kind = "number";
  EXPECT_NE(refusal(number).find("visits.csv column 'mood' row 1: label"),
            std::string::npos);
  events::Table equal = rows;
  equal.columns[3].cells = std::vector<double>(60, 1);
  EXPECT_EQ(refusal(question(equal, "bought", {})),
            "visits.csv column 'bought': all 60 labels are 1, so there is "
            "nothing to learn");
  RowTaskInput late = question(rows, "mood", {"secret", "bought"});
  late.asked.order = "day";
  events::Table unseen = rows;
  std::get<0>(unseen.columns[5].cells).back() = "furious";
  EXPECT_EQ(
      refusal({.rows = unseen, .asked = late.asked, .contest = late.contest}),
      "visits.csv: class 'furious' is never seen in training");
  RowTaskInput named = question(rows, "bought", {});
  named.asked.name = "Buys it";
  EXPECT_NE(refusal(named).find("task.name"), std::string::npos);
}

}  // namespace
}  // namespace ensue::train
