// SPDX-License-Identifier: Apache-2.0
// Fitted table models learnt anew on more rows, as they were chosen.
#pragma once

#include <functional>
#include <string>

#include "ensue/classic/table_fit.h"
#include "ensue/events/table.h"
#include "ensue/runtime/table_model.h"

namespace ensue::classic {

/// Puts rows behind those of `part`: the same columns, label and classes. A
/// part without columns becomes `more`.
/// @throws Error(kInvalidArgument) naming the column that `more` lacks.
void append_rows(TablePart& part, const TablePart& more);

/// The model with every member fitted on other rows, for as long as was chosen
/// when it was fitted first; weights of the blend stay, and so do members that
/// nothing was fitted for (given_margins()). A member reads the columns that it
/// read before. The calibration of a yes or no moves with the mean margin, so
/// that the curve says of the level what it said before.
/// @param rows  what a member learns from, by its name.
/// @param level  whose mean margin that is: rows that the curve was fitted on.
/// @throws Error(kInvalidArgument) for a model that does not say how its
///   members were fitted, and as fit_table().
artifact::Draft refit_table(
    runtime::TableModel model, const TableFitOptions& options,
    const std::function<const TablePart&(const std::string& member)>& rows,
    const events::Table& level);

}  // namespace ensue::classic
