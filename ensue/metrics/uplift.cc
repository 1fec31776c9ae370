// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/uplift.h"

#include <algorithm>
#include <string>

#include "ensue/metrics/internal/rows.h"

namespace ensue::metrics {
namespace {

struct Arm {
  double customers = 0, outcomes = 0;
  double mean() const { return customers > 0 ? outcomes / customers : 0; }
};

struct Arms {
  Arm treated, control;

  double customers() const { return treated.customers + control.customers; }
  void add(const Experiment& from, std::uint32_t row) {
    const double weight = internal::weight_at(from.weights, row);
    Arm& arm = from.treated[row] != 0 ? treated : control;
    arm.customers += weight;
    arm.outcomes += weight * from.outcomes[row];
  }
};

// Sums over those addressed, after each distinct score.
std::vector<Arms> addressed(std::string_view metric, const Experiment& from) {
  internal::check_rows(metric, from.scores, from.outcomes, from.weights);
  if (from.treated.size() != from.scores.size()) {
    internal::refuse(metric, std::to_string(from.scores.size()) +
                                 " scores and " +
                                 std::to_string(from.treated.size()) +
                                 " arms, expected as many of each");
  }
  std::vector<Arms> out;
  Arms sum;
  const auto order = internal::falling_order(from.scores);
  internal::each_tie(from.scores, order, [&](std::span<const std::uint32_t> r) {
    for (const std::uint32_t row : r) sum.add(from, row);
    out.push_back(sum);
  });
  if (sum.treated.customers <= 0 || sum.control.customers <= 0) {
    internal::refuse(metric, std::to_string(sum.treated.customers) +
                                 " treated customers and " +
                                 std::to_string(sum.control.customers) +
                                 " of the control group, expected both");
  }
  return out;
}

template <class Gain>
std::vector<GainPoint> curve(const std::vector<Arms>& sums, const Gain& gain) {
  std::vector<GainPoint> out = {{0, 0}};
  const double all = sums.back().customers();
  for (const Arms& sum : sums) {
    out.push_back({sum.customers() / all, gain(sum)});
  }
  return out;
}

double area(const std::vector<GainPoint>& points) {
  double sum = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    sum += (points[i].share - points[i - 1].share) *
           (points[i].gain + points[i - 1].gain) / 2;
  }
  return sum;
}

double between(double low, double high, double part) {
  return low + part * (high - low);
}

// Those of the boundary's score count in part.
Arms first(double share, const std::vector<Arms>& sums) {
  const double wanted = share * sums.back().customers();
  const auto above = std::ranges::find_if(
      sums, [&](const Arms& sum) { return sum.customers() >= wanted; });
  if (above == sums.end()) return sums.back();
  const Arms low = above == sums.begin() ? Arms{} : *(above - 1);
  const double size = above->customers() - low.customers();
  const double part = size > 0 ? (wanted - low.customers()) / size : 1;
  const auto mix = [&](const Arm& a, const Arm& b) {
    return Arm{between(a.customers, b.customers, part),
               between(a.outcomes, b.outcomes, part)};
  };
  return {mix(low.treated, above->treated), mix(low.control, above->control)};
}

}  // namespace

std::vector<GainPoint> qini_curve(const Experiment& experiment) {
  const auto sums = addressed("qini", experiment);
  const double treated = sums.back().treated.customers;
  return curve(sums, [&](const Arms& sum) {
    return (sum.treated.outcomes - sum.control.mean() * sum.treated.customers) /
           treated;
  });
}

double qini(const Experiment& experiment) {
  const auto points = qini_curve(experiment);
  return area(points) - points.back().gain / 2;
}

double auuc(const Experiment& experiment) {
  const auto sums = addressed("auuc", experiment);
  const double all = sums.back().customers();
  return area(curve(sums, [&](const Arms& sum) {
    return sum.customers() / all * (sum.treated.mean() - sum.control.mean());
  }));
}

double uplift_at(double share, const Experiment& experiment) {
  if (!(share > 0 && share <= 1)) {
    internal::refuse("uplift", "share " + std::to_string(share) +
                                   ", expected a number in (0, 1]");
  }
  const Arms top = first(share, addressed("uplift", experiment));
  if (top.treated.customers <= 0 || top.control.customers <= 0) {
    internal::refuse("uplift", "one arm has no customers among the first " +
                                   std::to_string(share));
  }
  return top.treated.mean() - top.control.mean();
}

}  // namespace ensue::metrics
