// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/moment_task.h"

#include <algorithm>

#include "ensue/tasks/internal/moment_tasks.h"

namespace ensue::tasks {

const Catalog<MomentTask>& moment_tasks() {
  static const Catalog<MomentTask> list("task", {
                                                    intent_task(),
                                                    satisfaction_task(),
                                                });
  return list;
}

const MomentTask* find_moment_task(std::string_view name) {
  const auto& all = moment_tasks().all();
  const auto found = std::ranges::find(all, name, &MomentTask::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace ensue::tasks
