// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

#include "ensue/runtime/internal/table_tensors.h"

namespace ensue::runtime {
namespace {

bool is_curve(const CalibrationCurve& curve) {
  const auto inside = [](double y) { return y >= 0 && y <= 1; };
  return std::isfinite(curve.slope) && curve.slope >= 0 &&
         std::isfinite(curve.offset) && curve.x.size() == curve.y.size() &&
         all_finite(curve.x) && std::ranges::is_sorted(curve.x) &&
         std::ranges::is_sorted(curve.y) &&
         std::ranges::all_of(curve.y, inside);
}

}  // namespace

double log_odds(double p) noexcept {
  constexpr double kLeast = 1e-12;
  const double kept = std::clamp(p, kLeast, 1 - kLeast);
  return std::log(kept) - std::log1p(-kept);
}

double logistic(double margin) noexcept {
  if (margin >= 0) return 1 / (1 + std::exp(-margin));
  const double odds = std::exp(margin);
  return odds / (1 + odds);
}

double CalibrationCurve::operator()(double margin) const noexcept {
  if (x.empty()) return logistic(slope * margin + offset);
  const double p = logistic(margin);
  const auto after = std::ranges::upper_bound(x, p);
  if (after == x.begin()) return y.front();
  if (after == x.end()) return y.back();
  const auto i = static_cast<std::size_t>(after - x.begin());
  const double width = x[i] - x[i - 1];
  return y[i - 1] + (y[i] - y[i - 1]) * (p - x[i - 1]) / width;
}

Calibration::Calibration(std::vector<CalibrationCurve> curves)
    : curves_(std::move(curves)) {
  check_table(std::ranges::all_of(curves_, is_curve),
              "calibration: a curve that falls or leaves [0, 1]");
}

Calibration Calibration::shifted(double by) const {
  if (by == 0) return *this;
  std::vector<CalibrationCurve> out = curves_;
  for (CalibrationCurve& curve : out) {
    curve.offset += curve.slope * by;
    for (double& p : curve.x) p = logistic(log_odds(p) - by);
  }
  return Calibration(std::move(out));
}

Calibration Calibration::read(const artifact::Artifact& artifact,
                              std::size_t place, const std::string& method,
                              std::size_t outputs) {
  if (method == "none") return {};
  const TableTensors from{artifact, place};
  std::vector<CalibrationCurve> curves(outputs);
  if (method == "platt") {
    const auto numbers = from.copy<double>("platt");
    check_table(numbers.size() == 2 * outputs,
                "calibration: expected a slope and an offset per output");
    for (std::size_t o = 0; o < outputs; ++o) {
      curves[o].slope = numbers[2 * o];
      curves[o].offset = numbers[2 * o + 1];
    }
    return Calibration(std::move(curves));
  }
  check_table(method == "isotonic",
              "calibration: expected none, platt or isotonic");
  const auto begin = from.copy<std::uint64_t>("knots");
  const auto x = from.copy<double>("knot_x"), y = from.copy<double>("knot_y");
  check_table(begin.size() == outputs + 1 && begin.front() == 0 &&
                  begin.back() == x.size() && x.size() == y.size() &&
                  std::ranges::is_sorted(begin),
              "calibration: knots that do not fit together");
  const auto part = [](const std::vector<double>& all, std::uint64_t from_knot,
                       std::uint64_t to_knot) {
    return std::vector<double>(
        all.begin() + static_cast<std::ptrdiff_t>(from_knot),
        all.begin() + static_cast<std::ptrdiff_t>(to_knot));
  };
  for (std::size_t o = 0; o < outputs; ++o) {
    check_table(begin[o] < begin[o + 1], "calibration: a curve without knots");
    curves[o].x = part(x, begin[o], begin[o + 1]);
    curves[o].y = part(y, begin[o], begin[o + 1]);
  }
  return Calibration(std::move(curves));
}

void Calibration::add_to(artifact::Draft& draft, std::size_t place) const {
  std::vector<std::uint64_t> begin = {0};
  std::vector<double> platt, x, y;
  for (const CalibrationCurve& curve : curves_) {
    platt.insert(platt.end(), {curve.slope, curve.offset});
    x.insert(x.end(), curve.x.begin(), curve.x.end());
    y.insert(y.end(), curve.y.begin(), curve.y.end());
    begin.push_back(x.size());
  }
  if (method() == "platt") {
    add_tensor<double>(draft, place, "platt", {curves_.size(), 2}, platt);
  } else if (method() == "isotonic") {
    add_tensor<std::uint64_t>(draft, place, "knots", {begin.size()}, begin);
    add_tensor<double>(draft, place, "knot_x", {x.size()}, x);
    add_tensor<double>(draft, place, "knot_y", {y.size()}, y);
  }
}

std::string Calibration::method() const {
  if (curves_.empty()) return "none";
  return curves_[0].x.empty() ? "platt" : "isotonic";
}

void Calibration::apply(std::span<double> out) const noexcept {
  for (std::size_t o = 0; o < out.size(); ++o) {
    out[o] = curves_.empty() ? logistic(out[o]) : curves_[o](out[o]);
  }
  if (out.size() == 1) return;
  const double sum = std::accumulate(out.begin(), out.end(), 0.0);
  for (double& p : out) {
    p = sum > 0 ? p / sum : 1 / static_cast<double>(out.size());
  }
}

}  // namespace ensue::runtime
