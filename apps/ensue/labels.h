// SPDX-License-Identifier: Apache-2.0
// Questions that a label table asks, on the command line.
#pragma once

#include <string>

#include "apps/ensue/task_commands.h"
#include "ensue/train/label_task.h"

namespace ensue::apps {

/// @throws Error(kInvalidArgument) when a task of the log has the name.
void check_free_name(const std::string& name);

/// Prints what was judged and writes task_model_path(), unless there are
/// leaks. Returns the exit status.
int finish_labels(const train::LabelTaskInput& input,
                  const train::LabelTaskResult& result);

}  // namespace ensue::apps
