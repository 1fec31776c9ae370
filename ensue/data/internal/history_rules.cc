// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/history_rules.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>
#include <vector>

namespace ensue::data {
namespace {

constexpr std::int64_t kHour = 3'600'000;

auto content(const Row& r) {
  return std::tuple(r.item, static_cast<std::uint64_t>(r.action),
                    std::bit_cast<std::uint32_t>(r.value), r.extras);
}

// Within one instant. Small groups by comparison, large ones by sorting.
void mark_repeats(std::span<Row> group) {
  if (group.size() <= 16) {
    for (std::size_t i = 1; i < group.size(); ++i) {
      for (std::size_t j = 0; j < i && group[i].removed == 0; ++j) {
        if (content(group[i]) == content(group[j])) {
          mark(group[i], Rule::kDuplicate);
        }
      }
    }
    return;
  }
  std::vector<Row*> order;
  for (Row& row : group) order.push_back(&row);
  std::sort(order.begin(), order.end(), [](const Row* a, const Row* b) {
    return std::tuple(content(*a), std::uint64_t{a->seq}) <
           std::tuple(content(*b), std::uint64_t{b->seq});
  });
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (content(*order[i]) == content(*order[i - 1])) {
      mark(*order[i], Rule::kDuplicate);
    }
  }
}

// The latest row before `at` that `at` can take back: equal first.
Row* taken_back(std::span<Row> rows, std::size_t at, std::uint32_t cancelled) {
  const float amount = std::abs(rows[at].value);
  Row* larger = nullptr;
  for (std::size_t i = at; i-- > 0;) {
    Row& r = rows[i];
    if (r.removed != 0 || r.action != cancelled || r.item != rows[at].item) {
      continue;
    }
    const float gap = std::abs(std::abs(r.value) - amount);
    if (gap <= 1e-4F * amount || std::isnan(gap)) return &r;
    if (larger == nullptr && std::abs(r.value) > amount) larger = &r;
  }
  return larger;
}

}  // namespace

void mark_duplicates(std::span<Row> rows) {
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin + 1;
    while (end < rows.size() && rows[end].time == rows[begin].time) ++end;
    if (end - begin > 1) mark_repeats(rows.subspan(begin, end - begin));
    begin = end;
  }
}

void mark_cancellations(std::span<Row> rows, std::uint32_t cancel,
                        std::uint32_t cancelled) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].action != cancel || rows[i].removed != 0) continue;
    Row* purchase = taken_back(rows, i, cancelled);
    if (purchase == nullptr) {
      mark(rows[i], Rule::kCancellationUnpaired);
      continue;
    }
    const float rest = std::abs(purchase->value) - std::abs(rows[i].value);
    if (!(rest > 1e-4F * std::abs(rows[i].value))) {
      mark(*purchase, Rule::kCancelled);
    }
    mark(rows[i], Rule::kCancellation);
  }
}

void mark_bot(std::span<Row> rows, int limit) {
  if (rows.size() <= static_cast<std::size_t>(limit)) return;
  std::vector<std::int64_t> instants;
  for (const Row& row : rows) {
    if (row.removed == 0 && (instants.empty() || instants.back() != row.time)) {
      instants.push_back(row.time);
    }
  }
  const auto n = static_cast<std::size_t>(limit);
  bool bot = false;
  for (std::size_t i = n; i < instants.size() && !bot; ++i) {
    bot = instants[i] - instants[i - n] < kHour;
  }
  for (Row& row : rows) {
    if (bot && row.removed == 0) mark(row, Rule::kBot);
  }
}

void mark_outliers(std::span<Row> rows, float low, float high) {
  for (Row& row : rows) {
    if (row.removed == 0 && (row.value < low || row.value > high)) {
      mark(row, Rule::kOutlier);
    }
  }
}

}  // namespace ensue::data
