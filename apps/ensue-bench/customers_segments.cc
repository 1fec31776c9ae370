// SPDX-License-Identifier: Apache-2.0
// Does what a sequence model makes of customers help to find their groups? In
// a shop whose groups are known: by behaviour, by interests, by both, each with
// and without the embeddings of a gru that learnt the next item from the log
// before its validation's cut, and by these alone; against the true tastes and
// the true segments. Three shops. Nothing is chosen by the truth.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/customers_groups.h"
#include "apps/ensue/terminal.h"
#include "ensue/judge/split.h"
#include "ensue/runtime/engine.h"
#include "ensue/simulate/simulate.h"
#include "ensue/tasks/groups.h"
#include "ensue/train/customers_sequence.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

constexpr int kShops = 3;

struct Way {
  const char *key, *by;
  bool encoder;
};
constexpr Way kWays[] = {
    {"interests", "interests", false}, {"interests_encoder", "interests", true},
    {"behaviour", "behaviour", false}, {"behaviour_encoder", "behaviour", true},
    {"both", "both", false},           {"both_encoder", "both", true},
    {"encoder", "encoder", true}};

// Sums over shops.
struct Figures {
  double taste = 0, segment = 0, segment_of_four = 0, groups = 0;
};

std::shared_ptr<const runtime::Engine> trained(const events::Log& log,
                                               int seed) {
  train::SequenceOptions options;
  options.sequence_seed = seed;
  train::TrainOptions how;
  how.epochs = 10;
  how.patience = 2;
  how.seed = seed;
  const judge::Split split = judge::make_split(log, {});
  ProgressPrinter progress;
  const auto fitted = train::fit({.log = log,
                                  .split = split,
                                  .model = train::sequence_model(log, options),
                                  .options = how,
                                  .folder = {},
                                  .progress = progress.function()});
  return std::make_shared<const runtime::Engine>(
      artifact::Artifact::from_bytes(fitted.draft.bytes(), "encoder"));
}

class Trial {
 public:
  explicit Trial(int seed)
      : shop_([seed] {
          simulate::SimulateOptions options;
          options.seed = static_cast<std::uint64_t>(seed);
          return simulate::Shop(options);
        }()),
        log_(simulate::simulate_log(shop_)),
        truth_(shop_),
        columns_(trained(log_, seed), "segments",
                 {log_.item_names(), log_.action_names(), log_.context()}) {}

  void run(const Way& way, Figures& out) const {
    const auto chosen = fit(way, 0);
    out.taste += truth_.agreement(chosen, log_, truth_.taste);
    out.segment += truth_.agreement(chosen, log_, truth_.segment);
    out.segment_of_four += truth_.agreement(fit(way, 4), log_, truth_.segment);
    out.groups += std::ranges::max(chosen.group) + 1;
  }
  void best(Figures& out) const {
    out.taste += truth_.ceiling(truth_.best_taste, truth_.taste);
    out.segment += truth_.ceiling(truth_.best_segment, truth_.segment);
    out.segment_of_four = out.segment;
  }

 private:
  classic::SegmentFit fit(const Way& way, int groups) const {
    classic::SegmentOptions options;
    options.by = way.by;
    options.groups = groups;
    classic::SegmentEncoders encoders;
    if (way.encoder) {
      encoders.now = [this](events::UserId user) {
        return tasks::embedding_of(columns_, log_.history(user), end_of(shop_));
      };
    }
    return classic::fit_segments(log_, end_of(shop_), options, nullptr,
                                 encoders);
  }

  simulate::Shop shop_;
  events::Log log_;
  TrueGroups truth_;
  tasks::SequenceColumns columns_;
};

BenchFigures run(const BenchOptions&) {
  const auto start = std::chrono::steady_clock::now();
  std::map<std::string, Figures> sums;
  for (int seed = 1; seed <= kShops; ++seed) {
    const Trial trial(seed);
    for (const Way& way : kWays) trial.run(way, sums[way.key]);
    trial.best(sums["best"]);
  }
  TextTable table({"groups by", "found", "ari of tastes", "ari of segments",
                   "of four groups"});
  BenchFigures out;
  const auto row = [&](const std::string& key) {
    const Figures& sum = sums.at(key);
    table.add({key, sum.groups > 0 ? fixed(sum.groups / kShops, 1) : "",
               fixed(sum.taste / kShops, 3), fixed(sum.segment / kShops, 3),
               fixed(sum.segment_of_four / kShops, 3)});
    out.emplace_back(key + ".taste_ari", fixed(sum.taste / kShops, 3));
    out.emplace_back(key + ".segment_ari", fixed(sum.segment / kShops, 3));
  };
  for (const Way& way : kWays) row(way.key);
  row("best");
  std::printf("%s", table.text().c_str());
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  out.emplace_back("seconds", fixed(took.count(), 1));
  return out;
}

}  // namespace

Bench customers_segments_bench() {
  return {"customers/segments",
          "groups with and without a sequence model's embeddings", run};
}

}  // namespace ensue::apps
