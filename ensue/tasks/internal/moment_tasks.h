// SPDX-License-Identifier: Apache-2.0
// What moment_task.cc lists: a file each.
#pragma once

#include "ensue/tasks/moment_task.h"

namespace ensue::tasks {

MomentTask intent_task();
MomentTask satisfaction_task();

}  // namespace ensue::tasks
