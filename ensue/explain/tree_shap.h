// SPDX-License-Identifier: Apache-2.0
// What each feature added to the margin of trees.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ensue/runtime/trees.h"

namespace ensue::explain {

/// SHAP values of one row, path-dependent: what is not known of a row follows
/// the training rows down each tree, by their cover. Exact, not sampled:
/// TreeSHAP, O(trees * leaves * depth^2). Equal to xgboost's pred_contribs.
/// Source: Lundberg et al. 2018, arXiv:1802.03888, algorithm 2.
///
/// @param x       [trees.width()], NaN: missing.
/// @param output  of the trees' outputs.
/// @return [width + 1]: of each feature, and last the margin expected of no
///   row in particular. Their sum is the margin, up to rounding.
std::vector<double> tree_shap(const runtime::Trees& trees,
                              std::span<const float> x, std::size_t output);

}  // namespace ensue::explain
