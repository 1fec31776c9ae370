// SPDX-License-Identifier: Apache-2.0
// What is bought when, what grows and what fades.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ensue/events/log.h"

namespace ensue::data {

struct MarketOptions {
  std::string action = {};  // what counts as bought; empty: main_action()
  std::string by = {};      // column of categories; empty: the first there is
  std::string promotion = {};  // column; empty: one that is named so, if any
  std::size_t rows = 10;       // at most, of a list
};

/// Of the log's time the last quarter is now, the one before it earlier.
struct MarketTrend {
  std::string name;
  std::uint64_t bought = 0, earlier = 0, now = 0;
  double share_earlier = 0, share_now = 0;  // of all that was bought then
  /// How far the share moved, in standard errors (two proportions).
  double moved = 0;
};

/// An hour of the day or a day of the week (UTC).
struct MarketSlot {
  std::string name;
  std::uint64_t bought = 0;
  /// The category (or item) most over-represented then, of those bought at
  /// least 20 times then and in 1 % of the purchases; empty: none.
  std::string favourite;
  double lift = 0;  // its share then over its share always
};

struct MarketPromotion {
  std::string value;  // "none" where the cell is empty
  std::uint64_t events = 0, bought = 0;
  double value_mean = 0;  // of what was bought; NaN: no values
};

struct Market {
  std::string action;     // what counts as bought
  std::string by;         // what categories are; "item" without any
  std::string promotion;  // column; empty: none
  events::Millis first{0}, last{0}, earlier_from{0}, now_from{0};
  std::uint64_t bought = 0, earlier = 0, now = 0;
  std::vector<MarketTrend> categories;  // most bought first; empty without any
  std::vector<MarketTrend> growing, fading;  // items that moved by 3 or more
  std::vector<MarketSlot> hours, weekdays;   // 24, 7
  std::vector<std::uint64_t> weeks;          // bought in each week, in order
  std::vector<MarketPromotion> promotions;
};

/// O(events), a few passes.
/// @throws Error(kInvalidArgument) for a log without a clock, an action that
///   nobody took, and unknown columns.
Market describe_market(const events::Log& log,
                       const MarketOptions& options = {});

}  // namespace ensue::data
