// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/purchases.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/classic/internal/digamma.h"
#include "ensue/classic/internal/maximise.h"

namespace ensue::classic {
namespace {

using artifact::BgNbd, artifact::GammaGamma;
using Customers = std::vector<events::PurchaseSummary>;

constexpr BgNbd kCdnow = {0.243, 4.414, 0.793, 2.426};

// mpmath 1.2.1 with 40 digits.
TEST(Digamma, EqualsHighPrecision) {
  EXPECT_NEAR(digamma(0.01), -100.5608854578686745, 1e-12);
  EXPECT_NEAR(digamma(0.5), -1.9635100260214234794, 1e-14);
  EXPECT_NEAR(digamma(1), -0.57721566490153286061, 1e-14);
  EXPECT_NEAR(digamma(3.7), 1.1671535393615113859, 1e-14);
  EXPECT_NEAR(digamma(8), 2.0156414779556099965, 1e-14);
  EXPECT_NEAR(digamma(1e5), 11.512920464961895087, 1e-13);
}

TEST(Maximise, FindsTheHigherOfTwoHills) {
  // e^-(x - 3)^2 + e^-(x + 3)^2 / 2, from both sides.
  const auto hills = [](std::span<const double> x, std::span<double> slope) {
    const double right = std::exp(-(x[0] - 3) * (x[0] - 3));
    const double left = std::exp(-(x[0] + 3) * (x[0] + 3)) / 2;
    slope[0] = -2 * (x[0] - 3) * right - 2 * (x[0] + 3) * left;
    return right + left;
  };
  const Maximum best = maximise(hills, {{-2.5}, {2.5}}, 10);
  EXPECT_NEAR(best.place[0], 3, 1e-4);
  EXPECT_NEAR(best.value, 1, 1e-8);
}

// mpmath 1.2.1 with 40 digits, eq. 6 as printed.
TEST(BgNbdLikelihood, EqualsHighPrecision) {
  const auto of = [](const BgNbd& model, events::PurchaseSummary customer) {
    return log_likelihood(model, Customers{customer});
  };
  EXPECT_NEAR(of(kCdnow, {2, 30.43, 38.86}), -9.45860630706627125, 1e-12);
  EXPECT_NEAR(of(kCdnow, {0, 0, 38.86}), -0.554713276438158451, 1e-12);
  EXPECT_NEAR(of(kCdnow, {200, 38, 39}), 100.000108243681439, 1e-10);
  EXPECT_NEAR(of(kCdnow, {3000, 38.9, 39}), 9698.3020809213105, 1e-8);
  EXPECT_NEAR(of({0.5, 1, 0.3, 0.6}, {0, 0, 2}), -0.549306144334054846, 1e-12);
}

TEST(GammaGammaLikelihood, EqualsHighPrecision) {
  EXPECT_NEAR(log_likelihood(GammaGamma{6.25, 3.74, 15.44},
                             Customers{{2, 1, 2, 22.35}}),
              -3.55131675973170473, 1e-12);
}

// Of f by the logarithms of its parameters.
template <class Model, std::size_t kSize>
void expect_gradient(
    const std::function<Model(std::array<double, kSize>)>& make,
    const std::array<double, kSize>& logs, const Customers& customers) {
  std::array<double, kSize> gradient;
  log_likelihood(make(logs), customers, &gradient);
  for (std::size_t i = 0; i < kSize; ++i) {
    auto above = logs, below = logs;
    above[i] += 1e-5;
    below[i] -= 1e-5;
    const double slope = (log_likelihood(make(above), customers) -
                          log_likelihood(make(below), customers)) /
                         2e-5;
    EXPECT_NEAR(gradient[i], slope, 1e-6 * std::max(1.0, std::abs(slope))) << i;
  }
}

const Customers kSome = {
    {2, 30, 38, 20}, {0, 0, 38, 0}, {7, 10, 20, 35.5}, {1, 1, 30, 4}};

TEST(Likelihoods, HaveTheGradientOfDifferences) {
  expect_gradient<BgNbd, 4>(
      [](std::array<double, 4> x) {
        return BgNbd{std::exp(x[0]), std::exp(x[1]), std::exp(x[2]),
                     std::exp(x[3])};
      },
      {-1.2, 1.1, -0.3, 0.8}, kSome);
  expect_gradient<GammaGamma, 3>(
      [](std::array<double, 3> x) {
        return GammaGamma{std::exp(x[0]), std::exp(x[1]), std::exp(x[2])};
      },
      {1.5, 1.2, 2.5}, kSome);
}

double gamma_draw(Rng& rng, int twice_shape) {  // shape in halves
  double out = 0;
  for (int i = 0; i < twice_shape / 2; ++i) out += rng.exponential();
  if (twice_shape % 2 != 0) {
    const double normal = rng.normal();
    out += normal * normal / 2;
  }
  return out;
}

// r = 1.5, alpha = 6, a = 1, b = 2.5; p = 5, q = 4, gamma = 20.
Customers simulate(std::size_t customers, std::uint64_t seed) {
  Rng rng(seed);
  Customers out;
  for (std::size_t i = 0; i < customers; ++i) {
    events::PurchaseSummary c;
    c.age = 30 + 20 * rng.uniform();
    const double rate = gamma_draw(rng, 3) / 6;
    const double x = gamma_draw(rng, 2), y = gamma_draw(rng, 5);
    const double stop = x / (x + y);
    const double scale = gamma_draw(rng, 8) / 20;
    double paid = 0;
    for (double t = rng.exponential() / rate; t <= c.age;
         t += rng.exponential() / rate) {
      ++c.repeats;
      c.recency = t;
      paid += gamma_draw(rng, 10) / scale;
      if (rng.chance(stop)) break;
    }
    c.spend = c.repeats > 0 ? paid / c.repeats : 0;
    out.push_back(c);
  }
  return out;
}

TEST(FitBgNbd, RecoversWhatTheCustomersWereDrawnFrom) {
  const BgNbdFit fit = fit_bg_nbd(simulate(40000, 1));
  EXPECT_NEAR(fit.model.r, 1.5, 0.08);
  EXPECT_NEAR(fit.model.alpha, 6, 0.35);
  EXPECT_NEAR(fit.model.a, 1, 0.08);
  EXPECT_NEAR(fit.model.b, 2.5, 0.25);
}

TEST(FitBgNbd, IsAMaximum) {
  const Customers customers = simulate(2000, 2);
  const BgNbdFit fit = fit_bg_nbd(customers);
  std::array<double, 4> gradient;
  EXPECT_EQ(log_likelihood(fit.model, customers, &gradient),
            fit.log_likelihood);
  for (const double slope : gradient) EXPECT_NEAR(slope, 0, 0.05);
  EXPECT_GE(fit.log_likelihood,
            log_likelihood(BgNbd{1.5, 6, 1, 2.5}, customers));
}

TEST(FitGammaGamma, RecoversWhatTheCustomersPaid) {
  const GammaGammaFit fit = fit_gamma_gamma(simulate(40000, 3));
  EXPECT_NEAR(fit.model.p, 5, 0.25);
  EXPECT_NEAR(fit.model.q, 4, 0.2);
  EXPECT_NEAR(fit.model.gamma, 20, 2);
}

TEST(FitGammaGamma, IsNotFittedWithoutDifferences) {
  EXPECT_FALSE(
      fit_gamma_gamma(Customers{{1, 1, 2, 5}, {2, 1, 2, 5}}).model.fitted());
  EXPECT_FALSE(fit_gamma_gamma(Customers{{1, 1, 2, 0}}).model.fitted());
}

std::string refusal(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(FitBgNbd, RefusesCustomersThatCannotBe) {
  EXPECT_EQ(refusal([] { fit_bg_nbd({}); }),
            "purchases: no customer has bought anything");
  EXPECT_EQ(refusal([] {
              fit_bg_nbd(Customers{{0, 0, 3}, {0, 0, 5}});
            }),
            "purchases: no customer has bought twice");
  EXPECT_EQ(refusal([] {
              fit_bg_nbd(Customers{{1, 1, 2}, {1, 5, 3}});
            }),
            "purchases: customer 1 has 1.000000 repeats until 5.000000 at age "
            "3.000000");
}

events::Log shop() {
  events::LogBuilder builder;
  Rng rng(4);
  for (int user = 0; user < 300; ++user) {
    const std::string name = "u" + std::to_string(user);
    auto day = static_cast<std::int64_t>(rng.below(60));
    builder.add(name, "i", events::Millis{0}, "view");
    for (int n = 0; n < 6 && day < 300; ++n) {
      builder.add(name, "i", events::Millis{day * events::kDayMs}, "buy",
                  static_cast<float>(1 + rng.below(50)));
      day += 1 + static_cast<std::int64_t>(rng.below(90));
      if (rng.chance(0.2)) break;
    }
  }
  return builder.build();
}

TEST(FitPurchases, KeepsParametersAndWhatTheyWereLearntFrom) {
  const events::Millis until{200 * events::kDayMs};
  const events::Log log = shop();
  const PurchaseOptions options{.action = "buy"};
  const auto draft = fit_purchases(log, until, options);
  const auto made = artifact::Artifact::from_bytes(draft.bytes(), "made");
  const auto customers = summarise_customers(log, until, options);
  EXPECT_EQ(customers.size(), 300U);
  const BgNbdFit fit = fit_bg_nbd(customers);
  EXPECT_EQ(made->tensor("heads.0.counts").as<double>()[1], fit.model.alpha);
  EXPECT_EQ(made->tensor("heads.0.spend").as<double>().size(), 3U);
  EXPECT_EQ(made->description().model.heads[0].type, "purchases");
  EXPECT_EQ(made->description().metrics.at("log_likelihood").as_double(),
            fit.log_likelihood);
}

TEST(FitPurchases, RefusesAnUnknownActionAndALogWithoutAClock) {
  EXPECT_EQ(refusal([] {
              fit_purchases(shop(), events::Millis{1}, {.action = "rent"});
            }),
            "purchases: the log has no action 'rent'");
  EXPECT_EQ(refusal([] { fit_purchases(shop(), events::Millis{-5}, {}); }),
            "purchases: no customer has bought anything");
  events::Schema order;
  order.has_clock = false;
  EXPECT_EQ(refusal([&] {
              fit_purchases(events::LogBuilder(order).build(),
                            events::Millis{1}, {});
            }),
            "purchases: the log has no clock, only an order");
}

}  // namespace
}  // namespace ensue::classic
