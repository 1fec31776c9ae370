// SPDX-License-Identifier: Apache-2.0
// Reasons as tables with bars.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "apps/ensue/report/chart.h"
#include "ensue/events/table.h"
#include "ensue/explain/table_reasons.h"
#include "ensue/runtime/table_model.h"

namespace ensue::apps {

/// "+1.250"
std::string with_sign(double value);

/// A cell: numbers with a few digits, "unknown" for none, other texts cut.
std::string shown_cell(const std::string& cell);

/// In what margins of such labels are counted.
const char* unit_of(runtime::TableLabel kind);

/// What each column added, as rows of a table or a chart.
std::vector<SignedRow> signed_rows(const explain::TableReasons& reasons);
/// Column and value in one, for a chart.
std::vector<SignedRow> chart_rows(const explain::TableReasons& reasons);

/// The `shown` first rows with bars, and how many there are more; "none of 12"
/// when the first moved nothing. @param header  of name, note, value.
std::string signed_table(const std::vector<SignedRow>& rows, std::size_t shown,
                         std::vector<std::string> header);

/// A tree of rules that imitates the answers, made of the first half of `rows`
/// and judged on the second. @param whom  "customers".
std::string rules_text(const events::Table (&halves)[2],
                       const std::vector<double> (&answers)[2], int depth,
                       std::string_view whom);

}  // namespace ensue::apps
