// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/losses.h"

namespace ensue::train {
namespace {

using Popularity = std::span<const std::uint64_t>;
using at::Tensor;
using nn::ItemHead;
using nn::NegativeSampler;
using nn::Targets;

constexpr double kUniform = 0;  // a power of popularity

Loss softmax(const TrainOptions&, Popularity) {
  return [loss = nn::SoftmaxLoss()](
             const Tensor& hidden, const Targets& targets, const ItemHead& head,
             Rng&) mutable { return loss(hidden, targets, head); };
}

Loss sampled_softmax(const TrainOptions& options, Popularity popularity) {
  return [sampler = NegativeSampler(popularity, options.negative_power),
          negatives = options.negatives](const Tensor& hidden,
                                         const Targets& targets,
                                         const ItemHead& head, Rng& rng) {
    return nn::sampled_softmax_loss(hidden, targets, head, sampler, negatives,
                                    rng);
  };
}

Loss bce(const TrainOptions& options, Popularity popularity) {
  return [sampler = NegativeSampler(popularity, kUniform),
          negatives = options.negatives](const Tensor& hidden,
                                         const Targets& targets,
                                         const ItemHead& head, Rng& rng) {
    return nn::bce_loss(hidden, targets, head, sampler, negatives, rng);
  };
}

Loss gbce(const TrainOptions& options, Popularity popularity) {
  const nn::GbceOptions gbce{options.negatives, options.calibration};
  return [sampler = NegativeSampler(popularity, kUniform), gbce](
             const Tensor& hidden, const Targets& targets, const ItemHead& head,
             Rng& rng) {
    return nn::gbce_loss(hidden, targets, head, sampler, gbce, rng);
  };
}

Loss bpr_max(const TrainOptions& options, Popularity popularity) {
  const nn::BprMaxOptions bpr{options.negatives, options.score_penalty};
  return [sampler = NegativeSampler(popularity, options.negative_power), bpr](
             const Tensor& hidden, const Targets& targets, const ItemHead& head,
             Rng& rng) {
    return nn::bpr_max_loss(hidden, targets, head, sampler, bpr, rng);
  };
}

}  // namespace

const Catalog<LossEntry>& losses() {
  static const Catalog<LossEntry> list("loss",
                                       {
                                           {"softmax", softmax},
                                           {"sampled_softmax", sampled_softmax},
                                           {"bce", bce},
                                           {"gbce", gbce},
                                           {"bpr_max", bpr_max},
                                       });
  return list;
}

}  // namespace ensue::train
