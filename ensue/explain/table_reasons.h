// SPDX-License-Identifier: Apache-2.0
// Why a table model answered so for one row.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ensue/events/table.h"
#include "ensue/runtime/table_model.h"

namespace ensue::explain {

/// What one column of the row added to the margin.
struct Reason {
  std::string column;
  std::string value;  // of the row, as Column::show()
  double added = 0;
};

/// base + sum of reasons = margin; the base takes what fp32 rounds. Margins:
/// log-odds, numbers, logarithms of counts (runtime/table_scorer.h), before
/// calibration, which keeps their order.
struct TableReasons {
  double margin = 0, base = 0;
  std::vector<Reason> reasons;  // largest in magnitude first
};

/// Exact: SHAP values of trees (tree_shap.h), coefficients times values of
/// linear members, summed over the features of a column and over members with
/// their weights.
/// @throws Error(kInvalidArgument) when a member is neither, or reads
///   components: its features are no columns; rules.h can imitate it.
TableReasons explain_row(const runtime::TableModel& model,
                         const events::Table& rows, std::size_t row,
                         std::size_t output = 0);

/// A table of one row. @throws Error(kInvalidArgument) when it is not there.
events::Table only_row(const events::Table& rows, std::size_t row);

/// "margin +1.25 = base -0.5" and a line per reason, at most `most`.
std::string to_text(const TableReasons& reasons, std::size_t most = 10);

}  // namespace ensue::explain
