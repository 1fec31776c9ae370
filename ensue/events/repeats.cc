// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/repeats.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace ensue::events {
namespace {

// Sums of one item while the events are walked from the newest to the oldest.
struct Sum {
  ItemId item{0};
  Repeats::Numbers numbers{};
};

// decay^age; ages beyond the table are rare.
Repeats::Numbers faded(std::uint32_t age) {
  constexpr std::size_t kAges = 1024;
  const auto at = [](std::size_t a) {
    Repeats::Numbers out{};
    for (std::size_t d = 0; d < out.size(); ++d) {
      out[d] = std::pow(kRepeatDecays[d], static_cast<float>(a));
    }
    return out;
  };
  static const auto table = [&at] {
    std::vector<Repeats::Numbers> out(kAges);
    for (std::size_t a = 0; a < kAges; ++a) out[a] = at(a);
    return out;
  }();
  return age < kAges ? table[age] : at(age);
}

// Where each item's sum stands: open addressing, never more than half full.
class Places {
 public:
  explicit Places(std::size_t items)
      : mask_(std::bit_ceil(2 * items + 1) - 1), slots_(kept()) {
    slots_.assign(mask_ + 1, 0);
  }

  Sum& find(ItemId item, std::vector<Sum>& sums) {
    for (std::size_t slot = index(item) * 0x9E3779B1U & mask_;;
         slot = (slot + 1) & mask_) {
      if (slots_[slot] == 0) {
        sums.push_back({item, {}});
        slots_[slot] = static_cast<std::uint32_t>(sums.size());
        return sums.back();
      }
      Sum& found = sums[slots_[slot] - 1];
      if (found.item == item) return found;
    }
  }

 private:
  static std::vector<std::uint32_t>& kept() {
    thread_local std::vector<std::uint32_t> slots;
    return slots;
  }
  std::size_t mask_;
  std::vector<std::uint32_t>& slots_;  // 1 + place in sums; 0: free
};

void sum_up(std::span<const Event> recent, bool order_within_instant,
            std::vector<Sum>& sums) {
  sums.clear();
  Places places(recent.size());
  std::uint32_t age = 0;
  for (std::size_t i = recent.size(); i-- > 0;) {
    const bool newest = i + 1 == recent.size();
    if (!newest &&
        (order_within_instant || recent[i].time != recent[i + 1].time)) {
      ++age;
    }
    Sum& sum = places.find(recent[i].item, sums);
    const Repeats::Numbers more = faded(age);
    for (std::size_t d = 0; d < more.size(); ++d) sum.numbers[d] += more[d];
  }
}

}  // namespace

void count_repeats(std::span<const Event> recent, bool order_within_instant,
                   Repeats& out) {
  thread_local std::vector<Sum> sums;
  sum_up(recent, order_within_instant, sums);
  std::sort(sums.begin(), sums.end(),
            [](const Sum& a, const Sum& b) { return a.item < b.item; });
  out.items.clear();
  out.numbers.clear();
  for (Sum& sum : sums) {
    for (float& number : sum.numbers) number = std::log1p(number);
    out.items.push_back(sum.item);
    out.numbers.push_back(sum.numbers);
  }
}

}  // namespace ensue::events
