// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/label_leaks.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/rng.h"
#include "ensue/data/features.h"
#include "ensue/events/log.h"

namespace ensue::judge {
namespace {

using events::LogBuilder, events::Millis, events::UserId;

constexpr int kUsers = 200, kDays = 60;
constexpr Millis kCut{40 * events::kDayMs};

// Each user buys at random days; who buys often goes on to.
events::Log shop() {
  Rng rng(3);
  LogBuilder log;
  for (int u = 0; u < kUsers; ++u) {
    const double often = 0.02 + 0.2 * rng.uniform();
    const std::string user = "u" + std::to_string(u);
    log.add(user, "i", Millis{0}, "purchase", 1);
    for (int day = 1; day < kDays; ++day) {
      if (rng.chance(often)) {
        log.add(user, "i", Millis{day * events::kDayMs}, "purchase",
                static_cast<float>(rng.uniform()));
      }
    }
  }
  return log.build();
}

std::vector<double> bought_later(const events::Log& log) {
  std::vector<double> out;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    out.push_back(log.history(UserId{u}).times.back() >= kCut ? 1 : 0);
  }
  return out;
}

std::vector<features::Definition> definitions() {
  return {{.name = "n", .kind = "count"},
          {.name = "recency", .kind = "recency"},
          {.name = "gap", .kind = "gap_mean"}};
}

TEST(LabelLeaks, AsOfFeaturesGiveNothingAway) {
  const auto log = shop();
  const auto table =
      data::compute_features(log, definitions(), data::everyone_at(log, kCut));
  EXPECT_TRUE(find_label_leaks(table, bought_later(log)).empty());
}

TEST(LabelLeaks, AFeatureMadeFromEventsAfterTheTimeIsCaught) {
  const auto log = shop();
  auto table =
      data::compute_features(log, definitions(), data::everyone_at(log, kCut));
  // The planted leak: recency as of the end of the log.
  auto late = data::compute_features(
      log, definitions(),
      data::everyone_at(log, Millis{kDays * events::kDayMs}));
  late.columns[1].name = "planted";
  table.columns.push_back(late.columns[1]);
  const auto leaks = find_label_leaks(table, bought_later(log));
  ASSERT_EQ(leaks.size(), 1U);
  EXPECT_EQ(leaks[0].kind, "label-in-feature");
  EXPECT_NE(leaks[0].message.find("'planted'"), std::string::npos);
}

TEST(LabelLeaks, NumbersTextAndMissingCellsCanTellToo) {
  std::vector<double> labels, missing, noise;
  std::vector<std::string> text;
  Rng rng(1);
  for (int i = 0; i < 300; ++i) {
    const int label = i % 3;
    labels.push_back(label);
    missing.push_back(label == 1 ? NAN : 5);
    text.push_back(label == 0 ? "no" : label == 1 ? "some" : "much");
    noise.push_back(rng.uniform());
  }
  events::Table table;
  table.columns = {
      {"missing", missing}, {"text", text}, {"noise", noise}, {"same", labels}};
  const auto of_classes = find_label_leaks(table, labels, /*classes=*/true);
  ASSERT_EQ(of_classes.size(), 3U);
  EXPECT_NE(of_classes[0].message.find("'missing'"), std::string::npos);
  const auto of_numbers = find_label_leaks(table, labels);
  ASSERT_EQ(of_numbers.size(), 2U);
  EXPECT_NE(of_numbers[0].message.find("'text'"), std::string::npos);
  EXPECT_NE(of_numbers[1].message.find("'same'"), std::string::npos);
}

}  // namespace
}  // namespace ensue::judge
