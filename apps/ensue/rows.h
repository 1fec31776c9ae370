// SPDX-License-Identifier: Apache-2.0
// Questions about rows that are no events, on the command line.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "apps/ensue/reasons_page.h"
#include "apps/ensue/task_commands.h"
#include "ensue/base/json.h"
#include "ensue/events/table.h"
#include "ensue/explain/table_reasons.h"

namespace ensue::apps {

/// Answers about the rows of question.rows: prints the first and writes
/// question.out, the rows with their answers.
/// @throws Error(kInvalidArgument) without rows or for rows that do not fit.
int predict_rows(const TaskQuestion& question, const Settings& settings);

/// What each column of question.row added to its answer; rules that imitate the
/// model. @throws Error(kInvalidArgument) likewise.
int explain_rows(const WhyQuestion& question, const Settings& settings);

/// Rows whose reasons are asked for: their file, and places counted from 0.
struct AskedRows {
  events::Table rows;
  std::vector<std::size_t> places;
};
/// @throws Error(kInvalidArgument) without a file, for a row that it does not
///   have, for options that do not count.
AskedRows asked_rows(const WhyQuestion& question);

/// What is said of one row.
struct RowTold {
  std::vector<std::string> said;  // the answer and its sum, a line each
  explain::TableReasons columns;  // as they are shown
  JsonObject json;
};

/// Tells every row on standard output, under a title or, as question.json
/// wants, a JSON object each.
/// @param added  what the column of contributions is called.
/// @param chart  the title of a row's chart.
/// @return a section of each row, for write_page().
std::vector<ReasonsSection> tell_rows(
    const WhyQuestion& question, const std::vector<std::size_t>& places,
    const std::string& title, const std::string& added,
    const std::string& chart, const std::function<RowTold(std::size_t)>& tell);

/// @throws Error(kInvalidArgument) when rows or a class are asked about where
///   customers should be.
void refuse_rows(const WhyQuestion& question);

}  // namespace ensue::apps
