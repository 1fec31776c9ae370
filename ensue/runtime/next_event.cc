// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/next_event.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "ensue/artifact/action_counts.h"
#include "ensue/artifact/block_configs.h"
#include "ensue/runtime/internal/affine.h"

namespace ensue::runtime {
namespace {

constexpr auto kGaps = static_cast<std::int64_t>(artifact::kGapBuckets);

/// A table [rows, width] as it lies in the artifact.
struct Rows {
  std::span<const float> all;
  std::size_t width = 0;
  std::span<const float> row(std::size_t i) const noexcept {
    return all.subspan(i * width, width);
  }
};

std::vector<float> through(const kernels::PackedLinear& layer,
                           std::span<const float> x) {
  std::vector<float> out(layer.outputs());
  layer.apply(x, 1, out);
  return out;
}

void relu(std::vector<float>& x) { kernels::relu_row(x); }

// What was counted behind the last action takes its share.
void blend(double share, const State& state,
           const std::vector<std::vector<double>>& counted,
           std::span<float> out) {
  if (share == 0 || state.events() == 0) return;
  const auto& behind = counted[events::index(state.last_action())];
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>((1 - share) * out[i] + share * behind[i]);
  }
}

}  // namespace

double ValueGuess::expected() const noexcept {
  const double deviation = std::exp(double{log_deviation});
  return std::sinh(double{mean}) * std::exp(deviation * deviation / 2);
}

struct NextEvent::Impl {
  const Engine& engine;
  std::size_t action_count;
  kernels::PackedLinear action_in, action_out, gap_in, gap_out;
  kernels::PackedLinear query_in, query_out, value_in, value_item, value_out;
  Rows gap_action, query_action, query_gap, value_action, item_vectors;
  artifact::ActionCounts counts;  // shares of 0: none

  Impl(const Engine& made, const BlockSource& source)
      : engine(made),
        action_count(source.artifact.description().actions.size()) {
    const auto config = source.config<artifact::NextEventConfig>();
    source.require(static_cast<std::size_t>(config.width) == engine.width(),
                   "wants " + std::to_string(config.width) + " numbers, gets " +
                       std::to_string(engine.width()));
    source.size("hidden", config.hidden);
    const std::int64_t width = config.width, hidden = config.hidden;
    const auto actions_now = static_cast<std::int64_t>(action_count);
    const auto rows = [&](const char* name, std::int64_t count) {
      return Rows{source.floats(name, {count, hidden}),
                  static_cast<std::size_t>(hidden)};
    };
    action_in = dense(source, "action.in", hidden, width);
    action_out = dense(source, "action.out", actions_now, hidden);
    gap_in = dense(source, "gap.in", hidden, width);
    gap_out = dense(source, "gap.out", kGaps, hidden);
    gap_action = rows("gap.action", actions_now);
    query_in = dense(source, "query.in", hidden, width);
    query_out = dense(source, "query.out", width, hidden);
    query_action = rows("query.action", actions_now);
    query_gap = rows("query.gap", kGaps);
    value_in = dense(source, "value.in", hidden, width);
    value_item = dense(source, "value.item", hidden, width);
    value_out = dense(source, "value.out", 2, hidden);
    value_action = rows("value.action", actions_now);
    item_vectors = {item_weight(source, width),
                    static_cast<std::size_t>(width)};
    const auto& training = source.artifact.description().training;
    counts = artifact::read_action_counts(training, action_count)
                 .value_or(artifact::ActionCounts());
  }

  // The weight of the next_item head before this one.
  static std::span<const float> item_weight(const BlockSource& source,
                                            std::int64_t width) {
    artifact::NextItemConfig config;
    const auto& about = source.artifact.description();
    read_fields(config, about.model.heads[0].config, "heads.0");
    return source.artifact.floats(
        config.tied ? "inputs.0.weight" : "heads.0.weight",
        {static_cast<std::int64_t>(about.items.size()), width});
  }
};

NextEvent::NextEvent(std::unique_ptr<const Impl> impl)
    : impl_(std::move(impl)) {}
NextEvent::~NextEvent() = default;

std::unique_ptr<const NextEvent> NextEvent::of(const Engine& engine,
                                               bool blended) {
  const artifact::Artifact& artifact = engine.artifact();
  const auto& heads = artifact.description().model.heads;
  if (heads.size() < 2 || heads[1].type != "next_event") return nullptr;
  const BlockSource source{artifact, "heads", 1, heads[1]};
  auto impl = std::make_unique<Impl>(engine, source);
  if (!blended) impl->counts = {};
  return std::unique_ptr<const NextEvent>(new NextEvent(std::move(impl)));
}

std::size_t NextEvent::actions() const noexcept { return impl_->action_count; }

void NextEvent::actions(const State& state, std::span<float> out) const {
  auto hidden = through(impl_->action_in, impl_->engine.output(state));
  relu(hidden);
  impl_->action_out.apply(hidden, 1, out);
  kernels::softmax_exact(out);
  blend(impl_->counts.share, state, impl_->counts.actions, out);
}

void NextEvent::gaps(const State& state, std::size_t action,
                     std::span<float> out) const {
  auto hidden = through(impl_->gap_in, impl_->engine.output(state));
  kernels::add_row(impl_->gap_action.row(action), hidden);
  relu(hidden);
  impl_->gap_out.apply(hidden, 1, out);
  kernels::softmax_exact(out);
  blend(impl_->counts.gap_share, state, impl_->counts.gaps, out);
}

void NextEvent::items(const State& state, std::size_t action, std::size_t gap,
                      std::span<float> out) const {
  const auto x = impl_->engine.output(state);
  auto hidden = through(impl_->query_in, x);
  kernels::add_row(impl_->query_action.row(action), hidden);
  kernels::add_row(impl_->query_gap.row(gap), hidden);
  relu(hidden);
  auto query = through(impl_->query_out, hidden);
  kernels::add_row(x, query);
  impl_->engine.score_as(state, query, out);
}

ValueGuess NextEvent::value(const State& state, std::size_t action,
                            std::size_t item) const {
  auto hidden = through(impl_->value_in, impl_->engine.output(state));
  kernels::add_row(impl_->value_action.row(action), hidden);
  kernels::add_row(through(impl_->value_item, impl_->item_vectors.row(item)),
                   hidden);
  relu(hidden);
  const auto both = through(impl_->value_out, hidden);
  return {both[0], std::clamp(both[1], artifact::kLeastLogDeviation,
                              artifact::kMostLogDeviation)};
}

}  // namespace ensue::runtime
