// SPDX-License-Identifier: Apache-2.0
// Questions about rows that are no events, on the command line.
#pragma once

#include "apps/ensue/task_commands.h"

namespace ensue::apps {

/// Answers about the rows of question.rows: prints the first and writes
/// question.out, the rows with their answers.
/// @throws Error(kInvalidArgument) without rows or for rows that do not fit.
int predict_rows(const TaskQuestion& question, const Settings& settings);

}  // namespace ensue::apps
