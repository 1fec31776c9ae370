// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/top_k.h"

#include <bit>
#include <cassert>

#include "ensue/runtime/internal/best_items.h"

namespace ensue::runtime {

std::size_t admitted(const ItemFilter& filter, std::size_t items,
                     std::vector<std::uint64_t>& out) {
  const std::size_t words = words_of(items);
  assert(filter.allowed.empty() || filter.allowed.size() >= words);
  if (filter.allowed.empty()) {
    out.assign(words, ~std::uint64_t{0});
  } else {
    out.assign(filter.allowed.begin(),
               filter.allowed.begin() + static_cast<std::ptrdiff_t>(words));
  }
  if (items % 64 != 0) out.back() &= ~std::uint64_t{0} >> (64 - items % 64);
  for (const std::uint32_t item : filter.excluded) {
    if (item < items) out[item / 64] &= ~(std::uint64_t{1} << item % 64);
  }
  std::size_t count = 0;
  for (const std::uint64_t word : out) {
    count += static_cast<std::size_t>(std::popcount(word));
  }
  return count;
}

std::vector<Scored> top_k(std::span<const float> scores, std::size_t k,
                          std::span<const std::uint8_t> allowed) {
  BestItems best(k);
  for (std::uint32_t item = 0; item < scores.size(); ++item) {
    if (!allowed.empty() && allowed[item] == 0) continue;
    best.add({item, scores[item]});
  }
  return best.take();
}

std::vector<Scored> top_k(std::span<const float> scores, std::size_t k,
                          const ItemFilter& filter) {
  if (filter.empty()) return top_k(scores, k);
  thread_local std::vector<std::uint64_t> set;
  admitted(filter, scores.size(), set);
  BestItems best(k);
  each_item(set, [&](std::uint32_t item) { best.add({item, scores[item]}); });
  return best.take();
}

}  // namespace ensue::runtime
