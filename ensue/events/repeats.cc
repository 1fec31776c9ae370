// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/repeats.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace ensue::events {
namespace {

struct Seen {
  ItemId item;
  std::uint32_t age;
};

void ages(std::span<const Event> recent, bool order_within_instant,
          std::vector<Seen>& out) {
  out.clear();
  std::uint32_t age = 0;
  for (std::size_t i = recent.size(); i-- > 0;) {
    const bool newest = i + 1 == recent.size();
    if (!newest &&
        (order_within_instant || recent[i].time != recent[i + 1].time)) {
      ++age;
    }
    out.push_back({recent[i].item, age});
  }
}

// One number per decay, summed from the newest event to the oldest.
Repeats::Numbers numbers_of(std::span<const Seen> events) {
  Repeats::Numbers out{};
  for (std::size_t d = 0; d < out.size(); ++d) {
    float sum = 0;
    for (const Seen& event : events) {
      sum += std::pow(kRepeatDecays[d], static_cast<float>(event.age));
    }
    out[d] = std::log1p(sum);
  }
  return out;
}

}  // namespace

void count_repeats(std::span<const Event> recent, bool order_within_instant,
                   Repeats& out) {
  thread_local std::vector<Seen> seen;
  ages(recent, order_within_instant, seen);
  std::sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) {
    return a.item != b.item ? a.item < b.item : a.age < b.age;
  });
  out.items.clear();
  out.numbers.clear();
  for (std::size_t begin = 0; begin < seen.size();) {
    std::size_t end = begin;
    while (end < seen.size() && seen[end].item == seen[begin].item) ++end;
    out.items.push_back(seen[begin].item);
    out.numbers.push_back(
        numbers_of(std::span(seen).subspan(begin, end - begin)));
    begin = end;
  }
}

}  // namespace ensue::events
