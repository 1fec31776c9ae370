// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/survival.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ensue/base/error.h"

namespace ensue::metrics {
namespace {

// `scatter`: Greenwood's sum of d / (n (n - d)).
SurvivalCurve::Step step_of(double time, double survival, double scatter,
                            double at_risk) {
  SurvivalCurve::Step out{time, survival, survival, survival, at_risk};
  if (survival <= 0 || survival >= 1) return out;
  const double half =
      1.959964 * std::sqrt(scatter) / std::abs(std::log(survival));
  out.low = std::pow(survival, std::exp(half));
  out.high = std::pow(survival, std::exp(-half));
  return out;
}

}  // namespace

const SurvivalCurve::Step* SurvivalCurve::step_at(double time) const noexcept {
  const auto next =
      std::ranges::upper_bound(steps_, time, {}, &SurvivalCurve::Step::time);
  return next == steps_.begin() ? nullptr : &*std::prev(next);
}

double SurvivalCurve::at(double time) const noexcept {
  const Step* step = step_at(time);
  return step == nullptr ? 1 : step->survival;
}

double SurvivalCurve::after(double elapsed, double time) const noexcept {
  const double before = at(elapsed);
  if (before <= 0) return std::numeric_limits<double>::quiet_NaN();
  return at(elapsed + time) / before;
}

double SurvivalCurve::quantile_left(double share) const noexcept {
  for (const Step& step : steps_) {
    if (step.survival <= share) return step.time;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

SurvivalCurve kaplan_meier(std::span<const double> durations,
                           std::span<const unsigned char> ended) {
  if (durations.size() != ended.size() || durations.empty()) {
    invalid("durations: " + std::to_string(durations.size()) + ", ends: " +
            std::to_string(ended.size()) + ", expected as many, at least one");
  }
  std::vector<std::size_t> order(durations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (const double duration : durations) {
    if (!(duration >= 0)) {
      invalid("duration " + std::to_string(duration) + ", expected 0 or more");
    }
  }
  std::ranges::sort(order, {}, [&](std::size_t i) { return durations[i]; });
  std::vector<SurvivalCurve::Step> steps;
  double survival = 1, scatter = 0;
  for (std::size_t i = 0; i < order.size();) {
    const double time = durations[order[i]];
    const auto at_risk = static_cast<double>(order.size() - i);
    double ends = 0;
    for (; i < order.size() && durations[order[i]] == time; ++i) {
      ends += ended[order[i]] != 0 ? 1 : 0;
    }
    if (ends == 0) continue;
    survival *= 1 - ends / at_risk;
    if (ends < at_risk) scatter += ends / (at_risk * (at_risk - ends));
    if (ends == at_risk) survival = 0;
    steps.push_back(step_of(time, survival, scatter, at_risk));
  }
  return SurvivalCurve(std::move(steps));
}

}  // namespace ensue::metrics
