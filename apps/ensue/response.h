// SPDX-License-Identifier: Apache-2.0
// Whom a campaign changes, on the command line.
#pragma once

#include "apps/ensue/task_commands.h"

namespace ensue::apps {

/// Whom of question.rows to write to, what that is worth, and what as many
/// drawn at random would be worth.
/// @throws Error(kInvalidArgument) without rows or for rows that do not fit.
int predict_response(const TaskQuestion& question, const Settings& settings);

/// What each column of question.row added to the effect of the campaign.
/// @throws Error(kInvalidArgument) likewise.
int explain_response(const WhyQuestion& question, const Settings& settings);

}  // namespace ensue::apps
