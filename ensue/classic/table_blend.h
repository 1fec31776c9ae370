// SPDX-License-Identifier: Apache-2.0
// Blends of table models that read different columns.
#pragma once

#include <string>
#include <vector>

#include "ensue/classic/table_fit.h"
#include "ensue/events/table.h"
#include "ensue/runtime/table_model.h"

namespace ensue::classic {

/// A model whose margins are numbers that stand in columns already, one per
/// output; a missing one is 0.
/// @throws Error(kInvalidArgument) for another number of columns than outputs.
runtime::TableModel given_margins(const TableLabels& labels,
                                  const std::vector<std::string>& columns);

/// The weighted sum of the parts' margins, calibrated: weights and curve suit
/// rows that no part was fitted on, as fit_table() has them for its members
/// (weights are equal where options.blend says so).
/// Curves of the parts themselves do not count.
/// @throws Error(kInvalidArgument) without parts, and as fit_table() for rows
///   that do not fit their labels.
runtime::TableModel blend_tables(std::vector<runtime::TableModel> parts,
                                 const events::Table& held,
                                 const TableLabels& labels,
                                 const TableFitOptions& options);

/// The model, whose members say that they were fitted as `name`: what a refit
/// (table_refit.h) asks rows for.
runtime::TableModel renamed(runtime::TableModel model, const std::string& name);

/// The names in "linear+trees".
std::vector<std::string> members_of(const std::string& model);

/// As an artifact that answers with the model.
artifact::Draft draft_of(const runtime::TableModel& model,
                         const TableFitOptions& options);

}  // namespace ensue::classic
