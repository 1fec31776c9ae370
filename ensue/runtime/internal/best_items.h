// SPDX-License-Identifier: Apache-2.0
// The best of a stream of scored items.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "ensue/runtime/top_k.h"

namespace ensue::runtime {

/// Keeps the `k` best: higher score, then lower index. Scores are numbers.
class BestItems {
 public:
  explicit BestItems(std::size_t k = 0) : k_(k) {}

  /// What the score of a further item must reach to enter: -infinity as long
  /// as any does.
  float threshold() const noexcept {
    return full() && k_ > 0 ? heap_.front().score
                            : -std::numeric_limits<float>::infinity();
  }
  bool full() const noexcept { return heap_.size() == k_; }

  void add(Scored item) {
    if (!full()) {
      heap_.push_back(item);
      std::push_heap(heap_.begin(), heap_.end(), better);
    } else if (k_ > 0 && better(item, heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), better);
      heap_.back() = item;
      std::push_heap(heap_.begin(), heap_.end(), better);
    }
  }

  /// Best first; leaves nothing.
  std::vector<Scored> take() {
    std::sort_heap(heap_.begin(), heap_.end(), better);
    return std::exchange(heap_, {});
  }

 private:
  // As heap order: the worst kept item on top.
  static bool better(const Scored& a, const Scored& b) noexcept {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  }

  std::size_t k_;
  std::vector<Scored> heap_;
};

}  // namespace ensue::runtime
