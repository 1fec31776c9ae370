// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/instants.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>

#include "ensue/base/error.h"

namespace ensue::judge {
namespace {

using events::kDayMs;
using events::kHourMs;
using events::kSecondMs;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;

// Reads a text from the left; any failure sticks.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { good_ = take(c) && good_; }
  // Exactly `digits` digits.
  std::int64_t number(std::size_t digits) {
    std::int64_t value = 0;
    const char* end = rest_.data() + std::min(digits, rest_.size());
    const auto result = std::from_chars(rest_.data(), end, value);
    if (rest_.size() < digits || result.ptr != end || value < 0) {
      good_ = false;
      return 0;
    }
    rest_.remove_prefix(digits);
    return value;
  }
  // ".25" as 250; digits beyond the third are dropped.
  std::int64_t thousandths() {
    std::int64_t value = 0, unit = 100;
    bool any = false;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
         unit /= 10, any = true) {
      value += (rest_.front() - '0') * unit;
      rest_.remove_prefix(1);
    }
    good_ = good_ && any;
    return value;
  }
  void require(bool fact) { good_ = good_ && fact; }
  bool done() const { return good_ && rest_.empty(); }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::int64_t read_day(Reader& in) {
  const auto year = static_cast<int>(in.number(4));
  in.expect('-');
  const auto month = static_cast<unsigned>(in.number(2));
  in.expect('-');
  const auto day = static_cast<unsigned>(in.number(2));
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(month),
                                         std::chrono::day(day)};
  in.require(date.ok());
  return std::chrono::sys_days(date).time_since_epoch().count() * kDayMs;
}

std::int64_t read_time(Reader& in) {
  const std::int64_t hour = in.number(2);
  in.expect(':');
  const std::int64_t minute = in.number(2);
  std::int64_t second = 0, part = 0;
  if (in.take(':')) {
    second = in.number(2);
    if (in.take('.')) part = in.thousandths();
  }
  in.require(hour < 24 && minute < 60 && second < 60);
  return hour * kHourMs + minute * kMinuteMs + second * kSecondMs + part;
}

// What the zone adds to UTC.
std::int64_t read_zone(Reader& in) {
  if (in.take('Z') || in.empty()) return 0;
  const bool west = in.take('-');
  if (!west) in.expect('+');
  const std::int64_t hours = in.number(2);
  in.take(':');
  const std::int64_t offset = hours * kHourMs + in.number(2) * kMinuteMs;
  return west ? -offset : offset;
}

}  // namespace

events::Millis parse_instant(std::string_view text, std::string_view where) {
  Reader in(text);
  std::int64_t ms = read_day(in);
  if (in.take('T') || in.take(' ')) {
    ms += read_time(in);
    ms -= read_zone(in);
  }
  if (!in.done()) {
    invalid(std::string(where) + ": '" + std::string(text) +
            "', expected an ISO 8601 instant such as 2025-01-31 or "
            "2025-01-31T10:30:00Z");
  }
  return events::Millis{ms};
}

std::string show_instant(events::Millis time) {
  using std::chrono::days, std::chrono::milliseconds;
  const std::chrono::sys_time<milliseconds> at{
      milliseconds(events::count(time))};
  const auto midnight = std::chrono::floor<days>(at);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(at - midnight);
  std::array<char, 64> out{};
  int size = std::snprintf(
      out.data(), out.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (at != midnight) {
    size += std::snprintf(
        out.data() + size, out.size() - static_cast<std::size_t>(size),
        "T%02d:%02d:%02d", static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()));
    if (const auto part = clock.subseconds().count(); part != 0) {
      std::snprintf(out.data() + size,
                    out.size() - static_cast<std::size_t>(size), ".%03d",
                    static_cast<int>(part));
    }
  }
  return out.data();
}

}  // namespace ensue::judge
