// SPDX-License-Identifier: Apache-2.0
// A customer's purchases in the four numbers that counting models read.
#pragma once

#include <optional>
#include <span>

#include "ensue/events/ids.h"

namespace ensue::events {

/// Times are in units of `unit_days`, from the first purchase on.
struct PurchaseSummary {
  double repeats = 0;  // purchases after the first
  double recency = 0;  // when the last of them was; 0 without repeats
  double age = 0;      // now
  double spend = 0;    // mean value of the repeats that have one; 0: none has
};

struct PurchaseUnits {
  double unit_days = 7;
  /// Purchases of one day (UTC) are one purchase, its value their sum, and
  /// every time counts whole days.
  bool merge_days = true;
};

/// What is known at `now`: purchases strictly before it. With merged days the
/// age is that of the last day with a moment before `now`, so that `now` at
/// midnight means the end of the day before. O(n).
/// @param times   never falling; [0, n).
/// @param values  as many, NaN: none; or empty.
/// @return nullopt when there is no purchase before `now`.
/// @throws Error(kInvalidArgument) for lengths that differ and for a unit that
///   is not above 0.
std::optional<PurchaseSummary> summarise_purchases(
    std::span<const Millis> times, std::span<const float> values, Millis now,
    const PurchaseUnits& units = {});

}  // namespace ensue::events
