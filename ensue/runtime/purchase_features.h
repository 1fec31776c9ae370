// SPDX-License-Identifier: Apache-2.0
// What a customer's purchases tell beyond how many and how recent they were.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "ensue/artifact/purchases.h"

namespace ensue::runtime {

/// All that a customer bought on one day.
struct Purchase {
  double day = 0;       // since any fixed day
  double paid = 0;      // 0: unknown
  double pieces = 0;    // 0: unknown
  double receipts = 1;  // at least 1
};

/// Names, in the order of purchase_features(); what a model of counts reads
/// beside log expected_purchases().
inline constexpr std::array<std::string_view, 25> kPurchaseFeatures = {
    "log_alive",     "log_if_alive",  "log_repeats",  "no_repeat",
    "one_repeat",    "recency_share", "log_silence",  "log_rate",
    "silence_gaps",  "late_repeats",  "gap_spread",   "longest_gap",
    "silence_vs_it", "paid",          "first_paid",   "last_paid",
    "total_paid",    "pieces",        "first_pieces", "last_pieces",
    "total_pieces",  "receipts",      "price",        "log_age",
    "log_horizon"};

/// Of a customer whose purchases until `now` are `past`, all before it.
/// Amounts enter as logarithms of 1 + amount, times in weeks. O(n).
/// @param past  rising days, at least one.
/// @param now   a day after the last of `past`.
/// @param model  of weeks, fitted on what was known then.
/// @param out   [kPurchaseFeatures.size()].
void purchase_features(const artifact::BgNbd& model,
                       std::span<const Purchase> past, double now,
                       double horizon_days, std::span<double> out);

}  // namespace ensue::runtime
