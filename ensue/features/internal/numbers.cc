// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "ensue/features/internal/values.h"

namespace ensue::features {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Calls `take` with every number of the column that is known.
template <class Take>
void each_number(const Past& past, const Resolved& r, const Take& take) {
  for (const auto i : past.within(r.action, r.definition.window_days)) {
    const double number = r.column->number(past.events(), i);
    if (!std::isnan(number)) take(number);
  }
}

}  // namespace

double sum(const Past& past, const Resolved& r) {
  double out = 0;
  each_number(past, r, [&](double x) { out += x; });
  return out;
}

double mean(const Past& past, const Resolved& r) {
  double all = 0, n = 0;
  each_number(past, r, [&](double x) { all += x, n += 1; });
  return n == 0 ? kNaN : all / n;
}

double largest(const Past& past, const Resolved& r) {
  double out = kNaN;
  each_number(past, r, [&](double x) { out = std::fmax(out, x); });
  return out;
}

double above(const Past& past, const Resolved& r) {
  double hits = 0, n = 0;
  each_number(past, r, [&](double x) {
    hits += x > r.definition.low ? 1 : 0;
    n += 1;
  });
  return n == 0 ? kNaN : hits / n;
}

}  // namespace ensue::features
