// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/time_text.h"

#include <time.h>

#include <array>

namespace ensue {
namespace {

constexpr std::int64_t kDay = 86'400'000;

// Days since 1970-01-01 of the proleptic Gregorian calendar.
// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
std::int64_t days_from_civil(std::int64_t y, int m, int d) {
  y -= m <= 2;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const auto yoe = static_cast<unsigned>(y - era * 400);
  const unsigned doy = (153U * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + static_cast<std::int64_t>(doe) - 719468;
}

int days_in(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30,
                                         31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap);
}

// A text that is eaten from the front.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) { spaces(); }
  bool done() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  char take() {
    const char c = peek();
    if (!rest_.empty()) rest_.remove_prefix(1);
    return c;
  }
  bool eat(char c) { return peek() == c && (take(), true); }
  void spaces() {
    while (peek() == ' ') take();
  }
  // 1 to `most` digits; how many there were in `digits`.
  std::optional<int> number(int most, int* digits = nullptr) {
    int value = 0, n = 0;
    for (; n < most && peek() >= '0' && peek() <= '9'; ++n) {
      value = 10 * value + (take() - '0');
    }
    if (digits != nullptr) *digits = n;
    if (n == 0) return std::nullopt;
    return value;
  }
  std::string word() {
    std::string out;
    while ((peek() | 32) >= 'a' && (peek() | 32) <= 'z') {
      out += static_cast<char>(take() | 32);
    }
    return out;
  }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> read_zone(Cursor& in) {
  in.spaces();
  if (in.done() || in.eat('Z')) return 0;
  const char sign = in.take();
  if (sign == '+' || sign == '-') {
    const auto hours = in.number(2);
    in.eat(':');
    const int minutes = in.number(2).value_or(0);
    in.spaces();
    if (!hours || in.word().size() > 5) return std::nullopt;  // "+0800 CST"
    return (sign == '+' ? 1 : -1) * (*hours * 60 + minutes) * 60'000LL;
  }
  const std::string word = in.word();
  if ((sign == 'U' && word == "tc") || (sign == 'G' && word == "mt")) return 0;
  return std::nullopt;
}

// "13:05", "13:05:07.250", "1:05 PM", with a zone or none; to the end.
std::optional<std::int64_t> read_clock(Cursor& in) {
  in.spaces();
  if (in.done()) return 0;
  auto hour = in.number(2);
  if (!hour || !in.eat(':')) return std::nullopt;
  const auto minute = in.number(2);
  int second = 0, milli = 0;
  if (in.eat(':')) second = in.number(2).value_or(99);
  if (in.eat('.') || in.eat(',')) {
    int digits = 0;
    milli = in.number(3, &digits).value_or(0);
    for (; digits < 3; ++digits) milli *= 10;
    in.number(9);
  }
  in.spaces();
  if ((in.peek() | 32) == 'a' || (in.peek() | 32) == 'p') {
    const std::string half = in.word();
    if (*hour < 1 || *hour > 12 || (half != "am" && half != "pm")) {
      return std::nullopt;
    }
    *hour = *hour % 12 + (half == "pm" ? 12 : 0);
  }
  const auto zone = read_zone(in);
  in.spaces();
  if (!minute || !zone || !in.done() || *hour > 23 || *minute > 59 ||
      second > 60) {
    return std::nullopt;
  }
  return ((*hour * 60LL + *minute) * 60 + second) * 1000 + milli - *zone;
}

std::optional<std::int64_t> add(std::optional<std::int64_t> date,
                                std::optional<std::int64_t> clock) {
  if (!date || !clock) return std::nullopt;
  return *date + *clock;
}

int full_year(int year, int digits) {
  return digits > 2 ? year : year + (year < 70 ? 2000 : 1900);
}

int month_of(const std::string& word) {
  constexpr std::array<std::string_view, 12> kMonths = {
      "jan", "feb", "mar", "apr", "may", "jun",
      "jul", "aug", "sep", "oct", "nov", "dec"};
  if (word.size() < 3) return 0;
  for (std::size_t m = 0; m < kMonths.size(); ++m) {
    if (word.starts_with(kMonths[m])) return static_cast<int>(m) + 1;
  }
  return 0;
}

}  // namespace

std::optional<std::int64_t> date_millis(int year, int month, int day) {
  if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) {
    return std::nullopt;
  }
  return days_from_civil(year, month, day) * kDay;
}

std::optional<std::int64_t> read_iso(std::string_view text) {
  Cursor in(text);
  int digits = 0;
  const auto year = in.number(4, &digits);
  if (!year || digits != 4) return std::nullopt;
  const char separator = in.take();
  if (separator != '-' && separator != '/' && separator != '.') {
    return std::nullopt;
  }
  const auto month = in.number(2);
  if (!month || !in.eat(separator)) return std::nullopt;
  const auto day = in.number(2);
  if (!day) return std::nullopt;
  in.eat('T');
  return add(date_millis(*year, *month, *day), read_clock(in));
}

std::optional<SmallDate> read_small_date(std::string_view text) {
  Cursor in(text);
  int digits = 0;
  const auto first = in.number(2);
  const char separator = in.take();
  if (!first || (separator != '/' && separator != '.' && separator != '-')) {
    return std::nullopt;
  }
  const auto second = in.number(2);
  if (!second || !in.eat(separator)) return std::nullopt;
  const auto year = in.number(4, &digits);
  if (!year || (digits != 2 && digits != 4)) return std::nullopt;
  return SmallDate{*first, *second, full_year(*year, digits), read_clock(in)};
}

std::optional<std::int64_t> read_named_date(std::string_view text) {
  Cursor in(text);
  int month = 0, day = 0, year = 0;
  while (!in.done() && (month == 0 || day == 0 || year == 0)) {
    if (const std::string word = in.word(); !word.empty()) {
      if (month == 0) month = month_of(word);
      continue;
    }
    int digits = 0;
    if (const auto n = in.number(4, &digits)) {
      if (digits <= 2 && day == 0) {
        day = *n;
      } else {
        year = full_year(*n, digits);
      }
      continue;
    }
    const char c = in.take();
    if (c != ' ' && c != ',' && c != '-' && c != '.' && c != '/') {
      return std::nullopt;
    }
  }
  if (month == 0 || day == 0 || year == 0) return std::nullopt;
  in.eat(',');
  return add(date_millis(year, month, day), read_clock(in));
}

std::string time_text(std::int64_t millis) {
  const time_t seconds =
      static_cast<time_t>((millis - (millis < 0 ? 999 : 0)) / 1000);
  struct tm parts {};
  ::gmtime_r(&seconds, &parts);
  char text[48];
  const std::size_t n = ::strftime(text, sizeof text, "%F %T", &parts);
  return {text, n};
}

}  // namespace ensue
