// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/customer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "ensue/base/error.h"

namespace ensue::simulate {
namespace {

template <class Body>
void for_each_customer(const Shop& shop, const Body& body) {
  Trace trace;
  for (int u = 0; u < shop.options().users; ++u) {
    simulate_customer(shop, static_cast<std::uint32_t>(u), trace);
    body(trace);
  }
}

TEST(Customer, TimesRiseStrictlyAndGapsTellSessionsApart) {
  const Shop shop({.users = 300, .bots = 0.1});
  for_each_customer(shop, [](const Trace& trace) {
    for (std::size_t i = 1; i < trace.events.size(); ++i) {
      const SimEvent &a = trace.events[i - 1], &b = trace.events[i];
      const auto gap = b.second - a.second;
      if (a.session != b.session) {
        EXPECT_GT(gap, kLongestGap);
      } else if (trace.person.bot) {
        EXPECT_TRUE(gap >= 1 && gap <= kBotGap) << gap;
      } else {
        EXPECT_TRUE(gap > kBotGap && gap <= kLongestGap) << gap;
      }
    }
  });
}

TEST(Customer, CartsFollowViewsAndPurchasesFollowCarts) {
  const Shop shop({.users = 300});
  std::array<int, 3> counts{};
  for_each_customer(shop, [&](const Trace& trace) {
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
      const SimEvent& e = trace.events[i];
      ++counts[static_cast<std::size_t>(e.action)];
      if (e.action == ActionKind::kView) continue;
      ASSERT_GT(i, 0U);
      EXPECT_EQ(trace.events[i - 1].item, e.item);
      EXPECT_EQ(static_cast<int>(trace.events[i - 1].action),
                static_cast<int>(e.action) - 1);
    }
  });
  EXPECT_GT(counts[0], counts[1]);
  EXPECT_GT(counts[1], counts[2]);
  EXPECT_GT(counts[2], 0);
}

TEST(Customer, ABranchKeepsThePastAndDrawsAnotherFuture) {
  const Shop shop({.users = 40});
  Trace whole, branch, other;
  const auto same = [](const SimEvent& a, const SimEvent& b) {
    return a.second == b.second && a.item == b.item && a.action == b.action;
  };
  std::size_t changed = 0, different = 0, long_enough = 0;
  for (std::uint32_t user = 0; user < 40; ++user) {
    simulate_customer(shop, user, whole);
    const std::size_t kept = whole.events.size() / 2;
    if (kept < 10) continue;
    ++long_enough;
    simulate_branch(shop, user, kept, /*seed=*/1, branch);
    simulate_branch(shop, user, kept, /*seed=*/2, other);
    ASSERT_GE(branch.events.size(), kept);
    EXPECT_TRUE(std::equal(whole.events.begin(),
                           whole.events.begin() + static_cast<long>(kept),
                           branch.events.begin(), same));
    changed += !std::ranges::equal(whole.events, branch.events, same);
    different += !std::ranges::equal(other.events, branch.events, same);
    simulate_branch(shop, user, kept, 1, other);
    EXPECT_TRUE(std::ranges::equal(other.events, branch.events, same));
  }
  EXPECT_GT(long_enough, 10U);
  EXPECT_EQ(changed, long_enough);
  EXPECT_EQ(different, long_enough);
}

TEST(Customer, ItemsAreNotSeenBeforeTheyArrive) {
  const Shop shop({.users = 300, .bots = 0.1, .late_items = 0.5});
  int late = 0;
  for_each_customer(shop, [&](const Trace& trace) {
    for (const SimEvent& e : trace.events) {
      const int session_day = trace.sessions[e.session].day;
      const int arrival = shop.catalogue().arrival_week(e.item);
      EXPECT_LE(arrival, Calendar::week(session_day));
      late += arrival > 0;
    }
  });
  EXPECT_GT(late, 1000);
}

// Sessions after the first, counted per day on which somebody could come.
std::vector<double> visits_by_day(const Shop& shop) {
  std::vector<double> came(static_cast<std::size_t>(shop.options().days)),
      could(came.size());
  for_each_customer(shop, [&](const Trace& trace) {
    const std::size_t last =
        trace.left ? static_cast<std::size_t>(trace.sessions.back().day)
                   : came.size() - 1;
    for (auto d = static_cast<std::size_t>(trace.person.signup) + 1; d <= last;
         ++d) {
      could[d] += 1;
    }
    for (std::size_t s = 1; s < trace.sessions.size(); ++s) {
      came[static_cast<std::size_t>(trace.sessions[s].day)] += 1;
    }
  });
  for (std::size_t d = 0; d < came.size(); ++d)
    came[d] /= std::max(1.0, could[d]);
  return came;
}

double mean_of(const std::vector<double>& values, auto&& wanted) {
  double sum = 0, count = 0;
  for (std::size_t d = 0; d < values.size(); ++d) {
    if (!wanted(static_cast<int>(d))) continue;
    sum += values[d];
    ++count;
  }
  return sum / count;
}

TEST(Customer, SaturdaysAreBusierThanTuesdaysByTheirParameters) {
  const Shop shop({.users = 3000, .bots = 0});
  const auto visits = visits_by_day(shop);
  const auto weekday = [&](int wanted) {
    return mean_of(visits, [&, wanted](int d) {
      return d > 30 && shop.calendar().weekday(d) == wanted;
    });
  };
  EXPECT_NEAR(weekday(/*Saturday*/ 5) / weekday(/*Tuesday*/ 1), 1.3 / 0.8,
              0.15);
}

TEST(Customer, DecemberIsBusierThanJune) {
  const Shop shop({.users = 3000, .bots = 0});  // starts on 6 January
  const auto visits = visits_by_day(shop);
  const double june = mean_of(visits, [](int d) { return d > 145 && d < 175; });
  const double december = mean_of(visits, [](int d) { return d > 329; });
  // 1.25 against 0.75 at the extremes; the mix of segments shifts a little.
  EXPECT_GT(december / june, 1.4);
  EXPECT_LT(december / june, 2.2);
}

TEST(Customer, LeavesForGoodAtTheRateOfTheSegment) {
  const Shop shop({.users = 4000, .bots = 0});
  std::array<double, kSegments.size()> sessions{}, left{};
  for_each_customer(shop, [&](const Trace& trace) {
    const auto s = static_cast<std::size_t>(trace.person.segment);
    sessions[s] += static_cast<double>(trace.sessions.size());
    left[s] += trace.left;
    for (const SimEvent& e : trace.events) {
      EXPECT_LT(e.session, trace.sessions.size());
    }
  });
  for (std::size_t s = 0; s < kSegments.size(); ++s) {
    const double p = kSegments[s].leave;
    EXPECT_NEAR(left[s] / sessions[s], p,
                4 * std::sqrt(p * (1 - p) / sessions[s]))
        << kSegments[s].name;
  }
}

TEST(Customer, PromotionMultipliesTheOddsOfItsCategory) {
  // One taste, so that the odds without promotion are the base weights'.
  const Shop shop({.users = 6000,
                   .items = 200,
                   .tastes = 1,
                   .refill = 0,
                   .bots = 0,
                   .promotions = 1,
                   .promotion_lift = 3});
  ASSERT_EQ(shop.promotions().size(), 1U);
  const Promotion& p = shop.promotions()[0];
  double chosen = 0, others = 0, base = 0, base_others = 0;
  for (int c = 0; c < shop.catalogue().categories(); ++c) {
    (c == p.category ? base : base_others) +=
        shop.base_mission(0, c, p.first_week);
  }
  for_each_customer(shop, [&](const Trace& trace) {
    for (const SessionTruth& s : trace.sessions) {
      const int week = Calendar::week(s.day);
      if (week < p.first_week || week >= p.first_week + p.weeks) continue;
      (s.first_category == p.category ? chosen : others) += 1;
    }
  });
  const double lift = chosen / others / (base / base_others);
  EXPECT_NEAR(std::log(lift), std::log(3.0),
              4 * std::sqrt(1 / chosen + 1 / others))
      << chosen << " of " << chosen + others;
}

TEST(Customer, PromotedItemsAreSoldAtADiscount) {
  const Shop shop({.users = 500});
  int reduced = 0;
  for_each_customer(shop, [&](const Trace& trace) {
    for (const SimEvent& e : trace.events) {
      const double off =
          shop.discount(shop.catalogue().category(e.item),
                        Calendar::week(trace.sessions[e.session].day));
      EXPECT_NEAR(e.price_cents,
                  shop.catalogue().price_cents(e.item) * (1 - off), 0.51);
      reduced += off > 0;
    }
  });
  EXPECT_GT(reduced, 100);
}

TEST(Customer, CampaignEffectIsWhatTheRandomisedTrialMeasures) {
  // Nobody leaves out of sight: compare those who were there on the first day.
  const Shop shop({.users = 60000, .days = 150, .refill = 0, .bots = 0});
  const auto [from, to] = shop.campaign();
  double buyers[2] = {}, people[2] = {}, effect = 0;
  for_each_customer(shop, [&, from = from, to = to](const Trace& trace) {
    const Person& person = trace.person;
    if (!person.in_campaign ||
        (trace.left && trace.sessions.back().day < from)) {
      return;
    }
    bool bought = false;
    for (const SimEvent& e : trace.events) {
      const int day = trace.sessions[e.session].day;
      bought |= e.action == ActionKind::kPurchase && day >= from && day < to;
    }
    people[person.treated] += 1;
    buyers[person.treated] += bought;
    effect += campaign_effect(shop, person.segment, person.response);
  });
  effect /= people[0] + people[1];
  const double control = buyers[0] / people[0], treated = buyers[1] / people[1];
  const double error = std::sqrt(control * (1 - control) / people[0] +
                                 treated * (1 - treated) / people[1]);
  EXPECT_NEAR(treated - control, effect, 4 * error);
  EXPECT_GT(effect, 4 * error);
}

TEST(Customer, RefillsComeBackWithinTheirCycle) {
  const Shop shop({.users = 1000, .bots = 0});
  int refills = 0;
  for_each_customer(shop, [&](const Trace& trace) {
    int bought = -1;  // day of the last purchase that is used up
    std::size_t next = 0;
    for (std::size_t s = 0; s < trace.sessions.size(); ++s) {
      const SessionTruth& session = trace.sessions[s];
      if (session.refill) {
        ++refills;
        ASSERT_GE(bought, 0);
        const double cycles = static_cast<double>(session.day - bought) /
                              shop.cycle(session.first_category);
        EXPECT_TRUE(cycles >= 0.8 && cycles <= 1.6) << cycles;
      }
      for (; next < trace.events.size() && trace.events[next].session == s;
           ++next) {
        const SimEvent& e = trace.events[next];
        const bool used_up = shop.cycle(shop.catalogue().category(e.item)) > 0;
        if (e.action == ActionKind::kPurchase && used_up) bought = session.day;
      }
    }
  });
  EXPECT_GT(refills, 100);
}

TEST(Customer, SearchesInChineseInChina) {
  const Shop shop({.users = 200, .bots = 0});
  for_each_customer(shop, [&](const Trace& trace) {
    for (const SimEvent& e : trace.events) {
      if (e.query == 0) continue;
      const std::string text = query_text(shop.catalogue(), e.item, e.query);
      EXPECT_EQ(static_cast<unsigned char>(text[0]) > 127,
                trace.person.region == kChina)
          << text;
    }
  });
}

TEST(SimulateOptions, NamesTheOptionTheValueAndWhatWasExpected) {
  try {
    const Shop shop({.users = 0});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "simulate.users: 0, expected between 1 and 10000000");
  }
  EXPECT_THROW(Shop({.start = "2025-02-30"}), Error);
  EXPECT_THROW(Shop({.start = "yesterday"}), Error);
  EXPECT_THROW(Shop({.items = 9}), Error);
}

}  // namespace
}  // namespace ensue::simulate
