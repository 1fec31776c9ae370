// SPDX-License-Identifier: Apache-2.0
// The items of a row's past, beside draws that a whole batch shares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "ensue/nn/losses.h"

namespace ensue::nn {

/// Every item that a row looks back at is scored exactly, the repeat head's
/// part included, in the row's own normaliser; so draws of it are left out.
/// Without a repeat head there are none.
class SampledPast {
 public:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  SampledPast(const at::Tensor& hidden, const Targets& targets,
              const ItemHead& head);

  /// Entries [first, second) are those of target row `row`.
  std::size_t begin(std::size_t row) const noexcept;
  std::size_t end(std::size_t row) const noexcept { return begin(row + 1); }
  std::int64_t item(std::size_t entry) const noexcept;
  /// The row's entry of `item`; kNone: it is not in the past.
  std::size_t find(std::size_t row, std::int64_t item) const noexcept;
  /// Makes the logits of a row's entries; rows on different threads.
  void score(std::size_t row);
  double logit(std::size_t entry) const noexcept { return logits_[entry]; }
  /// d mean / d logit of an entry, 0 at first.
  float& slope(std::size_t entry) noexcept { return slopes_[entry]; }
  /// Carries the slopes to the head, and to `dhidden`, shaped like hidden.
  void carry(float* dhidden) const;

 private:
  const float* row_of(std::size_t row) const noexcept;

  const at::Tensor& hidden_;
  const Targets& targets_;
  const ItemHead& head_;
  std::size_t width_;
  std::vector<double> logits_;
  std::vector<float> slopes_;
};

}  // namespace ensue::nn
