// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/top_k.h"

#include <algorithm>

namespace ensue::runtime {
namespace {

// Heap order with the worst kept item on top: lower score, then higher index.
bool better(const Scored& a, const Scored& b) noexcept {
  return a.score != b.score ? a.score > b.score : a.item < b.item;
}

}  // namespace

std::vector<Scored> top_k(std::span<const float> scores, std::size_t k,
                          std::span<const std::uint8_t> allowed) {
  std::vector<Scored> heap;
  if (k == 0) return heap;
  heap.reserve(std::min(k, scores.size()));
  for (std::uint32_t item = 0; item < scores.size(); ++item) {
    if (!allowed.empty() && allowed[item] == 0) continue;
    const Scored candidate{item, scores[item]};
    if (heap.size() < k) {
      heap.push_back(candidate);
      std::push_heap(heap.begin(), heap.end(), better);
    } else if (better(candidate, heap.front())) {
      std::pop_heap(heap.begin(), heap.end(), better);
      heap.back() = candidate;
      std::push_heap(heap.begin(), heap.end(), better);
    }
  }
  std::sort_heap(heap.begin(), heap.end(), better);
  return heap;
}

}  // namespace ensue::runtime
