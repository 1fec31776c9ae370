// SPDX-License-Identifier: Apache-2.0
#include "ensue/explain/event_reasons.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ensue/explain/internal/without.h"

namespace ensue::explain {

namespace {

void sort_by_strength(std::vector<EventReason>& reasons) {
  std::ranges::sort(reasons, [](const EventReason& a, const EventReason& b) {
    const double x = std::abs(a.moved), y = std::abs(b.moved);
    return x != y ? x > y : a.event > b.event;
  });
}

}  // namespace

std::vector<EventReason> leave_events_out(const HistoryScore& score,
                                          const events::History& history,
                                          std::size_t max_events) {
  const std::size_t n = history.size();
  const double all = score(history);
  internal::Without rest(history);
  std::vector<EventReason> out;
  for (std::size_t i = n - std::min(n, max_events); i < n; ++i) {
    out.push_back({i, all - score(rest.event(i))});
  }
  sort_by_strength(out);
  return out;
}

std::vector<EventReason> leave_instants_out(const HistoryScore& score,
                                            const events::History& history,
                                            std::size_t max_events) {
  const std::size_t n = history.size();
  const double all = score(history);
  std::vector<EventReason> out;
  std::vector<bool> gone(n);
  std::size_t begin = n - std::min(n, max_events);
  while (begin > 0 && begin < n &&
         history.times[begin] == history.times[begin - 1]) {
    ++begin;  // an instant that is looked at in part is not looked at
  }
  while (begin < n) {
    std::size_t end = begin;
    while (end < n && history.times[end] == history.times[begin]) {
      gone[end++] = true;
    }
    const auto rest = internal::without(history, gone);
    out.push_back({begin, all - score(rest.view()), end - begin});
    std::fill(gone.begin() + static_cast<std::ptrdiff_t>(begin),
              gone.begin() + static_cast<std::ptrdiff_t>(end), false);
    begin = end;
  }
  sort_by_strength(out);
  return out;
}

double Faithfulness::ratio() const noexcept {
  if (random == 0) {
    return top == 0 ? 1 : std::numeric_limits<double>::infinity();
  }
  return top / random;
}

void FaithfulnessCheck::add(const HistoryScore& score,
                            const events::History& history,
                            const std::vector<EventReason>& reasons) {
  const std::size_t n = history.size();
  if (n <= taken_ || reasons.size() < taken_) return;
  const double all = score(history);
  std::vector<bool> gone(n);
  for (std::size_t i = 0; i < taken_; ++i) gone[reasons[i].event] = true;
  top_ += std::abs(all - score(internal::without(history, gone).view()));
  std::vector<std::size_t> order;
  for (const EventReason& reason : reasons) order.push_back(reason.event);
  double moved = 0;
  for (std::size_t draw = 0; draw < draws_; ++draw) {
    shuffle(order, rng_);
    gone.assign(n, false);
    for (std::size_t i = 0; i < taken_; ++i) gone[order[i]] = true;
    moved += std::abs(all - score(internal::without(history, gone).view()));
  }
  random_ += moved / static_cast<double>(draws_);
  ++histories_;
}

Faithfulness FaithfulnessCheck::result() const noexcept {
  if (histories_ == 0) return {};
  const auto n = static_cast<double>(histories_);
  return {histories_, top_ / n, random_ / n};
}

}  // namespace ensue::explain
