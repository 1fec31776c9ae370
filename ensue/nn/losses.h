// SPDX-License-Identifier: Apache-2.0
// Losses of the next_item head: value and gradients in one go.
//
// A loss is the end of the graph, so it computes its gradients at once: those
// of the head's parameters are added to Parameter::grad (rows marked), that of
// `hidden` is returned, to start backward() with. Every loss is the weighted
// mean over targets: sum(weight * loss) / sum(weight).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/kernels/bf16.h"
#include "ensue/nn/block.h"

namespace ensue::nn {

struct LossValue {
  double sum = 0;     // sum of weight * loss
  double weight = 0;  // sum of weights
  at::Tensor slope;   // [events, width]: d mean / d hidden
  double mean() const noexcept { return weight > 0 ? sum / weight : 0; }
};

/// Cross-entropy over the whole catalogue. Works in strips of rows: only the
/// logits of one strip exist, used at once for normaliser, loss and gradients.
/// Owns the strip's memory; keep it between batches.
class SoftmaxLoss {
 public:
  LossValue operator()(const at::Tensor& hidden, const Targets& targets,
                       const ItemHead& head);

 private:
  std::vector<float> rows_, logits_, slopes_;
  std::vector<kernels::Half> half_rows_, half_logits_;  // in bf16
};

/// How negatives are drawn: item i with a chance proportional to
/// popularity[i]^alpha (alpha 0: uniform); alias method, O(1) a draw.
class NegativeSampler {
 public:
  /// @param popularity  how often each item is a target in training.
  NegativeSampler(std::span<const std::uint64_t> popularity, double alpha);
  std::int64_t draw(Rng& rng) const noexcept;
  /// Chance of one draw to be `item`.
  double chance(std::int64_t item) const noexcept {
    return chance_[static_cast<std::size_t>(item)];
  }

 private:
  std::vector<double> chance_, keep_;
  std::vector<std::uint32_t> alias_;
};

/// Cross-entropy over the target and `negatives` draws that a whole batch
/// shares. A negative's logit is lowered by log(negatives * its chance), so
/// that the normaliser estimates the full one without bias; a draw that is
/// the row's target is left out (Bengio & Senecal 2008). Exact as the number
/// of draws grows. With a repeat head, the items of a row's past are scored
/// exactly and left out of its draws.
LossValue sampled_softmax_loss(const at::Tensor& hidden, const Targets& targets,
                               const ItemHead& head,
                               const NegativeSampler& sampler, int negatives,
                               Rng& rng);

/// Binary cross-entropy of every target against `negatives` draws of its own:
///   -log s(target) - sum log(1 - s(negative))
/// as SASRec trains (Kang & McAuley 2018, arXiv:1808.09781, eq. 7). A draw
/// that is one of the row's targets is left out.
LossValue bce_loss(const at::Tensor& hidden, const Targets& targets,
                   const ItemHead& head, const NegativeSampler& sampler,
                   int negatives, Rng& rng);

/// bce_loss with the target's probability raised to the power beta <= 1, which
/// makes up for the negatives that were not drawn and so for overconfidence.
/// With alpha = negatives / (items - 1):
///   beta = alpha (t (1 - 1 / alpha) + 1 / alpha) = 1 - t (1 - alpha)
/// t = 0 is bce_loss; t = 1 gives probabilities that are those of the data.
/// Source: gBCE, Petrov & Macdonald 2023, arXiv:2308.07192.
struct GbceOptions {
  int negatives = 256;
  double calibration = 0.75;  // t, in [0, 1]
};
LossValue gbce_loss(const at::Tensor& hidden, const Targets& targets,
                    const ItemHead& head, const NegativeSampler& sampler,
                    const GbceOptions& options, Rng& rng);
/// beta; 1 when every other item is drawn.
double gbce_power(const GbceOptions& options, std::size_t items);

/// BPR-max over draws that a whole batch shares. With r the draws' scores and
/// s = softmax(r) over those draws of a row that are none of its targets:
///   -log sum_j s_j sigmoid(target - r_j)  +  score_penalty * sum_j s_j r_j^2
/// A row whose every draw is a target has no loss.
/// Source: Hidasi & Karatzoglou 2018, arXiv:1706.03847, without the ELU over
/// scores, which leaves their order as it is.
struct BprMaxOptions {
  int negatives = 256;
  double score_penalty = 1;  // the paper's lambda
};
LossValue bpr_max_loss(const at::Tensor& hidden, const Targets& targets,
                       const ItemHead& head, const NegativeSampler& sampler,
                       const BprMaxOptions& options, Rng& rng);

}  // namespace ensue::nn
