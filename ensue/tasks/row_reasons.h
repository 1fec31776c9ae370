// SPDX-License-Identifier: Apache-2.0
// Why a question about a row was answered so.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/json.h"
#include "ensue/events/table.h"
#include "ensue/explain/table_reasons.h"
#include "ensue/tasks/response_model.h"
#include "ensue/tasks/row_model.h"

namespace ensue::tasks {

struct RowReasons {
  std::vector<double> outputs;    // of TableModel::predict()
  std::string of_class;           // whose margin; of no classes: empty
  explain::TableReasons columns;  // which sum to the margin
};

/// @param rows      as model.shape() makes them.
/// @param of_class  whose margin is explained; empty: the answer's.
/// @throws Error(kInvalidArgument) naming an unknown class, or one where there
///   are none; as explain::explain_row().
RowReasons explain_row(const RowModel& model, const events::Table& rows,
                       std::size_t row, std::string_view of_class = "");

/// The effect as its margin (explain::explain_effect()); what the treatment
/// does whoever gets it has the name of the campaign's column.
explain::TableReasons explain_effect(const ResponseModel& model,
                                     const events::Table& rows,
                                     std::size_t row);

/// {"answer", "margin", "base", "columns": [{"column", "value", "added"}]}, of
/// classes also "probabilities" and "class".
JsonObject to_json(const RowReasons& why, const RowModel& model);
/// {"effect", "base", "columns": [{"column", "value", "added"}]}.
JsonObject effect_json(const explain::TableReasons& why);

}  // namespace ensue::tasks
