// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/purchases.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/rng.h"

namespace ensue::runtime {
namespace {

using artifact::BgNbd, artifact::GammaGamma, events::PurchaseSummary;

// Of the CDNOW sample, as published (Fader, Hardie & Lee 2005, table 2).
constexpr BgNbd kCdnow = {0.243, 4.414, 0.793, 2.426};

struct Case {
  BgNbd model;
  PurchaseSummary customer;
  double horizon, alive, mean;
  double p[4];  // of 0, 1, 2 and 5 purchases
};

// 40 digits by mpmath 1.2.1: hyp2f1 for the mean (eq. 10), eq. 8 for the rest.
const Case kCases[] = {
    {kCdnow,
     {2, 30.43, 38.86},
     39,
     0.726578570080672911,
     1.22602817476714445,
     {0.445372862082995568, 0.239318937435027763, 0.144183221864584687,
      0.0228638128981190366}},
    {kCdnow,
     {0, 0, 38.86},
     39,
     1,
     0.195098052011262639,
     {0.855449459216681549, 0.109872988800717796, 0.0242841193348417675,
      0.000777432736097389636}},
    {kCdnow,
     {200, 38, 39},
     39,
     0.704953052004726743,
     96.9581362402317469,
     {0.295046947995273257, 0.00275086369994807723, 0.00272671169345501389,
      0.00265620386147931795}},
    {kCdnow,  // plain sums overflow here
     {3000, 38.9, 39},
     52,
     0.789186768739839901,
     2025.36284007788259,
     {0.210813231260160099, 0.000208384772342840479, 0.000208260402615862948,
      0.000207887986374605832}},
    {{2, 3, 1.5, 0.2},  // a new customer, far ahead
     {0, 0, 0},
     1000,
     1,
     1.3807330097954961,
     {8.94624203163192377e-6, 0.882347146135520534, 0.065359121406745329,
      0.00557050441955808111}},
    {{0.5, 1, 0.3, 0.6},  // a + b below 1
     {0, 0, 2},
     10,
     1,
     1.12617344666684932,
     {0.4803844614152614, 0.296380682455236303, 0.0950899584627101292,
      0.0171284686936895391}},
    {{0.243, 4.414, 1.000001, 2.426},  // 0 / 0 nearly
     {3, 20, 30},
     50,
     0.592461756698377841,
     1.97089256688814734,
     {0.439818001204535876, 0.139531002305458003, 0.11357769777706421,
      0.0479298731799570383}},
};

TEST(PurchaseEquations, EqualHighPrecision) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.mean);
    EXPECT_NEAR(alive(c.model, c.customer), c.alive, 1e-12);
    EXPECT_NEAR(expected_purchases(c.model, c.customer, c.horizon) / c.mean, 1,
                1e-10);
    const auto counts = purchase_counts(c.model, c.customer, c.horizon);
    const std::size_t places[] = {0, 1, 2, 5};
    for (int i = 0; i < 4; ++i) {
      EXPECT_NEAR(counts[places[i]] / c.p[i], 1, 1e-8) << places[i];
    }
  }
}

// The paper's spreadsheet: "a customer with x = 2, t_x = 30.43, T = 38.86".
TEST(ExpectedPurchases, EqualsThePublishedExample) {
  EXPECT_NEAR(expected_purchases(kCdnow, {2, 30.43, 38.86}, 39), 1.226, 5e-4);
}

TEST(ExpectedPurchases, IsOrdinaryWhereTheFormulaDividesByZero) {
  EXPECT_NEAR(expected_purchases({0.243, 4.414, 1, 2.426}, {3, 20, 30}, 50) /
                  1.97089392897189213,
              1, 1e-12);
  EXPECT_NEAR(expected_purchases({0.5, 1, 0.4, 0.6}, {0, 0, 2}, 10),
              1.0324029878672751, 1e-12);
}

TEST(PurchaseCounts, HaveTheExpectedMean) {
  for (const Case& c : kCases) {
    const auto counts = purchase_counts(c.model, c.customer, c.horizon);
    EXPECT_NEAR(counts.mean() / c.mean, 1, 1e-8) << c.mean;
  }
}

