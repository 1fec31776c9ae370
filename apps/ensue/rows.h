// SPDX-License-Identifier: Apache-2.0
// Questions about rows that are no events, on the command line.
#pragma once

#include <cstddef>
#include <vector>

#include "apps/ensue/task_commands.h"
#include "ensue/events/table.h"

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

/// @throws Error(kInvalidArgument) when rows or a class are asked about where
///   customers should be.
void refuse_rows(const WhyQuestion& question);

}  // namespace ensue::apps
