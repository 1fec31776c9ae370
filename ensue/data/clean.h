// SPDX-License-Identifier: Apache-2.0
// Cleaning: named rules, and what each of them took away.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/catalog.h"
#include "ensue/base/json.h"

namespace ensue::data {

/// [clean]
struct CleanOptions {
  std::string time_from = "1990-01-01", time_to = "2100-01-01";
  double value_min = -1e30, value_max = 1e30;
  bool duplicates = true;
  double outliers = 0;              // interquartile ranges; 0: off
  int bot_actions_per_hour = 1800;  // distinct instants; 0: off
  std::string cancel_action;        // empty: nothing cancels
  std::string cancelled_action = "purchase";
  std::string price;            // column; rows at or below 0 go
  std::string product_pattern;  // regular expression of real item codes
  void visit(auto&& field) {
    field("time_from", time_from, "earlier events are errors");
    field("time_to", time_to, "later events are errors");
    field("value_min", value_min, "smaller values are impossible");
    field("value_max", value_max, "larger values are impossible");
    field("duplicates", duplicates, "remove exact repetitions of a row");
    field("outliers", outliers,
          "remove values that many interquartile ranges out; 0: off");
    field("bot_actions_per_hour", bot_actions_per_hour,
          "remove users who act at more instants within an hour; 0: off");
    field("cancel_action", cancel_action, "action that takes another back");
    field("cancelled_action", cancelled_action, "action that is taken back");
    field("price", price, "column that must be above 0");
    field("product_pattern", product_pattern,
          "regular expression that item codes must match");
  }
};

/// A rule takes rows away or sets them aside; the first that applies counts.
struct CleaningRule {
  std::string_view name;
  std::string_view summary;
};

enum class Rule : std::uint8_t {
  kUnreadable,
  kMissingItem,
  kBadTime,
  kTimeBounds,
  kBadValue,
  kImpossibleValue,
  kPrice,
  kNotAProduct,
  kRepeatedEventId,
  kDuplicate,
  kCancelled,
  kCancellation,
  kCancellationUnpaired,
  kOutlier,
  kBot,
  kMissingValue,
  kNoUser,  // set aside, not removed
  kCount
};
inline constexpr std::size_t kRules = static_cast<std::size_t>(Rule::kCount);

/// In the order of Rule.
const Catalog<CleaningRule>& cleaning_rules();

struct SampleRow {
  std::string file;
  std::uint64_t line = 0;  // 1-based; 0: the source has no lines
  std::string content;
};

struct RuleCount {
  std::string rule;
  std::uint64_t rows = 0;
  std::vector<SampleRow> samples;  // at most three, the first in the source
};

struct CleaningReport {
  std::uint64_t rows = 0;          // of the source
  std::uint64_t kept = 0;          // events of the dataset
  std::uint64_t aside = 0;         // set aside: aside.parquet
  std::vector<RuleCount> rules;    // every rule, also those with 0 rows
  std::vector<std::string> notes;  // what else was done: filled values, …

  std::uint64_t removed() const noexcept;
  JsonObject to_json() const;
  /// @throws Error(kCorrupt) naming `where`.
  static CleaningReport from_json(const Json& json, std::string_view where);
};

}  // namespace ensue::data
