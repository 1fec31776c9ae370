// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/returns.h"

#include <limits>

#include "ensue/base/error.h"

namespace ensue::tasks {
namespace {

struct Spells {
  std::vector<double> days;
  std::vector<unsigned char> ended;
  void add(events::Millis from, events::Millis to, bool end) {
    days.push_back(static_cast<double>(count(to) - count(from)) /
                   static_cast<double>(events::kDayMs));
    ended.push_back(end ? 1 : 0);
  }
};

// Instants of the action before `at`, rising.
template <class Each>
void each_purchase(const events::History& history, events::ActionId action,
                   events::Millis at, const Each& each) {
  std::optional<events::Millis> last;
  for (std::size_t i = 0; i < history.size() && history.times[i] < at; ++i) {
    if (history.actions[i] != action || last == history.times[i]) continue;
    last = history.times[i];
    each(*last);
  }
}

}  // namespace

std::size_t return_class(std::size_t purchases) noexcept {
  std::size_t out = 0;
  while (out + 1 < kReturnClasses.size() &&
         purchases >= kReturnClasses[out + 1]) {
    ++out;
  }
  return out;
}

std::string return_class_name(std::size_t place) {
  const std::size_t from = kReturnClasses[place];
  if (place + 1 == kReturnClasses.size()) return std::to_string(from) + " on";
  const std::size_t to = kReturnClasses[place + 1] - 1;
  return to == from ? std::to_string(from)
                    : std::to_string(from) + " to " + std::to_string(to);
}

Purchases purchases_until(const events::History& history,
                          events::ActionId action, events::Millis at) {
  Purchases out;
  each_purchase(history, action, at, [&](events::Millis time) {
    ++out.count;
    out.last = time;
  });
  return out;
}

Returns::Returns(const events::Log& log, events::ActionId action,
                 events::Millis at)
    : at_(at) {
  Spells all;
  std::array<Spells, kReturnClasses.size()> by_class;
  const auto add = [&](std::size_t purchases, events::Millis from,
                       events::Millis to, bool end) {
    all.add(from, to, end);
    by_class[return_class(purchases)].add(from, to, end);
  };
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    Purchases past;
    each_purchase(log.history(events::UserId{u}), action, at,
                  [&](events::Millis time) {
                    if (past.count > 0) add(past.count, past.last, time, true);
                    ++past.count;
                    past.last = time;
                  });
    if (past.count > 0) add(past.count, past.last, at, false);
  }
  if (all.days.empty()) invalid("no purchase before that instant");
  all_ = metrics::kaplan_meier(all.days, all.ended);
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    if (by_class[c].days.empty()) continue;
    classes_[c] = metrics::kaplan_meier(by_class[c].days, by_class[c].ended);
  }
}

double Returns::away(const Purchases& past, double days) const noexcept {
  if (past.count == 0) return std::numeric_limits<double>::quiet_NaN();
  const auto* curve = of_class(return_class(past.count));
  if (curve == nullptr) return std::numeric_limits<double>::quiet_NaN();
  const double elapsed = static_cast<double>(count(at_) - count(past.last)) /
                         static_cast<double>(events::kDayMs);
  return curve->after(elapsed, days);
}

}  // namespace ensue::tasks
