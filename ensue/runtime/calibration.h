// SPDX-License-Identifier: Apache-2.0
// From what a model says to how often it is so.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"

namespace ensue::runtime {

/// log(p / (1 - p)), p kept within 1e-12 of 0 and 1.
double log_odds(double p) noexcept;
/// 1 / (1 + exp(-margin)), without overflow.
double logistic(double margin) noexcept;

/// How one probability is mended. Monotone.
struct CalibrationCurve {
  /// Platt 1999: p becomes logistic(slope log_odds(p) + offset).
  double slope = 1, offset = 0;
  /// Isotonic (Zadrozny & Elkan 2002), when not empty: p becomes the
  /// straight line between the knots around it, the outer ones held.
  std::vector<double> x, y;  // rising; not falling, within [0, 1]

  /// @param margin  log-odds.
  double operator()(double margin) const noexcept;
};

/// One curve per output; none: probabilities stay as they are.
class Calibration {
 public:
  Calibration() = default;
  /// @throws Error(kCorrupt) when a curve falls or leaves [0, 1].
  explicit Calibration(std::vector<CalibrationCurve> curves);
  /// `method` is none, platt or isotonic, of head number `place`.
  static Calibration read(const artifact::Artifact& artifact, std::size_t place,
                          const std::string& method, std::size_t outputs);
  /// Tensors platt F64 [outputs, 2]; or knots U64 [outputs + 1], knot_x,
  /// knot_y F64 [knots].
  void add_to(artifact::Draft& draft, std::size_t place) const;
  /// none, platt or isotonic.
  std::string method() const;
  /// The curves that say of a margin what these say of it with `by` added.
  Calibration shifted(double by) const;

  /// Classes are mended one against the rest, then scaled to sum to 1; all 0
  /// becomes all alike. @param out  [outputs] log-odds, then probabilities.
  void apply(std::span<double> out) const noexcept;

 private:
  std::vector<CalibrationCurve> curves_;
};

}  // namespace ensue::runtime
