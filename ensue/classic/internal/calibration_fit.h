// SPDX-License-Identifier: Apache-2.0
// Calibration curves and weights of a blend, from rows that were held back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ensue/classic/table_fit.h"
#include "ensue/runtime/calibration.h"

namespace ensue::classic {

/// Log-odds of rows and whether the label was there (1 or 0).
struct HeldScores {
  std::vector<double> margins, y;
};

/// Logistic regression of the label on the log-odds, with the smoothed targets
/// of Platt 1999, by Newton's method (Lin et al. 2007, doi:10.1007/
/// s10994-007-5018-6). A falling curve becomes flat.
runtime::CalibrationCurve fit_platt(const HeldScores& scores);

/// Pool-adjacent-violators least squares of the label on the probability, a
/// knot in the centre of each block and lines between them (Oron & Flournoy
/// 2017, doi:10.1080/19466315.2017.1286256, "centered isotonic regression"):
/// unlike steps, lines keep the order of the scores. A block is kept away from
/// 0 and 1 by 1 / (its rows + 2), as one row more of each kind would; where
/// that carries an outer block past its neighbour, they are one.
runtime::CalibrationCurve fit_isotonic(const HeldScores& scores);

/// `method` none, platt, isotonic; "auto": that of least log-loss when each
/// fifth of the rows is judged by a curve that was fitted on the others.
/// @param margins  [rows, outputs] before link.
runtime::Calibration fit_calibration(const std::string& method,
                                     const TableLabels& labels,
                                     std::span<const double> margins,
                                     std::uint64_t seed);

/// Weights of least margin_loss() for the weighted sum of the members' margins
/// [members][rows, outputs], 0 or more, in 20ths that sum to 1: each step adds
/// the member that serves best (Caruana et al. 2004, ICML, "Ensemble
/// selection").
/// @param calibrated  A curve follows: members of a yes or no are weighed as if
///   each had one (Platt), so that a level which the curve mends speaks against
///   none; their weights are multiplied with its slope, sums are free.
std::vector<double> blend_weights(
    const TableLabels& labels, const std::vector<std::vector<double>>& margins,
    bool calibrated);

}  // namespace ensue::classic
