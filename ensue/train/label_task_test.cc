// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/label_task.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/events/log.h"
#include "ensue/tasks/customer_model.h"

namespace ensue::train {
namespace {

using events::Millis;

constexpr int kDays = 60, kUsers = 40;
constexpr std::int64_t kDay = events::kDayMs;

// A user looks at much in some weeks and at little in others.
struct Shop {
  events::Log log;
  std::vector<std::vector<int>> views;  // [user][day]
};

Shop shop() {
  Rng rng(5);
  events::LogBuilder builder;
  Shop out{{}, std::vector(kUsers, std::vector<int>(kDays))};
  for (int day = 0; day < kDays; ++day) {
    for (int user = 0; user < kUsers; ++user) {
      const bool much = Rng(user, day / 7).chance(0.5);
      const int views = 1 + static_cast<int>(rng.below(much ? 9 : 3));
      out.views[user][day] = views;
      for (int i = 0; i < views; ++i) {
        builder.add("u" + std::to_string(user), "i" + std::to_string(i),
                    Millis{day * kDay + i * 60'000}, "view");
      }
    }
  }
  out.log = builder.build();
  return out;
}

// Asked on every sixth day: how much was seen in the seven days before?
data::LabelTable labels(const Shop& shop, data::LabelKind kind) {
  data::LabelTable out{kind, "labels.csv", {}, {}, {}};
  if (kind == data::LabelKind::kClass) out.classes = {"little", "much", "some"};
  for (int day = 12; day < kDays; day += 6) {
    for (int user = 0; user < kUsers; ++user) {
      int views = 0;
      for (int d = day - 7; d < day; ++d) views += shop.views[user][d];
      const auto id = *shop.log.user_names().find("u" + std::to_string(user));
      out.pairs.push_back({events::UserId{id}, Millis{day * kDay}});
      out.values.push_back(kind == data::LabelKind::kClass
                               ? (views < 18   ? 0
                                  : views < 26 ? 2
                                               : 1)
                               : (views + (user + day) % 3 > 22 ? 1 : 0));
    }
  }
  return out;
}

LabelTaskInput question(const events::Log& log, const data::LabelTable& table) {
  LabelTaskInput out{.log = log, .labels = table};
  out.name = "busy";
  out.question = "was this user busy?";
  out.contest.models = {"trees"};
  out.contest.table.rounds = 40;
  return out;
}

TEST(LabelTask, ClassesAreLearntFromTheLogAndAskedOfAHistory) {
  const Shop busy = shop();
  const auto table = labels(busy, data::LabelKind::kClass);
  const auto result = fit_labels(question(busy.log, table));
  EXPECT_EQ(result.split.test.size(), 2 * kUsers);
  const auto& winner = result.fitted.contest.winner();
  EXPECT_GT(winner.test.at("accuracy"), 0.8);
  EXPECT_LT(winner.test.at("logloss"),
            result.fitted.baselines[0].test.at("logloss"));
  const tasks::CustomerModel model(artifact::Artifact::from_bytes(
      result.fitted.contest.draft.bytes(), "test"));
  EXPECT_EQ(model.asked().name, "busy");
  EXPECT_EQ(model.task().question, "was this user busy?");
  ASSERT_EQ(model.table().classes().size(), 3);
  // The same answer as the test was judged by, from the history alone.
  int right = 0;
  const auto& test = result.split.test;
  for (std::size_t i = 0; i < test.size(); ++i) {
    const auto said =
        model.answer(busy.log.history(test.pairs[i].user), test.pairs[i].time);
    const auto best = std::ranges::max_element(said) - said.begin();
    right += static_cast<double>(best) == test.values[i] ? 1 : 0;
  }
  EXPECT_NEAR(winner.test.at("accuracy"),
              right / static_cast<double>(test.size()), 1e-12);
}

TEST(LabelTask, LaterLabelsChangeNeitherModelNorChoice) {
  const Shop busy = shop();
  auto table = labels(busy, data::LabelKind::kBinary);
  const auto before = fit_labels(question(busy.log, table));
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.pairs[i].time >= before.split.test_from) {
      table.values[i] = 1 - table.values[i];
    }
  }
  const auto after = fit_labels(question(busy.log, table));
  EXPECT_EQ(before.fitted.contest.models[0].validation,
            after.fitted.contest.models[0].validation);
  EXPECT_NE(before.fitted.contest.models[0].test,
            after.fitted.contest.models[0].test);
}

TEST(LabelTask, ALabelThatAFeatureTellsIsCaught) {
  const Shop busy = shop();
  auto table = labels(busy, data::LabelKind::kBinary);
  for (std::size_t i = 0; i < table.size(); ++i) {
    int views = 0;
    const int day = static_cast<int>(count(table.pairs[i].time) / kDay);
    const std::string name(
        busy.log.user_names().name(index(table.pairs[i].user)));
    const int user = std::stoi(name.substr(1));
    for (int d = day - 7; d < day; ++d) views += busy.views[user][d];
    table.values[i] = views > 22 ? 1 : 0;  // just what is counted
  }
  const auto result = fit_labels(question(busy.log, table));
  ASSERT_FALSE(result.fitted.leaks.empty());
  EXPECT_NE(result.fitted.leaks[0].message.find("7"), std::string::npos);
}

TEST(LabelTask, AClassThatOnlyLaterRowsHaveIsRefused) {
  const Shop busy = shop();
  auto table = labels(busy, data::LabelKind::kClass);
  table.classes.emplace_back("wild");
  table.values.back() = 3;
  try {
    fit_labels(question(busy.log, table));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "labels.csv: class 'wild' is never seen in training");
  }
}

TEST(LabelTask, ANameIsAWord) {
  const Shop busy = shop();
  const auto table = labels(busy, data::LabelKind::kBinary);
  LabelTaskInput input = question(busy.log, table);
  input.name = "Is busy?";
  EXPECT_THROW(fit_labels(input), Error);
  input.name = "busy";
  input.horizon_days = -1;
  EXPECT_THROW(fit_labels(input), Error);
}

}  // namespace
}  // namespace ensue::train
