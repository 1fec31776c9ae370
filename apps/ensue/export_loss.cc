// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/export_loss.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>
#include <utility>

#include "ensue/base/rng.h"
#include "ensue/base/threads.h"
#include "ensue/judge/scorer.h"
#include "ensue/runtime/top_k.h"

namespace ensue::apps {
namespace {

using runtime::Engine;

// Columns of one customer who never was.
struct Drawn {
  std::vector<events::ItemId> items;
  std::vector<events::ActionId> actions;
  std::vector<events::Millis> times;
  std::vector<float> values;

  Drawn(std::size_t known_items, std::size_t known_actions, Rng rng) {
    constexpr std::uint64_t kMostEvents = 50;
    const std::size_t size = 1 + rng.below(kMostEvents);
    std::int64_t time = 0;
    for (std::size_t i = 0; i < size; ++i) {
      items.push_back(
          events::ItemId{static_cast<std::uint32_t>(rng.below(known_items))});
      actions.push_back(static_cast<events::ActionId>(
          rng.below(std::max<std::size_t>(1, known_actions))));
      time += static_cast<std::int64_t>(
          rng.below(static_cast<std::uint64_t>(events::kDayMs)));
      times.push_back(events::Millis{time});
      values.push_back(std::numeric_limits<float>::quiet_NaN());
    }
  }
  events::History view() const { return {items, actions, times, values}; }
};

std::vector<std::uint32_t> best(const Engine& engine,
                                const events::History& history, std::size_t k) {
  std::vector<float> scores(engine.items());
  engine.score(engine.encode(history), scores);
  std::vector<std::uint32_t> out;
  for (const auto& scored : runtime::top_k(scores, k)) {
    out.push_back(scored.item);
  }
  return out;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(values.size());
}

}  // namespace

ListsKept lists_kept(const Engine& before, const Engine& after,
                     std::size_t histories, std::size_t k, std::uint64_t seed) {
  assert(before.items() == after.items());
  k = std::min(k, before.items());
  if (histories == 0 || k == 0) return {};
  const std::size_t actions = before.artifact().description().actions.size();
  std::vector<double> shares(histories), firsts(histories);
  parallel_for(
      histories, /*grain=*/16, [&](std::size_t begin, std::size_t end) {
        for (std::size_t h = begin; h < end; ++h) {
          const Drawn drawn(before.items(), actions, Rng(seed, h));
          const auto a = best(before, drawn.view(), k);
          const auto b = best(after, drawn.view(), k);
          const auto same = std::ranges::count_if(a, [&](std::uint32_t item) {
            return std::ranges::find(b, item) != b.end();
          });
          shares[h] = static_cast<double>(same) / static_cast<double>(k);
          firsts[h] = a.front() == b.front() ? 1 : 0;
        }
      });
  return {histories, k, metrics::bootstrap(shares, /*replicates=*/1000, seed),
          mean(firsts)};
}

JudgedLoss judged_loss(std::shared_ptr<const Engine> before,
                       std::shared_ptr<const Engine> after,
                       const events::Log& log, const judge::Split& split,
                       judge::EvaluateOptions options,
                       const ProgressFn& progress) {
  options.ks = {10};
  options.lists = options.logloss = options.slices = false;
  const auto judged = [&](std::string name,
                          std::shared_ptr<const Engine> engine) {
    const auto scorer =
        judge::engine_scorer(std::move(name), std::move(engine), log);
    return judge::evaluate(log, split, split.test, *scorer, options, progress);
  };
  JudgedLoss out{.before = judged("before", std::move(before)),
                 .after = judged("after", std::move(after)),
                 .rows = {}};
  for (const char* metric : {"ndcg@10", "hit@10"}) {
    out.rows.push_back(
        {metric, judge::compare(out.after, out.before, metric, options.seed)});
  }
  return out;
}

}  // namespace ensue::apps
