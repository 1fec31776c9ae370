// SPDX-License-Identifier: Apache-2.0
// What happened in the session that is open at the instant.
#include <algorithm>
#include <cmath>
#include <vector>

#include "ensue/features/internal/values.h"

namespace ensue::features {
namespace {

std::span<const std::uint32_t> open_places(const Past& past,
                                           const Resolved& r) {
  const auto all = past.places(r.action);
  const auto from = std::ranges::lower_bound(all, past.open_from());
  return all.subspan(static_cast<std::size_t>(from - all.begin()));
}

}  // namespace

double open_count(const Past& past, const Resolved& r) {
  return static_cast<double>(open_places(past, r).size());
}

double open_minutes(const Past& past, const Resolved&) {
  const auto times = past.events().times;
  const std::size_t from = past.open_from();
  if (from == times.size()) return 0;
  return static_cast<double>(count(times.back()) - count(times[from])) / 60'000;
}

double open_distinct(const Past& past, const Resolved& r) {
  std::vector<std::uint32_t> codes;
  for (const auto i : open_places(past, r)) {
    const std::uint32_t code = r.column->code(past.events(), i);
    if (code != EventColumn::kNothing) codes.push_back(code);
  }
  std::ranges::sort(codes);
  return static_cast<double>(std::ranges::unique(codes).begin() -
                             codes.begin());
}

double open_sum(const Past& past, const Resolved& r) {
  double out = 0;
  for (const auto i : open_places(past, r)) {
    const double number = r.column->number(past.events(), i);
    if (!std::isnan(number)) out += number;
  }
  return out;
}

}  // namespace ensue::features