// The story told by drawing: rate and stopping chance of the posterior of a
// customer that is alive, then one purchase after the other.
TEST(PurchaseCounts, AreThoseOfTheSimulatedStory) {
  const BgNbd model = {2, 5, 1.5, 3};
  const double horizon = 20;
  Rng rng(1);
  const auto gamma_of_two = [&] {
    return rng.exponential() + rng.exponential();
  };
  std::vector<double> seen(4);
  constexpr int kCustomers = 200'000;
  for (int i = 0; i < kCustomers; ++i) {
    const double rate = gamma_of_two() / model.alpha;
    // Beta(1.5, 3) as a ratio of Gammas: 1.5 = 1 + half a squared normal.
    const double half = rng.normal();
    const double g = rng.exponential() + half * half / 2;
    const double stop =
        g / (g + rng.exponential() + rng.exponential() + rng.exponential());
    std::size_t count = 0;
    for (double t = rng.exponential() / rate; t < horizon;
         t += rng.exponential() / rate) {
      ++count;
      if (rng.chance(stop)) break;
    }
    if (count < seen.size()) seen[count] += 1.0 / kCustomers;
  }
  const auto counts = purchase_counts(model, {0, 0, 0}, horizon);
  for (std::size_t n = 0; n < seen.size(); ++n) {
    EXPECT_NEAR(counts[n], seen[n], 0.004) << n;
  }
}

TEST(PurchaseEquations, ExpectNothingWithinNoTime) {
  EXPECT_EQ(expected_purchases(kCdnow, {2, 30, 39}, 0), 0);
  EXPECT_EQ(purchase_counts(kCdnow, {2, 30, 39}, 0)[0], 1);
}

// Fader & Hardie 2013: the first customer of the CDNOW sample.
TEST(ExpectedSpend, EqualsThePublishedExample) {
  const GammaGamma model = {6.25, 3.74, 15.44};
  EXPECT_NEAR(expected_spend(model, {2, 30.43, 38.86, 22.35}), 24.66, 0.01);
}

TEST(ExpectedSpend, IsThatOfAllWhereNothingIsKnown) {
  const GammaGamma model = {6, 4, 15};
  EXPECT_DOUBLE_EQ(expected_spend(model, {0, 0, 10, 0}), 6 * 15 / 3.0);
  EXPECT_DOUBLE_EQ(expected_spend(model, {3, 5, 10, 0}), 6 * 15 / 3.0);
  EXPECT_TRUE(std::isinf(expected_spend({1, 0.5, 1}, {})));
}

artifact::Draft draft_of(const std::vector<double>& counts,
                         const std::vector<double>& spend) {
  artifact::PurchasesConfig config;
  config.action = "buy";
  config.unit_days = 1;
  config.spend = !spend.empty();
  artifact::Description about;
  about.model = {"p", {}, {}, {{"purchases", write_fields(config)}}};
  artifact::Draft out(about);
  const auto add = [&](const char* name, const std::vector<double>& values) {
    if (values.empty()) return;
    out.add<double>(name, {static_cast<std::int64_t>(values.size())}, values);
  };
  add("heads.0.counts", counts);
  add("heads.0.spend", spend);
  return out;
}

PurchaseModel load(const artifact::Draft& draft) {
  return PurchaseModel(*artifact::Artifact::from_bytes(draft.bytes(), "test"));
}

TEST(PurchaseModel, ReadsWhatTheArtifactHolds) {
  const PurchaseModel model = load(draft_of({1, 2, 3, 4}, {5, 6, 7}));
  EXPECT_EQ(model.counts().alpha, 2);
  EXPECT_EQ(model.spend().gamma, 7);
  EXPECT_EQ(model.units().unit_days, 1);
  EXPECT_EQ(model.action(), "buy");
  EXPECT_FALSE(load(draft_of({1, 2, 3, 4}, {})).spend().fitted());
}

TEST(PurchaseModel, RefusesParametersThatCannotBe) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(load(draft_of({1, -2, 3, 4}, {})), Error);
  EXPECT_THROW(load(draft_of({1, 2, nan, 4}, {})), Error);
  EXPECT_THROW(load(draft_of({1, 2, 3}, {})), Error);
  EXPECT_THROW(load(draft_of({}, {})), Error);
}

}  // namespace
}  // namespace ensue::runtime
