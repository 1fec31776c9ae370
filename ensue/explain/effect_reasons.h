// SPDX-License-Identifier: Apache-2.0
// Why a row is said to be changed so much by a treatment.
#pragma once

#include <cstddef>

#include "ensue/events/table.h"
#include "ensue/explain/table_reasons.h"
#include "ensue/runtime/uplift_model.h"

namespace ensue::explain {

/// base + sum of reasons = margin, which here is the effect itself: the outcome
/// treated less the outcome untreated, in units of the outcome. The column
/// runtime::kTreatmentColumn holds what the treatment does whoever gets it,
/// where one model reads it.
///
/// A model of probabilities has contributions to log-odds (explain_row()).
/// Along the straight way from its base to the row each column moves the
/// probability in proportion to them, so that a column's share of the
/// difference of probabilities is its share of the difference of log-odds: the
/// Aumann-Shapley value of the contributions (Sundararajan et al. 2017,
/// arXiv:1703.01365). Models of numbers: as explain_row(). A quadratic of
/// scores (runtime/effect_scores.h) shares what it moves on the straight way of
/// all scores the same way.
/// @throws Error(kInvalidArgument) as explain_row().
TableReasons explain_effect(const runtime::UpliftModel& model,
                            const events::Table& rows, std::size_t row);

}  // namespace ensue::explain
