// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/options.h"

#include "ensue/base/error.h"
#include "ensue/simulate/calendar.h"

namespace ensue::simulate {
namespace {

void within(const char* name, double value, double low, double high) {
  if (value >= low && value <= high) return;
  const auto text = [](double x) {
    std::string out = std::to_string(x);
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
    return out;
  };
  invalid(std::string("simulate.") + name + ": " + text(value) +
          ", expected between " + text(low) + " and " + text(high));
}

}  // namespace

void SimulateOptions::check() const {
  within("users", users, 1, 10'000'000);
  within("styles", styles, 1, 100);
  within("line_length", line_length, 1, 1000);
  within("items", items, 2 * styles, 10'000'000);
  within("days", days, 1, 3660);
  within("tastes", tastes, 1, 100);
  within("visits", visits, 0, 5);
  within("pair_sessions", pair_sessions, 0, 1);
  within("alternation", alternation, 0, 1);
  within("wandering", wandering, 0, 1);
  within("more", more, 0, 0.99);
  within("refill", refill, 0, 1);
  within("bots", bots, 0, 1);
  within("late_items", late_items, 0, 1);
  within("arrivals_end", arrivals_end, 0, 1);
  within("promotions", promotions, 0, 100'000);
  within("promotion_lift", promotion_lift, 0.01, 100);
  within("campaign_share", campaign_share, 0, 1);
  Calendar(start, days);
}

}  // namespace ensue::simulate
