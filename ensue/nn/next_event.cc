// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/next_event.h"

#include <algorithm>
#include <cmath>

#include "ensue/nn/ops.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

constexpr auto kGaps = static_cast<std::int64_t>(artifact::kGapBuckets);
constexpr double kHalfLogTau = 0.91893853320467274;  // log(2 pi) / 2

// sum(weights * -log softmax(logits)[targets]) / sum(weights)
at::Tensor cross_entropy(const at::Tensor& logits,
                         const std::vector<std::int64_t>& targets,
                         const at::Tensor& weights) {
  const at::Tensor chosen = at::log_softmax(logits, 1).gather(
      1, ids_on(logits.device(), targets).unsqueeze(1));
  return -(chosen.squeeze(1) * weights).sum() / weights.sum();
}

// Logarithms of the shares of weights at each place, a little for all.
void set_log_shares(const std::vector<std::int64_t>& places,
                    const std::vector<float>& weights, Parameter& bias) {
  constexpr float kLeast = 1e-4F;  // a share of what is met at all
  at::Tensor found = at::zeros({bias.value.size(0)});
  auto counts = found.accessor<float, 1>();
  for (std::size_t e = 0; e < places.size(); ++e)
    counts[places[e]] += weights[e];
  found = found / found.sum() + kLeast;
  bias.value.copy_((found / found.sum()).log());
}

}  // namespace

EventHead::EventHead(const artifact::NextEventConfig& config,
                     const Sizes& sizes, Scope& scope) {
  const std::int64_t width = config.width, hidden = config.hidden;
  const auto table = [&](const char* name, std::int64_t rows) {
    return &scope.make_table(name, rows, hidden, Init::normal(0.02));
  };
  action_in_ = Affine::dense(scope, "action.in", width, hidden);
  action_out_ = Affine::dense(scope, "action.out", hidden, sizes.actions);
  gap_in_ = Affine::dense(scope, "gap.in", width, hidden);
  gap_action_ = table("gap.action", sizes.actions);
  gap_out_ = Affine::dense(scope, "gap.out", hidden, kGaps);
  query_in_ = Affine::dense(scope, "query.in", width, hidden);
  query_action_ = table("query.action", sizes.actions);
  query_gap_ = table("query.gap", kGaps);
  query_out_ = Affine::dense(scope, "query.out", hidden, width);
  value_in_ = Affine::dense(scope, "value.in", width, hidden);
  value_action_ = table("value.action", sizes.actions);
  value_item_ = Affine::dense(scope, "value.item", width, hidden);
  value_out_ = Affine::dense(scope, "value.out", hidden, 2);
  for (Parameter* p : {action_out_.weight, action_out_.bias, gap_action_,
                       query_action_, value_action_}) {
    p->row_of = RowOf::kAction;
  }
}

at::Tensor EventHead::actions(const at::Tensor& x) const {
  return action_out_.product(
      linear_relu(x, *action_in_.weight, *action_in_.bias));
}

at::Tensor EventHead::gaps(const at::Tensor& x,
                           const std::vector<std::int64_t>& actions) const {
  return gap_out_.product(
      at::relu(gap_in_.product(x) + embed(*gap_action_, actions)));
}

at::Tensor EventHead::queries(const at::Tensor& x,
                              const std::vector<std::int64_t>& actions,
                              const std::vector<std::int64_t>& gaps) const {
  const at::Tensor hidden =
      at::relu(query_in_.product(x) + embed(*query_action_, actions) +
               embed(*query_gap_, gaps));
  return x + query_out_.product(hidden);
}

at::Tensor EventHead::values(const at::Tensor& x,
                             const std::vector<std::int64_t>& actions,
                             const std::vector<std::int64_t>& items,
                             const ItemHead& head) const {
  const at::Tensor hidden =
      at::relu(value_in_.product(x) + embed(*value_action_, actions) +
               value_item_.product(embed(*head.weight, items)));
  return value_out_.product(hidden);
}

void EventHead::start_from(const NextEvents& next) {
  if (next.size() == 0) return;
  const std::vector<float>& weights = next.items.weights;
  set_log_shares(next.actions, weights, *action_out_.bias);
  set_log_shares(next.gaps, weights, *gap_out_.bias);
  double all = 0, sum = 0, squares = 0;
  for (std::size_t e = 0; e < next.size(); ++e) {
    if (!std::isfinite(next.values[e])) continue;
    const double v = std::asinh(next.values[e]);
    all += weights[e];
    sum += weights[e] * v;
    squares += weights[e] * v * v;
  }
  if (all <= 0) return;
  const double mean = sum / all;
  const double deviation =
      std::sqrt(std::max(1e-6, squares / all - mean * mean));
  value_out_.bias->value[0] = mean;
  value_out_.bias->value[1] =
      std::clamp<double>(std::log(deviation), artifact::kLeastLogDeviation,
                         artifact::kMostLogDeviation);
}

EventHead::Losses EventHead::losses(const at::Tensor& x, const NextEvents& next,
                                    const ItemHead& head) const {
  const at::Tensor weights = numbers_on(x.device(), next.items.weights);
  Losses out;
  out.action = cross_entropy(actions(x), next.actions, weights);
  out.gap = cross_entropy(gaps(x, next.actions), next.gaps, weights);
  out.value = at::zeros({}, x.options());
  const at::Tensor given = numbers_on(x.device(), next.values);
  const at::Tensor has = at::isfinite(given);
  if (!has.any().item<bool>()) return out;
  const at::Tensor both = values(x, next.actions, next.items.items, head);
  const at::Tensor deviation = both.select(1, 1).clamp(
      artifact::kLeastLogDeviation, artifact::kMostLogDeviation);
  const at::Tensor off =
      (at::asinh(at::where(has, given, out.value)) - both.select(1, 0)) /
      deviation.exp();
  const at::Tensor share = weights * has;
  out.value = ((off.square() / 2 + deviation + kHalfLogTau) * share).sum() /
              share.sum();
  return out;
}

}  // namespace ensue::nn
