// SPDX-License-Identifier: Apache-2.0
// Days and weeks of the simulated shop.
#pragma once

#include <cstdint>
#include <string>

namespace ensue::simulate {

/// Days are counted from the first day of the log, weeks are seven of them.
class Calendar {
 public:
  /// @throws Error(kInvalidArgument) when `start` is no date.
  Calendar(const std::string& start, int days);

  int days() const noexcept { return days_; }
  int weeks() const noexcept { return (days_ + 6) / 7; }
  static int week(int day) noexcept { return day / 7; }
  /// Seconds since 1970 of the day's midnight (UTC).
  std::int64_t midnight(int day) const noexcept {
    return (first_ + day) * 86400;
  }
  int day_of(std::int64_t second) const noexcept {
    return static_cast<int>(second / 86400 - first_);
  }
  /// 0 Monday … 6 Sunday.
  int weekday(int day) const noexcept;
  /// Place in the year, in turns: 0 on 1 January, about 1 a year later.
  double turn(double day) const noexcept;
  /// "2025-01-06".
  std::string date(int day) const;

 private:
  std::int64_t first_ = 0;  // days since 1970
  int days_ = 0;
};

/// "2025-01-06T08:12:33Z" into 20 characters at `out`.
void format_time(std::int64_t second, char* out) noexcept;

}  // namespace ensue::simulate
