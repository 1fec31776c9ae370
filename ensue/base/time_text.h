// SPDX-License-Identifier: Apache-2.0
// Times as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ensue {

/// ISO 8601 (2024-04-03, 2024-04-03T10:00:00.5+08:00, / and . as separators)
/// to milliseconds since 1970 UTC; nullopt otherwise. Without a zone: UTC.
std::optional<std::int64_t> read_iso(std::string_view text);

/// A date with its month in letters: "5 Jan 2024 13:00", "Jan 5, 2024",
/// "Mon, 05 Jan 2024 13:00:00 +0000"; nullopt otherwise.
std::optional<std::int64_t> read_named_date(std::string_view text);

/// 3/4/2024, 3.4.24 or 3-4-2024, with a clock or without one: which number is
/// the day is not said.
struct SmallDate {
  int first, second, year;
  /// Since midnight, less the zone; nullopt: what follows the date is no time.
  std::optional<std::int64_t> clock_ms;
};
std::optional<SmallDate> read_small_date(std::string_view text);

/// Midnight UTC of a day; nullopt: there is no such day.
std::optional<std::int64_t> date_millis(int year, int month, int day);

/// Milliseconds since 1970 UTC as "2024-04-03 10:00:00".
std::string time_text(std::int64_t millis);

}  // namespace ensue
