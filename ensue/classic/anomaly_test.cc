// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/anomaly.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/metrics/binary.h"
#include "ensue/runtime/anomaly.h"

namespace ensue::classic {
namespace {

using events::Millis;

constexpr int kPeople = 1500, kRobots = 15;
constexpr Millis kEnd{60 * events::kDayMs};

// People look around for half a minute each; robots ("r…") take an item a
// second, all of them different, and never buy.
events::Log crowd() {
  events::LogBuilder builder;
  Rng rng(1);
  for (int u = 0; u < kPeople + kRobots; ++u) {
    const bool robot = u >= kPeople;
    const std::string name = (robot ? "r" : "u") + std::to_string(u);
    const std::uint64_t days = 1 + rng.below(8);
    for (std::uint64_t d = 0; d < days; ++d) {
      std::int64_t time =
          static_cast<std::int64_t>(d * 7 + rng.below(3)) * events::kDayMs +
          12 * events::kHourMs;
      for (int e = 0; e < 12; ++e) {
        time += robot ? 1000
                      : static_cast<std::int64_t>(
                            1000 * std::exp(3.4 + 0.6 * rng.normal()));
        const auto item = robot ? rng.below(200) : rng.below(6) * rng.below(5);
        builder.add(name, "i" + std::to_string(item), Millis{time},
                    !robot && rng.chance(0.15) ? "purchase" : "view", 5);
      }
    }
  }
  return builder.build();
}

struct Fitted {
  events::Log log = crowd();
  runtime::Anomaly model{artifact::Artifact::from_bytes(
      fit_anomaly(log, kEnd, {}).bytes(), "anomaly")};

  bool robot(std::uint32_t u) const {
    return log.user_names().name(u)[0] == 'r';
  }
  runtime::AnomalyAnswer judge(std::uint32_t u) const {
    return model.judge(log.history(events::UserId{u}), kEnd);
  }
};

const Fitted& fitted() {
  static const Fitted out;
  return out;
}

TEST(FitAnomaly, PutsRobotsAbovePeople) {
  std::vector<double> odd, robot;
  for (std::uint32_t u = 0; u < fitted().log.users(); ++u) {
    odd.push_back(fitted().judge(u).oddness);
    robot.push_back(fitted().robot(u) ? 1 : 0);
  }
  EXPECT_GT(metrics::auc(odd, robot), 0.999);
}

TEST(FitAnomaly, AScoreIsTheShareOfPeopleBelow) {
  double above_nine_tenths = 0, people = 0;
  for (std::uint32_t u = 0; u < fitted().log.users(); ++u) {
    if (fitted().robot(u)) {
      EXPECT_GT(fitted().judge(u).score, 0.95);
      continue;
    }
    people += 1;
    above_nine_tenths += fitted().judge(u).score > 0.9 ? 1 : 0;
  }
  // Five standard errors of the share itself and of the threshold.
  EXPECT_NEAR(above_nine_tenths / people, 0.1, 0.05);
}

TEST(FitAnomaly, GivesTheReasonsInOrder) {
  for (std::uint32_t u = 0; u < fitted().log.users(); ++u) {
    if (!fitted().robot(u)) continue;
    const auto reasons = fitted().judge(u).reasons;
    ASSERT_FALSE(reasons.empty());
    for (std::size_t i = 1; i < reasons.size(); ++i) {
      EXPECT_GE(std::abs(reasons[i - 1].deviations),
                std::abs(reasons[i].deviations));
    }
    bool pace = false;
    for (std::size_t i = 0; i < 4; ++i) {
      pace |= fitted().model.columns()[reasons[i].column] == "gap_seconds";
    }
    EXPECT_TRUE(pace) << "a second between events is among the first reasons";
  }
}

TEST(FitAnomaly, RatesAreTheCountsOfWhatFollows) {
  // Four customers view, then buy; sixteen only view.
  events::LogBuilder builder;
  for (int u = 0; u < 20; ++u) {
    builder.add("u" + std::to_string(u), "a", Millis{u}, "view");
    builder.add("u" + std::to_string(u), "a", Millis{5000 + u},
                u < 4 ? "purchase" : "view");
  }
  const auto log = builder.build();
  const runtime::Anomaly model(artifact::Artifact::from_bytes(
      fit_anomaly(log, kEnd, {}).bytes(), "anomaly"));
  const auto buyer = log.user_names().find("u0");
  const auto found = model.surprises(log.history(events::UserId{*buyer}));
  EXPECT_NEAR(found[0].action, -std::log(21.0 / 22), 1e-9);
  EXPECT_NEAR(found[1].action, -std::log(5.0 / 22), 1e-9);
  EXPECT_TRUE(std::isnan(found[0].time));
  EXPECT_NEAR(found[1].time, -std::log(21.0 / (20 + 64)), 1e-9);
}

TEST(FitAnomaly, RefusesTooFewCustomers) {
  events::LogBuilder builder;
  builder.add("u", "a", Millis{1}, "view");
  EXPECT_THROW(fit_anomaly(builder.build(), kEnd, {}), Error);
}

}  // namespace
}  // namespace ensue::classic
