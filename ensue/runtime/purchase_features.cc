// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/purchase_features.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "ensue/runtime/purchases.h"

namespace ensue::runtime {
namespace {

constexpr double kWeek = 7;

struct Rhythm {
  double longest = 0;  // weeks
  double spread = -1;  // deviation over mean; -1: fewer than two gaps
  double late = 0;     // repeats in the last third of the age
};

Rhythm rhythm_of(std::span<const Purchase> past, double age_days, double now) {
  Rhythm out;
  double sum = 0, squares = 0;
  for (std::size_t i = 1; i < past.size(); ++i) {
    const double gap = (past[i].day - past[i - 1].day) / kWeek;
    out.longest = std::max(out.longest, gap);
    sum += gap;
    squares += gap * gap;
    if (past[i].day >= now - age_days / 3) ++out.late;
  }
  const auto gaps = static_cast<double>(past.size()) - 1;
  if (gaps >= 2 && sum > 0) {
    const double mean = sum / gaps;
    out.spread = std::sqrt(std::max(0.0, squares / gaps - mean * mean)) / mean;
  }
  return out;
}

Purchase total_of(std::span<const Purchase> past) {
  Purchase out{0, 0, 0, 0};
  for (const Purchase& purchase : past) {
    out.paid += purchase.paid;
    out.pieces += purchase.pieces;
    out.receipts += purchase.receipts;
  }
  return out;
}

}  // namespace

void purchase_features(const artifact::BgNbd& model,
                       std::span<const Purchase> past, double now,
                       double horizon_days, std::span<double> out) {
  assert(!past.empty() && out.size() == kPurchaseFeatures.size());
  const Purchase &first = past.front(), &last = past.back();
  const double repeats = static_cast<double>(past.size()) - 1;
  const double count = repeats + 1;
  const double age = (now - 1 - first.day) / kWeek;  // of the last whole day
  const double recency = (last.day - first.day) / kWeek;
  const double silence = age - recency, horizon = horizon_days / kWeek;
  const double gap = repeats > 0 ? recency / repeats : age + 1;
  const events::PurchaseSummary summary{repeats, recency, age, 0};
  const double here = alive(model, summary);
  const Rhythm rhythm = rhythm_of(past, now - first.day, now);
  const Purchase total = total_of(past);
  const double values[] = {
      std::log(here),
      std::log(expected_purchases(model, summary, horizon) / here),
      std::log1p(repeats),
      repeats == 0 ? 1.0 : 0.0,
      repeats == 1 ? 1.0 : 0.0,
      age > 0 ? recency / age : 0,
      std::log1p(silence),
      std::log((repeats + 0.25) / (age + 4)),
      std::log1p(silence / std::max(gap, 0.2)),
      std::log1p(rhythm.late),
      rhythm.spread,
      std::log1p(rhythm.longest),
      std::log1p(silence) - std::log1p(rhythm.longest),
      std::log1p(total.paid / count),
      std::log1p(first.paid),
      std::log1p(last.paid),
      std::log1p(total.paid),
      std::log1p(total.pieces / count),
      std::log1p(first.pieces),
      std::log1p(last.pieces),
      std::log1p(total.pieces),
      std::log1p(total.receipts - count),
      std::log1p(total.paid / std::max(total.pieces, 1.0)),
      std::log1p(age),
      std::log(horizon)};
  std::ranges::copy(values, out.begin());
}

}  // namespace ensue::runtime
