// SPDX-License-Identifier: Apache-2.0
// What the oracle says must come true as often as it says.
#include "ensue/simulate/oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "ensue/base/error.h"

namespace ensue::simulate {
namespace {

constexpr int kDay = 300, kHorizon = 45;
constexpr std::uint32_t kUsers = 6000;

// What was said of everybody with events before kDay, and what came true.
struct Said {
  Standing standing;
  Person person;
  bool active, left;
  std::size_t events;  // before the day
};

std::vector<Said> everybody(const Shop& shop, int day = kDay) {
  const Oracle oracle(shop);
  std::vector<Said> out;
  Trace trace;
  const auto from = shop.calendar().midnight(day),
             to = shop.calendar().midnight(day + kHorizon);
  for (std::uint32_t u = 0; u < kUsers; ++u) {
    simulate_customer(shop, u, trace);
    const auto before =
        std::ranges::lower_bound(trace.events, from, {}, &SimEvent::second);
    if (before == trace.events.begin()) continue;
    const std::span past(trace.events.begin(), before);
    const bool active = before != trace.events.end() && before->second < to;
    const bool left = trace.left && before == trace.events.end();
    out.push_back({oracle.standing(past, day, kHorizon), trace.person, active,
                   left, past.size()});
  }
  return out;
}

// The mean of what was said and of what came true, in five equal parts by what
// was said: apart by no more than chance allows.
template <class Says, class True>
void expect_calibrated(std::vector<Said> all, const Says& says,
                       const True& came_true, const std::string& what) {
  std::ranges::sort(all, {}, says);
  for (std::size_t part = 0; part < 5; ++part) {
    const std::size_t begin = all.size() * part / 5,
                      end = all.size() * (part + 1) / 5;
    double said = 0, truth = 0, variance = 1e-9;
    for (std::size_t i = begin; i < end; ++i) {
      const double p = says(all[i]);
      said += p;
      variance += p * (1 - p);
      truth += came_true(all[i]) ? 1 : 0;
    }
    EXPECT_NEAR(said, truth, 4 * std::sqrt(variance) + 1)
        << what << ", part " << part << " of " << end - begin;
  }
}

TEST(Oracle, SaysHowManyComeBack) {
  const Shop shop({.users = kUsers, .items = 60});
  expect_calibrated(
      everybody(shop), [](const Said& s) { return s.standing.active; },
      [](const Said& s) { return s.active; }, "active");
}

TEST(Oracle, SaysHowManyHaveLeft) {
  const Shop shop({.users = kUsers, .items = 60});
  expect_calibrated(
      everybody(shop),
      [](const Said& s) { return 1 - s.standing.there - s.standing.bot; },
      [](const Said& s) { return s.left; }, "left");
}

TEST(Oracle, SaysHowManyAreOfASegmentAndOfATaste) {
  const Shop shop({.users = kUsers, .items = 60, .bots = 0});
  const auto all = everybody(shop);
  for (std::size_t k = 0; k < kSegments.size(); ++k) {
    expect_calibrated(
        all, [&](const Said& s) { return s.standing.segments[k]; },
        [&](const Said& s) {
          return static_cast<std::size_t>(s.person.segment) == k;
        },
        std::string(kSegments[k].name));
  }
  expect_calibrated(
      all, [](const Said& s) { return s.standing.tastes[0]; },
      [](const Said& s) { return s.person.taste == 0; }, "taste 0");
}

TEST(Oracle, IsSureOfBotsAfterAFewEvents) {
  const Shop shop({.users = kUsers, .items = 60, .bots = 0.05});
  for (const Said& s : everybody(shop)) {
    if (s.events < 3) continue;
    EXPECT_EQ(s.standing.bot > 0.5, s.person.bot) << s.standing.bot;
  }
}

TEST(Oracle, MeansTheEffectOverThoseInTheCampaign) {
  const Shop shop({.users = kUsers, .items = 60, .bots = 0});
  const Oracle oracle(shop);
  const int day = shop.campaign().first;
  double said = 0, truth = 0;
  std::size_t count = 0;
  Trace trace;
  for (std::uint32_t u = 0; u < kUsers; ++u) {
    simulate_customer(shop, u, trace);
    if (!trace.person.in_campaign) continue;
    const auto before = std::ranges::lower_bound(
        trace.events, shop.calendar().midnight(day), {}, &SimEvent::second);
    said +=
        oracle.standing(std::span(trace.events.begin(), before), day, kHorizon)
            .effect;
    truth += oracle.true_effect(trace);
    ++count;
  }
  // Effects stay below 0.3: four standard errors of their mean.
  EXPECT_NEAR(said / static_cast<double>(count),
              truth / static_cast<double>(count),
              4 * 0.15 / std::sqrt(static_cast<double>(count)));
}

TEST(Oracle, RefusesEventsOfLaterDays) {
  const Shop shop({.users = 5, .items = 60});
  Trace trace;
  simulate_customer(shop, 0, trace);
  const Oracle oracle(shop);
  EXPECT_THROW(oracle.standing({}, 10, 10), Error);
  EXPECT_THROW(oracle.standing(trace.events, trace.person.signup, 10), Error);
}

}  // namespace
}  // namespace ensue::simulate
