// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ensue/features/internal/values.h"

namespace ensue::features {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Codes that are known, sorted.
std::vector<std::uint32_t> codes_of(const Past& past, const Resolved& r) {
  std::vector<std::uint32_t> out;
  for (const auto i : past.within(r.action, r.definition.window_days)) {
    const std::uint32_t code = r.column->code(past.events(), i);
    if (code != EventColumn::kNothing) out.push_back(code);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// How often each code stands there.
std::vector<double> counts_of(const Past& past, const Resolved& r) {
  std::vector<double> out;
  const auto codes = codes_of(past, r);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (i == 0 || codes[i] != codes[i - 1]) out.push_back(0);
    out.back() += 1;
  }
  return out;
}

}  // namespace

double distinct(const Past& past, const Resolved& r) {
  return static_cast<double>(counts_of(past, r).size());
}

double entropy(const Past& past, const Resolved& r) {
  double n = 0, sum = 0;
  for (const double c : counts_of(past, r)) {
    n += c;
    sum += c * std::log(c);
  }
  return n == 0 ? kNaN : std::max(0.0, std::log(n) - sum / n);
}

double top_share(const Past& past, const Resolved& r) {
  double n = 0, top = 0;
  for (const double c : counts_of(past, r)) {
    n += c;
    top = std::max(top, c);
  }
  return n == 0 ? kNaN : top / n;
}

double share(const Past& past, const Resolved& r) {
  const auto codes = codes_of(past, r);
  if (codes.empty()) return kNaN;
  if (r.code == EventColumn::kNothing) return 0;
  const auto [low, high] = std::equal_range(codes.begin(), codes.end(), r.code);
  return static_cast<double>(high - low) / static_cast<double>(codes.size());
}

}  // namespace ensue::features
