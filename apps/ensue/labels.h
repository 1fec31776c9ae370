// SPDX-License-Identifier: Apache-2.0
// Questions that a label table asks, on the command line.
#pragma once

#include <string>

#include "apps/ensue/task_commands.h"
#include "ensue/train/label_task.h"

namespace ensue::apps {

/// Whether [task] asks by this field: it was typed, or the settings file has it
/// and the task's name is none of the log's own.
bool asks_by(const Settings& settings, const char* field);

/// @throws Error(kInvalidArgument) when a task of the log has the name.
void check_free_name(const std::string& name);

/// Prints what was judged and writes task_model_path(), unless there are
/// leaks. Returns the exit status.
int finish_labels(const train::LabelTaskInput& input,
                  const train::LabelTaskResult& result);

}  // namespace ensue::apps
