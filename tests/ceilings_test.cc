// SPDX-License-Identifier: Apache-2.0
// How close models come to the best possible answers of the simulated shop.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "ensue/judge/evaluate.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/engine.h"
#include "ensue/simulate/ceiling.h"
#include "ensue/simulate/simulate.h"
#include "ensue/train/fit.h"

namespace ensue {
namespace {

constexpr char kMetric[] = "recall@10";

// A log, its split by time, and the test questions of some of its users.
struct Judged {
  events::Log log;
  judge::Split split = judge::make_split(log, {});
  std::vector<judge::Query> asked = of_every_third_user(split.test);

  static std::vector<judge::Query> of_every_third_user(
      const std::vector<judge::Query>& queries) {
    std::vector<judge::Query> out;
    for (const judge::Query& q : queries) {
      if (events::index(q.user) % 3 == 0) out.push_back(q);
    }
    return out;
  }

  judge::Evaluation evaluate(const std::string& name, int epochs) const {
    train::TrainOptions options;
    options.epochs = options.patience = epochs;
    options.evaluate_every = epochs / 2;
    options.validation_users = 100;
    options.schedule = "cosine";
    options.warmup = 0.05;
    const auto fitted =
        train::fit({.log = log,
                    .split = split,
                    .model = models::models().find(name).build(JsonObject()),
                    .options = options,
                    .folder = {}});
    const auto engine = std::make_shared<const runtime::Engine>(
        artifact::Artifact::from_bytes(fitted.draft.bytes(), name));
    return judge::evaluate(log, split, asked,
                           *judge::engine_scorer(name, engine, log),
                           {.lists = false, .slices = false});
  }

  double recall(const std::string& name, int epochs = 2) const {
    return evaluate(name, epochs).metrics.at(kMetric).mean;
  }
};

struct Ceilings : testing::Test {
  static const simulate::Shop& shop() {
    static const simulate::Shop out{simulate::SimulateOptions{}};
    return out;
  }
  static const Judged& judged() {
    static const Judged out{simulate::simulate_log(shop())};
    return out;
  }
  // What Bayes reaches on the same questions, knowing nothing but the log.
  static double best() {
    static const double out = [] {
      std::vector<simulate::NextItemQuery> queries;
      for (const judge::Query& q : judged().asked) {
        queries.push_back({q.user, q.history});
      }
      return simulate::compute_ceilings(shop(), judged().log, queries)
          .log.recall_at_10;
    }();
    return out;
  }
};

TEST_F(Ceilings, AGruReachesNineTenthsOfTheBestPossible) {
  const double reached = judged().recall("gru", /*epochs=*/24) / best();
  RecordProperty("share", std::to_string(reached));
  EXPECT_GE(reached, 0.9);
  EXPECT_LE(reached, 1.01) << "better than the best possible: a leak";
}

TEST_F(Ceilings, SasrecReachesNineTenthsOfTheBestPossible) {
  const double reached = judged().recall("sasrec", /*epochs=*/24) / best();
  RecordProperty("share", std::to_string(reached));
  EXPECT_GE(reached, 0.9);
  EXPECT_LE(reached, 1.01) << "better than the best possible: a leak";
}

TEST_F(Ceilings, MarkovStaysUnderSevenTenths) {
  EXPECT_LT(judged().recall("markov"), 0.7 * best());
}

TEST_F(Ceilings, NoModelBeatsPopularityOnShuffledItems) {
  const Judged shuffled{simulate::shuffle_items(judged().log, /*seed=*/1)};
  const auto popularity = shuffled.evaluate("popularity", /*epochs=*/2);
  for (const std::string name : {"gru", "sasrec"}) {
    const auto model = shuffled.evaluate(name, /*epochs=*/4);
    const auto compared = judge::compare(model, popularity, kMetric);
    EXPECT_LE(compared.difference.low, 0)
        << name << " " << model.metrics.at(kMetric).mean << ", popularity "
        << popularity.metrics.at(kMetric).mean;
  }
}

}  // namespace
}  // namespace ensue
