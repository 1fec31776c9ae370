// SPDX-License-Identifier: Apache-2.0
// Who comes back: any aim (retention), or any event at all (active).
#include "ensue/tasks/internal/customer_tasks.h"

namespace ensue::tasks {

CustomerTask retention_task() {
  return {.name = "retention",
          .question = "will this customer buy again in the next days?",
          .kind = runtime::TableLabel::kBinary,
          .label = [](const Around& around) {
            for (std::size_t i = 0; i < around.within.size(); ++i) {
              if (around.is_aim(around.within, i)) return 1.0;
            }
            return 0.0;
          }};
}

CustomerTask active_task() {
  return {.name = "active",
          .question = "will this customer do anything in the next days?",
          .kind = runtime::TableLabel::kBinary,
          .label = [](const Around& around) {
            return around.within.empty() ? 0.0 : 1.0;
          }};
}

}  // namespace ensue::tasks
