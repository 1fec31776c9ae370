// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/tune.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "ensue/base/error.h"
#include "ensue/train/fit.h"
#include "ensue/train/internal/toy_log.h"

namespace ensue::train {
namespace {

using Loss = std::function<std::optional<double>(const TrialPlan&)>;

std::vector<TrialRecord> searched(const std::vector<Dimension>& space,
                                  const TuneOptions& options, int epochs,
                                  const Loss& loss) {
  std::vector<TrialRecord> out;
  while (const auto plan = next_trial(space, options, epochs, out)) {
    out.push_back({plan->trial, plan->epochs, plan->place, loss(*plan)});
  }
  return out;
}

TuneOptions options_of(const std::string& method, int trials, int seed = 1) {
  TuneOptions out;
  out.method = method;
  out.trials = trials;
  out.seed = seed;
  return out;
}

double best_of(const std::vector<TrialRecord>& records) {
  double best = 1e9;
  for (const auto& record : records) best = std::min(best, *record.loss);
  return best;
}

const std::vector<Dimension>& smooth_space() {
  static const std::vector<Dimension> space = parse_space(
      JsonArray{"train.learning_rate=1e-5..1e-1:log", "train.warmup=0.0..1.0",
                "model.layers=1..8", "model.width=16|32|64|128"});
  return space;
}

// Lowest, 0, at 1e-3, 0.3, 6 and 64.
double smooth(const Place& place) {
  const auto& s = smooth_space();
  const double rate = std::log10(s[0].at(place[0]).as_double()) + 3;
  const double warmup = s[1].at(place[1]).as_double() - 0.3;
  const double layers =
      (static_cast<double>(s[2].at(place[2]).as_int64()) - 6) / 7;
  const double width =
      std::log2(static_cast<double>(s[3].at(place[3]).as_int64()) / 64);
  return rate * rate / 4 + warmup * warmup + layers * layers +
         width * width / 4;
}

TEST(Tune, TpeBeatsRandomSearchOnASmoothFunction) {
  constexpr int kSeeds = 20;
  double random = 0, tpe = 0;
  int won = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const auto run = [&](const char* method) {
      return best_of(
          searched(smooth_space(), options_of(method, 60, seed), 1,
                   [](const TrialPlan& plan) { return smooth(plan.place); }));
    };
    const double by_random = run("random"), by_tpe = run("tpe");
    random += by_random;
    tpe += by_tpe;
    won += by_tpe < by_random ? 1 : 0;
  }
  EXPECT_LT(tpe, 0.6 * random)
      << "means " << tpe / kSeeds << " and " << random / kSeeds;
  EXPECT_GE(won, 15) << "of " << kSeeds << " seeds";
}

TEST(Tune, TpeTurnsAwayFromWhatFails) {
  const auto space = parse_space(JsonArray{"model.width=16|32"});
  const auto records =
      searched(space, options_of("tpe", 60), 1,
               [&](const TrialPlan& plan) -> std::optional<double> {
                 if (space[0].at(plan.place[0]) == Json(16)) return {};
                 return 1.0;
               });
  int failed = 0;
  for (std::size_t i = 20; i < records.size(); ++i) {
    failed += records[i].loss ? 0 : 1;
  }
  EXPECT_LT(failed, 10) << "of 40; at random 20";
}

TEST(Tune, TpeFindsTheRareCombinationThatTrains) {
  const auto space = parse_space(
      JsonArray{"model.width=1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16"});
  const auto records =
      searched(space, options_of("tpe", 80), 1,
               [&](const TrialPlan& plan) -> std::optional<double> {
                 if (space[0].at(plan.place[0]) != Json(5)) return {};
                 return 1.0;
               });
  int trained = 0;
  for (const auto& record : records) trained += record.loss ? 1 : 0;
  EXPECT_GT(trained, 20) << "of 80; at random 5";
}

TEST(Tune, HalvingGivesItsRungsExactly) {
  EXPECT_EQ(halving_rungs(9, 9, 3),
            (std::vector<Rung>{{9, 1}, {3, 3}, {1, 9}}));
  EXPECT_EQ(halving_rungs(20, 30, 3),
            (std::vector<Rung>{{20, 3}, {6, 10}, {2, 30}}));
  EXPECT_EQ(halving_rungs(8, 2, 2), (std::vector<Rung>{{8, 1}, {4, 2}}));
  EXPECT_EQ(halving_rungs(2, 100, 3), (std::vector<Rung>{{2, 100}}));
  EXPECT_THROW(halving_rungs(9, 9, 1), Error);
}

TEST(Tune, HalvingTrainsEachRungOnceAndTheBestGoOn) {
  std::map<int, int> trained;  // epochs -> trials
  std::set<int> last;
  // Trial n has loss n / epochs, so the lowest numbers are the best.
  const auto records = searched(
      smooth_space(), options_of("halving", 9), 9, [&](const TrialPlan& plan) {
        ++trained[plan.epochs];
        if (plan.epochs == 3) last.insert(plan.trial);
        return static_cast<double>(plan.trial) / plan.epochs;
      });
  EXPECT_EQ(trained, (std::map<int, int>{{1, 9}, {3, 3}, {9, 1}}));
  EXPECT_EQ(last, (std::set<int>{0, 1, 2}));
  EXPECT_EQ(records.back().trial, 0);
  EXPECT_EQ(records.back().place, records.front().place);
}

TEST(Tune, AFailedTrialIsNeverPromoted) {
  const auto records =
      searched(smooth_space(), options_of("halving", 9), 9,
               [](const TrialPlan& plan) -> std::optional<double> {
                 if (plan.trial < 7) return {};
                 return 1.0;
               });
  EXPECT_EQ(records.size(), 9U + 2 + 1);
}

TEST(Tune, ASearchThatStopsAnywhereGoesOnTheSame) {
  for (const char* method : {"random", "tpe", "halving"}) {
    const TuneOptions options = options_of(method, 18);
    const auto loss = [](const TrialPlan& plan) { return smooth(plan.place); };
    const auto whole = searched(smooth_space(), options, 9, loss);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      const auto plan =
          next_trial(smooth_space(), options, 9, std::span(whole).first(n));
      ASSERT_TRUE(plan);
      EXPECT_EQ(plan->trial, whole[n].trial);
      EXPECT_EQ(plan->epochs, whole[n].epochs);
      EXPECT_EQ(plan->place, whole[n].place);
    }
  }
}

