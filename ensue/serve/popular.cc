// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/popular.h"

#include <algorithm>
#include <cmath>

namespace ensue::serve {
namespace {

// How much of an event is left after `ms`.
double left_after(std::int64_t ms) {
  constexpr double kHalfLifeMs =
      Popular::kHalfLifeDays * static_cast<double>(events::kDayMs);
  return std::exp2(-static_cast<double>(ms) / kHalfLifeMs);
}

}  // namespace

double Popular::faded(const Count& count) const {
  return count.sum *
         left_after(events::count(now_) - events::count(count.latest));
}

void Popular::add(const store::Event& event) {
  if (event.item.empty()) return;
  const std::lock_guard lock(mutex_);
  now_ = std::max(now_, event.time);
  auto [place, fresh] = counts_.try_emplace(event.item);
  Count& count = place->second;
  if (fresh) count.latest = count.first = event.time;
  // A late event has faded already when it arrives.
  const std::int64_t ahead =
      events::count(event.time) - events::count(count.latest);
  if (ahead >= 0) {
    count.sum = count.sum * left_after(ahead) + 1;
    count.latest = event.time;
  } else {
    count.sum += left_after(-ahead);
  }
  count.first = std::min(count.first, event.time);
  if (counts_.size() > kItems) forget_least();
}

void Popular::forget_least() {
  std::vector<double> all;
  all.reserve(counts_.size());
  for (const auto& [name, count] : counts_) all.push_back(faded(count));
  const auto cut = all.begin() + static_cast<std::ptrdiff_t>(kItems / 10);
  std::ranges::nth_element(all, cut);
  std::erase_if(counts_,
                [&](const auto& one) { return faded(one.second) < *cut; });
}

double Popular::count(std::string_view item) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(std::string(item));
  return found == counts_.end() ? 0 : faded(found->second);
}

std::vector<Popular::Item> Popular::top(std::size_t n, bool by_first) const {
  std::vector<Item> out;
  {
    const std::lock_guard lock(mutex_);
    out.reserve(counts_.size());
    for (const auto& [name, count] : counts_) {
      out.push_back({name, faded(count), count.latest, count.first});
    }
  }
  const auto better = [&](const Item& a, const Item& b) {
    if (by_first && a.first != b.first) return a.first > b.first;
    if (!by_first && a.score != b.score) return a.score > b.score;
    return a.name < b.name;
  };
  n = std::min(n, out.size());
  std::ranges::partial_sort(out, out.begin() + static_cast<std::ptrdiff_t>(n),
                            better);
  out.resize(n);
  return out;
}

}  // namespace ensue::serve
