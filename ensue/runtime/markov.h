// SPDX-License-Identifier: Apache-2.0
// What usually follows the last item, or the last basket.
#pragma once

#include <cstddef>
#include <span>

#include "ensue/artifact/artifact.h"
#include "ensue/runtime/internal/csr.h"
#include "ensue/runtime/internal/head.h"

namespace ensue::runtime {

/// Tensors of a Markov head over n items.
struct MarkovTable {
  std::span<const float> log_popularity;  // F32 [n], below 0
  std::span<const float> backoff;         // F32 [n], in (0, 1]
  Csr next;                            // offsets U64 [n + 1], next U32 [pairs]
  std::span<const float> probability;  // F32 [pairs], more than 0
};

/// First order with back-off: for the distinct items L of the last instant,
///   score_j = log(mean over i in L of (probability[i, j] + backoff_i pop_j))
/// which is a log-probability: probability and back-off of a row sum to 1.
/// Where the order within an instant is real, L is the last item. Nothing
/// remembered: log popularity. Cost: items + the rows of L.
class MarkovHead final : public Head {
 public:
  /// Items of a basket that are looked at: its latest.
  static constexpr std::size_t kBasket = 64;

  /// Head number `place` of an artifact, which must outlive it.
  /// @throws Error(kCorrupt) when a tensor is missing or does not fit.
  MarkovHead(const artifact::Artifact& artifact, std::size_t place);
  /// @param baskets  events of one instant have no order among them.
  /// @throws Error(kCorrupt) when the table does not fit together.
  MarkovHead(MarkovTable table, bool baskets);

  std::size_t remembers() const noexcept override {
    return baskets_ ? kBasket : 1;
  }
  void score(std::span<const float> x, std::span<const events::Event> recent,
             std::span<float> out) const noexcept override;

 private:
  MarkovTable table_;
  bool baskets_;
};

}  // namespace ensue::runtime