TEST(Tune, TheSeedDecides) {
  const auto first = [](int seed) {
    return next_trial(smooth_space(), options_of("random", 5, seed), 1, {})
        ->place;
  };
  EXPECT_EQ(first(1), first(1));
  EXPECT_NE(first(1), first(2));
}

TEST(Tune, RefusesOptionsThatDoNotFit) {
  const auto refuse = [](auto change) {
    TuneOptions options;
    change(options);
    EXPECT_THROW(options.check(), Error);
  };
  refuse([](TuneOptions& o) { o.method = "grid"; });
  refuse([](TuneOptions& o) { o.trials = 0; });
  refuse([](TuneOptions& o) { o.keep = 1; });
}

// The last two events of every user; the very last is the test.
judge::Split two_held_out(const events::Log& log) {
  judge::Split out;
  out.kind = "leave-one-out";
  for (std::uint32_t user = 0; user < log.users(); ++user) {
    const events::UserId id{user};
    const auto n = static_cast<std::uint32_t>(log.history(id).size());
    out.train.push_back({0, n - 2});
    out.validation.push_back({id, n - 2, {n - 2, n - 1}});
    out.test.push_back({id, n - 1, {n - 1, n}});
  }
  return out;
}

// The same log, but every user's last item is another one.
events::Log with_other_tests(const events::Log& log) {
  events::LogBuilder builder;
  for (std::uint32_t user = 0; user < log.users(); ++user) {
    const auto history = log.history(events::UserId{user});
    for (std::size_t i = 0; i < history.size(); ++i) {
      const bool last = i + 1 == history.size();
      const auto item =
          (index(history.items[i]) + (last ? 1 : 0)) % log.items();
      builder.add(log.user_names().name(user), log.item_names().name(item),
                  history.times[i]);
    }
  }
  return builder.build();
}

TEST(Tune, WhatIsInTheTestSplitChangesNoTrial) {
  const events::Log log = second_order_log(30, 12, 5);
  const events::Log other = with_other_tests(log);
  ASSERT_NE(log.fingerprint(), other.fingerprint());
  const auto metric = [&](const events::Log& of) {
    const judge::Split split = without_test(two_held_out(of));
    EXPECT_TRUE(split.test.empty());
    TrainOptions options;
    options.epochs = 3;
    options.batch_tokens = 100;
    options.threads = 1;
    return fit({of, split, toy_gru(), options, {}})
        .curve.back()
        .at("validation ndcg@10");
  };
  EXPECT_EQ(metric(log), metric(other));
}

TEST(Tune, ASplitWithoutValidationIsRefused) {
  judge::Split split = two_held_out(second_order_log(3, 5, 5));
  split.validation.clear();
  EXPECT_THROW(without_test(split), Error);
}

}  // namespace
}  // namespace ensue::train
