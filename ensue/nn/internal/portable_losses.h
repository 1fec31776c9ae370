// SPDX-License-Identifier: Apache-2.0
// The portable half of losses.h. What is drawn is drawn by the caller.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ensue/nn/losses.h"

namespace ensue::nn {

LossValue portable_softmax_loss(const at::Tensor& hidden,
                                const Targets& targets, const ItemHead& head);

/// @param drawn    sorted.
/// @param lowered  what each draw's logit is lowered by.
LossValue portable_sampled_softmax_loss(const at::Tensor& hidden,
                                        const Targets& targets,
                                        const ItemHead& head,
                                        const std::vector<std::int64_t>& drawn,
                                        const std::vector<float>& lowered);
LossValue portable_bpr_max_loss(const at::Tensor& hidden,
                                const Targets& targets, const ItemHead& head,
                                const std::vector<std::int64_t>& drawn,
                                double score_penalty);

/// One hidden row against one item: its target or a draw.
struct ItemPair {
  std::size_t row;
  std::int64_t item;
  bool wanted;
  float weight;  // 0: left out
  float slope;   // d mean / d score
};

/// bce_loss from pairs: adds sum(weight * softplus(-+score)) and the gradients
/// of that over `out.weight` to `out` and to the head.
void add_portable_pairs(const at::Tensor& hidden, const ItemHead& head,
                        std::span<const ItemPair> pairs, LossValue& out);

}  // namespace ensue::nn
