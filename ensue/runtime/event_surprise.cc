// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/event_surprise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "ensue/base/error.h"

namespace ensue::runtime {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double rarest(std::span<const double> log_probabilities) {
  return log_probabilities.empty() ? 0 : -std::ranges::min(log_probabilities);
}

}  // namespace

std::size_t gap_bin(std::int64_t gap_ms) noexcept {
  const double seconds =
      static_cast<double>(std::max<std::int64_t>(gap_ms, 0)) /
      static_cast<double>(events::kSecondMs);
  const auto bin = static_cast<std::size_t>(2 * std::log2(1 + seconds));
  return std::min(bin, kGapBins - 1);
}

void EventRates::check() const {
  const auto require = [](bool good, const std::string& what) {
    if (!good) throw Error(Code::kCorrupt, "event rates: " + what);
  };
  require(action.size() == (actions + 1) * actions,
          std::to_string(action.size()) + " rates of actions for " +
              std::to_string(actions) + " actions");
  require(gap.size() == actions * kGapBins,
          std::to_string(gap.size()) + " rates of gaps");
  for (const auto& table : {action, gap, item}) {
    for (const double p : table) {
      require(std::isfinite(p) && p <= 0,
              "log-probability " + std::to_string(p));
    }
  }
}

std::vector<EventSurprise> surprises(const EventRates& rates,
                                     const events::History& history) {
  std::vector<EventSurprise> out(history.size());
  const double rare_item = rarest(rates.item);
  std::size_t before = rates.actions;  // nothing
  for (std::size_t e = 0; e < out.size(); ++e) {
    const std::size_t action = events::index(history.actions[e]);
    const auto row =
        rates.action.subspan(before * rates.actions, rates.actions);
    out[e].action = action < rates.actions ? -row[action] : rarest(row);
    out[e].time = kNothing;
    if (e > 0 && rates.clock && before < rates.actions) {
      const std::int64_t gap =
          events::count(history.times[e]) - events::count(history.times[e - 1]);
      out[e].time = -rates.gap[before * kGapBins + gap_bin(gap)];
    }
    const events::ItemId item = history.items[e];
    out[e].item = item == events::kNoItem ? kNothing
                  : events::index(item) < rates.item.size()
                      ? -rates.item[events::index(item)]
                      : rare_item;
    before = std::min(action, rates.actions);
  }
  return out;
}

EventSurprise mean_surprise(std::span<const EventSurprise> events) {
  const auto mean = [&](double EventSurprise::*part) {
    double sum = 0, count = 0;
    for (const EventSurprise& e : events) {
      if (std::isnan(e.*part)) continue;
      sum += e.*part;
      count += 1;
    }
    return count > 0 ? sum / count : kNothing;
  };
  return {mean(&EventSurprise::time), mean(&EventSurprise::action),
          mean(&EventSurprise::item)};
}

}  // namespace ensue::runtime
