// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/when.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "ensue/base/error.h"

namespace ensue::data {
namespace {

std::optional<double> as_number(std::string_view text) {
  double out = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc() || stop != end || !std::isfinite(out)) {
    return std::nullopt;
  }
  return out;
}

bool is_date_digits(double n) {
  const auto whole = static_cast<std::int64_t>(n);
  return whole >= 19000101 && whole <= 21001231 &&
         date_millis(static_cast<int>(whole / 10000),
                     static_cast<int>(whole / 100 % 100),
                     static_cast<int>(whole % 100));
}

}  // namespace

TimeReader::TimeReader(std::string format,
                       std::span<const std::string> sample) {
  constexpr std::array<std::pair<std::string_view, Unit>, 4> kUnits = {{
      {"order", Unit::kOrder},
      {"seconds", Unit::kSeconds},
      {"milliseconds", Unit::kMillis},
      {"microseconds", Unit::kMicros},
  }};
  for (const auto& [name, unit] : kUnits) {
    if (format == name) {
      unit_ = unit;
      numbers_only_ = true;
      return;
    }
  }
  if (format != "auto") {
    if (format.find('%') == std::string::npos) {
      invalid("columns.time_format: '" + format +
              "', expected auto, seconds, milliseconds, microseconds, order "
              "or a format such as %d/%m/%Y %H:%M");
    }
    format_ = std::move(format);
    return;
  }
  choose_unit(sample);
  choose_day_month(sample);
}

void TimeReader::choose_unit(std::span<const std::string> sample) {
  std::vector<double> numbers;
  for (const std::string& text : sample) {
    const auto n = as_number(text);
    if (n) numbers.push_back(std::abs(*n));
    texts_ = texts_ || (!n && !text.empty());
  }
  if (numbers.empty()) return;
  if (std::all_of(numbers.begin(), numbers.end(), is_date_digits)) {
    unit_ = Unit::kDateDigits;
    return;
  }
  const auto middle =
      numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  unit_ = *middle < 1e8    ? Unit::kOrder
          : *middle < 1e11 ? Unit::kSeconds
          : *middle < 1e14 ? Unit::kMillis
          : *middle < 1e17 ? Unit::kMicros
                           : Unit::kNanos;
  if (unit_ == Unit::kOrder && texts_) unit_ = Unit::kSeconds;
}

void TimeReader::choose_day_month(std::span<const std::string> sample) {
  int first = 0, second = 0;
  for (const std::string& text : sample) {
    if (const auto date = read_small_date(text)) {
      slashes_ = true;
      first = std::max(first, date->first);
      second = std::max(second, date->second);
    }
  }
  day_month_ = first > 12 && second > 12 ? DayMonth::kBoth
               : first > 12              ? DayMonth::kDayFirst
               : second > 12             ? DayMonth::kMonthFirst
                                         : DayMonth::kUnknown;
}

std::optional<std::int64_t> TimeReader::read(double number) const {
  if (!std::isfinite(number) || std::abs(number) > 9e18) return std::nullopt;
  switch (unit_) {
    case Unit::kSeconds:
      if (std::abs(number) > 9e15) return std::nullopt;
      return std::llround(number * 1000);
    case Unit::kMicros:
      return static_cast<std::int64_t>(std::floor(number / 1000));
    case Unit::kNanos:
      return static_cast<std::int64_t>(std::floor(number / 1e6));
    case Unit::kDateDigits: {
      if (!is_date_digits(number)) return std::nullopt;
      const auto n = static_cast<int>(number);
      return date_millis(n / 10000, n / 100 % 100, n % 100);
    }
    default:
      return static_cast<std::int64_t>(number);
  }
}

std::optional<std::int64_t> TimeReader::read_number(
    std::string_view text) const {
  std::int64_t whole = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, whole);
  if (error == std::errc() && stop == end) {
    if (unit_ == Unit::kSeconds && std::abs(whole) < 9'000'000'000'000'000) {
      return whole * 1000;
    }
    if (unit_ == Unit::kMillis || unit_ == Unit::kOrder) return whole;
  }
  const auto number = as_number(text);
  return number ? read(*number) : std::nullopt;
}

std::optional<std::int64_t> TimeReader::read(std::string_view text) const {
  if (!format_.empty()) {
    struct tm parts {};
    const std::string copy(text);
    const char* stop = ::strptime(copy.c_str(), format_.c_str(), &parts);
    if (stop == nullptr || *stop != '\0') return std::nullopt;
    if (parts.tm_mday == 0) parts.tm_mday = 1;
    const long offset = parts.tm_gmtoff;
    return (static_cast<std::int64_t>(::timegm(&parts)) - offset) * 1000;
  }
  if (const auto number = read_number(text)) return number;
  if (numbers_only_) return std::nullopt;
  if (const auto iso = read_iso(text)) return iso;
  if (const auto date = read_small_date(text)) {
    const bool day_first = day_month_ == DayMonth::kDayFirst;
    const int day = day_first ? date->first : date->second;
    const int month = day_first ? date->second : date->first;
    const auto midnight = date_millis(date->year, month, day);
    if (!midnight || !date->clock_ms) return std::nullopt;
    return *midnight + *date->clock_ms;
  }
  return read_named_date(text);
}

std::string TimeReader::describe() const {
  if (!format_.empty()) return "dates as " + format_;
  if (texts_) return "dates";
  constexpr std::array<const char*, 6> kNames = {
      "places in the log", "unix seconds",     "unix milliseconds",
      "unix microseconds", "unix nanoseconds", "dates as 20240131"};
  return kNames[static_cast<std::size_t>(unit_)];
}

}  // namespace ensue::data
