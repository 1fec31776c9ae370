// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/calendar.h"

#include <chrono>
#include <cmath>
#include <cstdio>

#include "ensue/base/error.h"

namespace ensue::simulate {
namespace {

namespace ch = std::chrono;

ch::year_month_day civil(std::int64_t days) {
  return ch::sys_days(ch::days(days));
}

void digits(int value, int count, char* out) noexcept {
  for (int i = count - 1; i >= 0; --i, value /= 10) {
    out[i] = static_cast<char>('0' + value % 10);
  }
}

void format_date(std::int64_t days, char* out) noexcept {
  const ch::year_month_day date = civil(days);
  digits(int(date.year()), 4, out);
  digits(static_cast<int>(unsigned(date.month())), 2, out + 5);
  digits(static_cast<int>(unsigned(date.day())), 2, out + 8);
  out[4] = out[7] = '-';
}

}  // namespace

Calendar::Calendar(const std::string& start, int days) : days_(days) {
  int y = 0, m = 0, d = 0;
  char rest = 0;
  const int read =
      std::sscanf(start.c_str(), "%4d-%2d-%2d%c", &y, &m, &d, &rest);
  const auto month = static_cast<unsigned>(m), day = static_cast<unsigned>(d);
  const ch::year_month_day date{ch::year{y}, ch::month{month}, ch::day{day}};
  if (read != 3 || !date.ok() || y < 1970) {
    invalid("simulate.start: '" + start +
            "', expected a date from 1970 on, such as 2025-01-06");
  }
  first_ = ch::sys_days(date).time_since_epoch().count();
}

int Calendar::weekday(int day) const noexcept {
  return static_cast<int>((first_ + day + 3) % 7);
}

double Calendar::turn(double day) const noexcept {
  return (static_cast<double>(first_) + day) / 365.2425;
}

std::string Calendar::date(int day) const {
  std::string out(10, ' ');
  format_date(first_ + day, out.data());
  return out;
}

void format_time(std::int64_t second, char* out) noexcept {
  format_date(second / 86400, out);
  const int rest = static_cast<int>(second % 86400);
  digits(rest / 3600, 2, out + 11);
  digits(rest / 60 % 60, 2, out + 14);
  digits(rest % 60, 2, out + 17);
  out[10] = 'T';
  out[13] = out[16] = ':';
  out[19] = 'Z';
}

}  // namespace ensue::simulate
