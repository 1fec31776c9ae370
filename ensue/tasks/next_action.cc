// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/next_action.h"

#include <algorithm>
#include <numeric>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/runtime/top_k.h"

namespace ensue::tasks {
namespace {

using artifact::kGapBuckets;

constexpr double kDaySeconds = 86400;

std::array<double, 3> quantiles(std::span<const float> buckets) {
  return {gap_quantile(buckets, 0.1), gap_quantile(buckets, 0.5),
          gap_quantile(buckets, 0.9)};
}

// The bucket that the quantile falls into.
std::size_t bucket_at(std::span<const float> buckets, double share) {
  const double all = std::accumulate(buckets.begin(), buckets.end(), 0.0);
  double before = 0;
  for (std::size_t b = 0; b < buckets.size(); ++b) {
    if (before + buckets[b] >= share * all && buckets[b] > 0) return b;
    before += buckets[b];
  }
  return buckets.size() - 1;
}

}  // namespace

double gap_quantile(std::span<const float> buckets, double share) {
  const double all = std::accumulate(buckets.begin(), buckets.end(), 0.0);
  const std::size_t at = bucket_at(buckets, share);
  const double before = std::accumulate(
      buckets.begin(), buckets.begin() + static_cast<std::ptrdiff_t>(at), 0.0);
  const double part =
      buckets[at] > 0 ? (share * all - before) / buckets[at] : 0;
  const auto within = artifact::bucket_seconds(at);
  const auto length = static_cast<double>(within.end - within.first);
  return (static_cast<double>(within.first) +
          std::clamp(part, 0.0, 1.0) * length) /
         kDaySeconds;
}

NextActions::NextActions(const runtime::Engine& engine, bool blended)
    : engine_(engine), next_(runtime::NextEvent::of(engine, blended)) {
  if (next_ != nullptr) return;
  invalid("model '" + engine.artifact().description().model.name +
          "' predicts items alone, expected one trained with model.events = "
          "true");
}

NextAction NextActions::answer(const runtime::State& state,
                               const NextActionOptions& options) const {
  std::vector<float> actions(next_->actions()), gaps(kGapBuckets),
      all(kGapBuckets), scores(engine_.items());
  next_->actions(state, actions);
  NextAction out;
  std::vector<std::size_t> middle(actions.size());
  for (std::size_t a = 0; a < actions.size(); ++a) {
    next_->gaps(state, a, gaps);
    for (std::size_t g = 0; g < kGapBuckets; ++g) {
      all[g] += actions[a] * gaps[g];
    }
    middle[a] = bucket_at(gaps, 0.5);
    out.actions.push_back({static_cast<std::uint32_t>(a),
                           double{actions[a]},
                           quantiles(gaps),
                           {}});
  }
  out.days = quantiles(all);
  std::ranges::stable_sort(out.actions, std::greater(),
                           &NextAction::Action::probability);
  const std::size_t shown = std::min(options.actions, out.actions.size());
  for (NextAction::Action& action : std::span(out.actions).first(shown)) {
    next_->items(state, action.id, middle[action.id], scores);
    runtime::softmax(scores);
    for (const auto& best : runtime::top_k(scores, options.items)) {
      action.items.push_back({best.item, double{scores[best.item]}});
    }
  }
  return out;
}

}  // namespace ensue::tasks
