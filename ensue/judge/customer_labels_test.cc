// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/customer_labels.h"

#include <gtest/gtest.h>

#include <string>

#include "ensue/base/error.h"
#include "ensue/judge/instants.h"

namespace ensue::judge {
namespace {

using events::Millis;

constexpr std::int64_t kDay = events::kDayMs;

// u0 … u9 buy on every day that their number divides, over 100 days.
events::Log log() {
  events::LogBuilder out;
  for (int day = 0; day < 100; ++day) {
    for (int u = 1; u < 10; ++u) {
      if (day % (7 * u) != 0) continue;
      out.add("u" + std::to_string(u), "cup", Millis{day * kDay}, "buy");
    }
  }
  return out.build();
}

std::string refusal(const CutOptions& options, std::int64_t days) {
  try {
    choose_cuts(log(), days * kDay, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Cuts, NoHorizonReachesBehindTheInstantThatJudgesIt) {
  const std::int64_t horizon = 20 * kDay;
  const Cuts cuts = choose_cuts(log(), horizon, {.cuts = 3, .step_days = 5});
  EXPECT_EQ(count(cuts.test), 98 * kDay + 1 - horizon);  // ends with the log
  EXPECT_EQ(count(cuts.validation) + horizon, count(cuts.test));
  ASSERT_EQ(cuts.train.size(), 3U);
  EXPECT_EQ(count(cuts.train[2]) + horizon, count(cuts.validation));
  EXPECT_EQ(count(cuts.train[1]) + 5 * kDay, count(cuts.train[2]));
}

TEST(Cuts, OnlyInstantsInsideTheLogAreLearntFrom) {
  EXPECT_EQ(
      choose_cuts(log(), 30 * kDay, {.cuts = 8, .step_days = 5}).train.size(),
      2U);  // days 8 and 3
}

TEST(ShorterCuts, AreKnownWhenThePartTheyStandInIs) {
  const std::int64_t horizon = 18 * kDay, shorter = 6 * kDay;
  const CutOptions options{.cuts = 3, .step_days = 5};
  const Cuts cuts = choose_cuts(log(), horizon, options);
  const ShorterCuts at = shorter_cuts(cuts, horizon, shorter, options);
  EXPECT_EQ(count(at.train.back()) + shorter, count(cuts.validation));
  EXPECT_EQ(count(at.validation.back()) + shorter, count(cuts.test));
  EXPECT_EQ(count(at.test.back()) + shorter, count(cuts.test) + horizon);
  EXPECT_GE(count(at.train.front()), count(cuts.train.front()));
  EXPECT_EQ(at.train.size(), 5U);  // three, and two in twelve days
  // Three or four of each part, none twice.
  EXPECT_EQ(at.validation.size(), 4U);
  EXPECT_GT(count(at.validation.front()), count(at.train.back()));
  EXPECT_GT(count(at.test.front()), count(at.validation.back()));
}

TEST(Cuts, RefusalsSayWhatWouldFit) {
  EXPECT_NE(refusal({}, 33).find("more than three times"), std::string::npos);
  EXPECT_NE(refusal({.cuts = 0}, 10).find("cuts 0"), std::string::npos);
  EXPECT_NE(
      refusal({.test_from = "1971-01-01"}, 10).find("expected from 1970-01-01"),
      std::string::npos);
  EXPECT_EQ(refusal({.test_from = "1970-02-20"}, 10), "");
}

TEST(CustomerLabels, AreThoseOfEverybodyAskedAtEveryInstant) {
  const events::Log all = log();
  tasks::CustomerTaskOptions asked;
  asked.horizon_days = 7;
  const tasks::CustomerLabel task(asked, features::names_of(all),
                                  all.item_names());
  const Millis instants[] = {Millis{8 * kDay}, Millis{60 * kDay}};
  const data::LabelTable labels = labels_at(all, task, instants);
  ASSERT_EQ(labels.size(), 18U);  // all bought on day 0
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto name = all.user_names().name(index(labels.pairs[i].user));
    const int every = 7 * (name[1] - '0');
    const auto first = static_cast<int>(count(labels.pairs[i].time) / kDay);
    double expected = 0;
    for (int day = first; day < first + 7; ++day) {
      if (day % every == 0 && day < 100) expected = 1;
    }
    EXPECT_EQ(labels.values[i], expected) << name << " from day " << first;
  }
  const Millis late[] = {Millis{99 * kDay}};
  EXPECT_THROW(labels_at(all, task, late), Error);  // nobody buys any more
  const Millis early[] = {Millis{0}};
  EXPECT_THROW(labels_at(all, task, early), Error);  // nobody has bought yet
}

}  // namespace
}  // namespace ensue::judge
