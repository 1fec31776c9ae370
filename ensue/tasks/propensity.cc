// SPDX-License-Identifier: Apache-2.0
// Who will buy from this category, or this item.
#include "ensue/tasks/internal/customer_tasks.h"

namespace ensue::tasks {

CustomerTask propensity_task() {
  return {.name = "propensity",
          .question = "will this customer buy one of these in the next days?",
          .kind = runtime::TableLabel::kBinary,
          .needs = CustomerTask::Needs::kItems,
          .label = [](const Around& around) {
            for (std::size_t i = 0; i < around.within.size(); ++i) {
              const std::size_t item = events::index(around.within.items[i]);
              if (around.is_aim(around.within, i) &&
                  item < around.items->size() && (*around.items)[item]) {
                return 1.0;
              }
            }
            return 0.0;
          }};
}

}  // namespace ensue::tasks
