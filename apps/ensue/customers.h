// SPDX-License-Identifier: Apache-2.0
// Questions about customers some days ahead, on the command line.
#pragma once

#include "apps/ensue/task_commands.h"

namespace ensue::apps {

/// Fits, judges, prints, writes task_model_path().
int train_customers(const Settings& settings);

/// Answers for some users, or for all of them, the highest first.
/// @throws Error(kNotFound) for an unknown user, Error(kInvalidArgument) for a
///   user without an event before `at`.
int predict_customers(const TaskQuestion& question, const Settings& settings);

/// Why: what features and past events added, rules that imitate the model, and
/// whether the reasons are faithful.
/// @throws as predict_customers().
int explain_customers(const WhyQuestion& question, const Settings& settings);

}  // namespace ensue::apps
