// SPDX-License-Identifier: Apache-2.0
// Answers of table models, as people read them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ensue/events/table.h"
#include "ensue/runtime/table_model.h"

namespace ensue::apps {

/// "0.8123"; of classes "red  (red 0.62, blue 0.38)", the likeliest first.
/// @param outputs  one row of TableModel::predict().
std::string answer_text(const runtime::TableModel& table,
                        std::span<const double> outputs);

/// The first rows of a table, and of how many.
std::string first_rows_text(const events::Table& rows, std::size_t most,
                            bool numbered = false);

/// Number columns that hold whole numbers alone, to be written as such.
std::vector<std::string> whole_columns(const events::Table& rows);

}  // namespace ensue::apps
