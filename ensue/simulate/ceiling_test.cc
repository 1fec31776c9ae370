// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/ceiling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/threads.h"
#include "ensue/simulate/simulate.h"

namespace ensue::simulate {
namespace {

using Knows = BayesPredictor::Knows;

struct Simulated {
  Shop shop;
  events::Log log;
  explicit Simulated(const SimulateOptions& options)
      : shop(options), log(simulate_log(shop)) {}
};

const Simulated& small() {
  static const Simulated out({.users = 600, .items = 200, .days = 200});
  return out;
}

std::vector<std::uint32_t> every_history(const events::History& history) {
  std::vector<std::uint32_t> out(history.size());
  std::iota(out.begin(), out.end(), 0U);
  return out;
}

// Mean and standard error over customers of a sum over their events.
struct Spread {
  double sum = 0, squares = 0, count = 0;
  void add(double value) {
    sum += value;
    squares += value * value;
    ++count;
  }
  double mean() const { return sum / count; }
  double error() const {
    return std::sqrt((squares / count - mean() * mean()) / count);
  }
};

// -ln P(what came) less its expectation, the entropy: zero in the mean only
// for who computes the right distribution.
Spread surprise(const Simulated& s, Knows knows) {
  const BayesPredictor predictor(s.shop, s.log, knows);
  Spread out;
  for (std::uint32_t u = 0; u < s.log.users(); ++u) {
    const auto history = s.log.history(events::UserId{u});
    double total = 0;
    predictor.predict(events::UserId{u}, every_history(history),
                      [&](std::size_t q, std::span<const double> log_p) {
                        total -= log_p[events::index(history.items[q])];
                        for (const double x : log_p) total += std::exp(x) * x;
                      });
    out.add(total);
  }
  return out;
}

TEST(BayesPredictor, KnowingTheLogItIsAsSurprisedAsItExpects) {
  const Spread s = surprise(small(), Knows::kLog);
  EXPECT_NEAR(s.mean(), 0, 3.5 * s.error());
}

TEST(BayesPredictor, KnowingTheTruthItIsAsSurprisedAsItExpects) {
  const Spread s = surprise(small(), Knows::kTruth);
  EXPECT_NEAR(s.mean(), 0, 3.5 * s.error());
}

TEST(BayesPredictor, ProbabilitiesSumToOne) {
  const auto& [shop, log] = small();
  for (const Knows knows : {Knows::kLog, Knows::kTruth}) {
    const BayesPredictor predictor(shop, log, knows);
    ASSERT_EQ(predictor.items(), log.items());
    for (std::uint32_t u = 0; u < 50; ++u) {
      const auto history = log.history(events::UserId{u});
      predictor.predict(events::UserId{u}, every_history(history),
                        [&](std::size_t q, std::span<const double> log_p) {
                          double sum = 0;
                          for (const double x : log_p) sum += std::exp(x);
                          EXPECT_NEAR(sum, 1, 1e-9) << u << " " << q;
                        });
    }
  }
}

TEST(BayesPredictor, OneAnswerEqualsTheSameAmongMany) {
  const auto& [shop, log] = small();
  const BayesPredictor predictor(shop, log, Knows::kTruth);
  const events::UserId user{3};
  const auto histories = every_history(log.history(user));
  std::vector<float> one(log.items());
  predictor.predict(user, histories,
                    [&](std::size_t q, std::span<const double> log_p) {
                      predictor.scores(log, user, q, one);
                      for (std::size_t i = 0; i < one.size(); ++i) {
                        ASSERT_EQ(one[i], static_cast<float>(log_p[i]));
                      }
                    });
}

TEST(BayesPredictor, GivesWhatArrivesLaterNoMoreThanALaterSessionCanHave) {
  const auto& [shop, log] = small();
  const BayesPredictor predictor(shop, log, Knows::kTruth);
  const auto* from = log.item_table().find("available_from");
  std::size_t later = 0;
  for (std::uint32_t u = 0; u < 50; ++u) {
    const std::uint32_t one[] = {1};  // after the first view
    const auto first = log.history(events::UserId{u}).times[0];
    const int day = shop.calendar().day_of(events::count(first) / 1000);
    const std::string week_end = shop.calendar().date(day / 7 * 7 + 6);
    predictor.predict(events::UserId{u}, one,
                      [&](std::size_t, std::span<const double> log_p) {
                        double sum = 0;
                        for (std::size_t i = 0; i < log_p.size(); ++i) {
                          if (from->text(i) <= week_end) continue;
                          sum += std::exp(log_p[i]);
                          ++later;
                        }
                        EXPECT_LT(sum, 1 - shop.options().more);
                      });
  }
  EXPECT_GT(later, 50U);
}

TEST(BayesPredictor, RefusesALogOfAnotherShop) {
  events::LogBuilder builder;
  builder.add("ann", "tea", events::Millis{1});
  const events::Log log = builder.build();
  EXPECT_THROW(BayesPredictor(small().shop, log, Knows::kLog), Error);
}

TEST(BayesPredictor, NamesTheEventThatCannotHappen) {
  const auto& [shop, log] = small();
  const events::Log mixed = shuffle_items(log, /*seed=*/1);
  const BayesPredictor predictor(shop, mixed, Knows::kLog);
  const auto queries = last_queries(mixed);
  try {
    for (const auto& q : queries) {
      const std::uint32_t history[] = {q.history};
      predictor.predict(q.user, history, [](auto, auto) {});
    }
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("cannot happen in this shop"),
              std::string::npos);
  }
}

TEST(LastQueries, AreTheLastTenthOfTheLogByTime) {
  const auto& log = small().log;
  const auto queries = last_queries(log, 0.1);
  EXPECT_NEAR(static_cast<double>(queries.size()),
              0.1 * static_cast<double>(log.size()), 2);
  events::Millis first{INT64_MAX};
  for (const auto& q : queries) {
    first = std::min(first, log.history(q.user).times[q.history]);
  }
  const auto& times = log.columns().times;
  EXPECT_EQ(std::ranges::count_if(times, [&](auto t) { return t >= first; }),
            static_cast<std::ptrdiff_t>(queries.size()));
}

TEST(Ceilings, KnowingTheTruthIsBetterThanKnowingTheLog) {
  const auto& [shop, log] = small();
  const Ceilings c = compute_ceilings(shop, log, last_queries(log));
  EXPECT_LT(c.truth.log_loss, c.log.log_loss);
  EXPECT_GT(c.truth.recall_at_10, c.log.recall_at_10);
  EXPECT_GT(c.log.recall_at_10, 0.5);
  EXPECT_LT(c.truth.recall_at_10, 1);
}

TEST(Ceilings, DoNotDependOnThreads) {
  const auto& [shop, log] = small();
  const auto queries = last_queries(log, 0.02);
  set_threads(1);
  const Ceilings one = compute_ceilings(shop, log, queries);
  set_threads(4);
  const Ceilings four = compute_ceilings(shop, log, queries);
  set_threads(0);
  EXPECT_EQ(one.log.log_loss, four.log.log_loss);
  EXPECT_EQ(one.truth.recall_at_10, four.truth.recall_at_10);
}

// First-order transition counts with back-off to popularity, fitted on what
// lies before the queries; the mean over customers of hits among ten.
double markov_recall(const events::Log& log,
                     std::span<const NextItemQuery> queries) {
  const std::size_t n = log.items();
  std::vector<double> counts(n * n, 0), popular(n, 1);
  std::vector<std::uint32_t> until(log.users());
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    until[u] =
        static_cast<std::uint32_t>(log.history(events::UserId{u}).size());
  }
  for (const auto& q : queries) {
    auto& end = until[events::index(q.user)];
    end = std::min(end, q.history);
  }
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto h = log.history(events::UserId{u});
    for (std::uint32_t i = 0; i < until[u]; ++i) {
      const auto item = events::index(h.items[i]);
      ++popular[item];
      if (i > 0) ++counts[events::index(h.items[i - 1]) * n + item];
    }
  }
  const double total = std::accumulate(popular.begin(), popular.end(), 0.0);
  std::vector<double> hits(log.users()), asked(log.users());
  for (const auto& q : queries) {
    const auto h = log.history(q.user);
    const auto score = [&](std::size_t item) {
      const double prior = popular[item] / total;
      if (q.history == 0) return prior;
      const auto last = events::index(h.items[q.history - 1]);
      return counts[last * n + item] + 10 * prior;
    };
    const double target = score(events::index(h.items[q.history]));
    int rank = 0;
    for (std::size_t i = 0; i < n; ++i) rank += score(i) >= target;
    hits[events::index(q.user)] += rank <= 10;
    ++asked[events::index(q.user)];
  }
  double sum = 0, customers = 0;
  for (std::size_t u = 0; u < hits.size(); ++u) {
    if (asked[u] > 0) sum += hits[u] / asked[u];
    customers += asked[u] > 0;
  }
  return sum / customers;
}

TEST(Ceilings, FirstOrderMarkovStaysUnderSeventyPercent) {
  const Simulated shop{SimulateOptions{}};
  const auto queries = last_queries(shop.log, 0.1, /*customers=*/400);
  const Ceilings c = compute_ceilings(shop.shop, shop.log, queries);
  const double markov = markov_recall(shop.log, queries);
  EXPECT_LT(markov, 0.65 * c.log.recall_at_10);
  EXPECT_GT(markov, 0.2 * c.log.recall_at_10);  // it is a fair opponent
}

}  // namespace
}  // namespace ensue::simulate
