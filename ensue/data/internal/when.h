// SPDX-License-Identifier: Apache-2.0
// Times as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ensue/base/time_text.h"

namespace ensue::data {

/// Which of the two small numbers of 3/4/2024 is the day.
enum class DayMonth { kUnknown, kDayFirst, kMonthFirst, kBoth };

/// Reads one column of times.
class TimeReader {
 public:
  /// @param format  ColumnOptions::time_format.
  /// @param sample  Texts of the column; decide the unit of bare numbers and
  ///   the order of day and month when `format` is "auto".
  /// @throws Error(kInvalidArgument) on a format that is none.
  TimeReader(std::string format, std::span<const std::string> sample);

  /// Milliseconds since 1970 UTC (or the place in the log); nullopt: not a
  /// time. Text without a zone is UTC. One column may mix ISO 8601, dates with
  /// month names, 3/4/2024 and 20240403.
  std::optional<std::int64_t> read(std::string_view text) const;
  std::optional<std::int64_t> read(double number) const;

  /// False: the numbers are places in the log.
  bool has_clock() const noexcept { return unit_ != Unit::kOrder; }
  /// The sample has 3/4/2024 and does not settle which is the day: ask all
  /// rows.
  bool needs_day_month() const noexcept {
    return slashes_ &&
           (day_month_ == DayMonth::kUnknown || day_month_ == DayMonth::kBoth);
  }
  void set_day_month(DayMonth order) noexcept { day_month_ = order; }
  /// What the sample was taken for: "unix seconds", "dates", …
  std::string describe() const;

 private:
  enum class Unit { kOrder, kSeconds, kMillis, kMicros, kNanos, kDateDigits };
  void choose_unit(std::span<const std::string> sample);
  void choose_day_month(std::span<const std::string> sample);
  std::optional<std::int64_t> read_number(std::string_view text) const;

  std::string format_;  // strptime; empty: auto
  bool numbers_only_ = false, slashes_ = false, texts_ = false;
  Unit unit_ = Unit::kSeconds;
  DayMonth day_month_ = DayMonth::kUnknown;
};

}  // namespace ensue::data
