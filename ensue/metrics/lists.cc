// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/lists.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ensue::metrics {
namespace {

// The first k of list `i`, without padding.
std::span<const std::uint32_t> head(const TopLists& lists, std::size_t i,
                                    int k) {
  const auto list = lists.places.subspan(
      i * lists.width, std::min(lists.width, static_cast<std::size_t>(k)));
  return {list.begin(), std::find(list.begin(), list.end(), kNoPlace)};
}

std::vector<std::uint64_t> times_shown(const TopLists& lists, int k) {
  std::vector<std::uint64_t> counts(lists.items, 0);
  for (std::size_t i = 0; i < lists.size(); ++i) {
    for (const std::uint32_t place : head(lists, i, k)) ++counts[place];
  }
  return counts;
}

}  // namespace

double coverage(const TopLists& lists, int k) {
  if (lists.items == 0) return 0;
  const auto counts = times_shown(lists, k);
  const auto never = std::count(counts.begin(), counts.end(), 0u);
  return 1 - static_cast<double>(never) / static_cast<double>(lists.items);
}

double gini(const TopLists& lists, int k) {
  auto counts = times_shown(lists, k);
  std::sort(counts.begin(), counts.end());
  const auto n = static_cast<double>(counts.size());
  double weighted = 0, sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto c = static_cast<double>(counts[i]);
    weighted += (2 * static_cast<double>(i + 1) - n - 1) * c;
    sum += c;
  }
  return sum > 0 ? weighted / (n * sum) : 0;
}

double novelty(const TopLists& lists, int k) {
  const auto all = static_cast<double>(lists.users);
  double sum = 0, filled = 0;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    const auto list = head(lists, i, k);
    if (list.empty()) continue;
    double bits = 0;
    for (const std::uint32_t place : list) {
      bits += std::log2(all / std::max(1u, lists.users_of_item[place]));
    }
    sum += bits / static_cast<double>(list.size());
    ++filled;
  }
  return filled > 0 && all > 0 ? sum / filled : 0;
}

}  // namespace ensue::metrics
