// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/churn.h"

#include <algorithm>
#include <optional>

#include "ensue/base/error.h"

namespace ensue::tasks {

double usual_spend(const events::History& history, events::Millis at,
                   events::ActionId aim, const features::EventColumn& amount,
                   int horizon_days) {
  constexpr double kYear = 365;
  const auto days_ago = [&](std::size_t i) {
    return static_cast<double>(count(at) - count(history.times[i])) /
           static_cast<double>(events::kDayMs);
  };
  std::optional<double> since;
  double sum = 0;
  for (std::size_t i = 0; i < history.size() && history.times[i] < at; ++i) {
    if (history.actions[i] != aim) continue;
    if (!since) since = days_ago(i);
    const double paid = amount.number(history, i);
    if (days_ago(i) <= kYear && paid == paid) sum += paid;
  }
  if (!since) return 0;
  const double horizon = horizon_days;
  return sum / std::clamp(*since, horizon, std::max(horizon, kYear)) * horizon;
}

std::vector<AtRisk> churn_list(std::span<const double> stays,
                               std::span<const double> usual_spend) {
  if (stays.size() != usual_spend.size()) {
    invalid("churn_list: " + std::to_string(stays.size()) + " answers, " +
            std::to_string(usual_spend.size()) + " spends");
  }
  std::vector<AtRisk> out;
  for (std::size_t i = 0; i < stays.size(); ++i) {
    const double lost = 1 - stays[i];
    out.push_back({i, lost, usual_spend[i], lost * usual_spend[i]});
  }
  std::ranges::stable_sort(out, [](const AtRisk& a, const AtRisk& b) {
    return a.value_at_risk > b.value_at_risk;
  });
  return out;
}

}  // namespace ensue::tasks
