// SPDX-License-Identifier: Apache-2.0
// What customer models read, of many customers at once.
#pragma once

#include <span>

#include "ensue/data/features.h"
#include "ensue/events/log.h"
#include "ensue/events/table.h"
#include "ensue/tasks/customer_model.h"
#include "ensue/tasks/sequence_columns.h"

namespace ensue::judge {

/// A row per pair, in their order: SequenceColumns::values of each. On several
/// threads. @param columns  of the log's ids.
events::Table sequence_table(const events::Log& log,
                             const tasks::SequenceColumns& columns,
                             std::span<const data::AsOf> pairs);

/// The same as CustomerModel::features of each pair, to rounding: as-of
/// features by SQL, and what its sequence model says, if it has one.
/// @throws what data::compute_features() and tasks::SequenceColumns throw.
events::Table features_of(const events::Log& log,
                          const tasks::CustomerModel& model,
                          std::span<const data::AsOf> pairs,
                          const ProgressFn& progress = {});

/// Appends the columns of `more`, which has as many rows.
void append_columns(events::Table& table, events::Table more);

}  // namespace ensue::judge
