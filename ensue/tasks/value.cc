// SPDX-License-Identifier: Apache-2.0
// What a customer will be worth: purchases, and money.
#include <cmath>

#include "ensue/tasks/internal/customer_tasks.h"

namespace ensue::tasks {

// Events of the aim at one instant are one purchase: a basket.
CustomerTask purchases_task() {
  return {.name = "purchases",
          .question = "how often will this customer buy in the next days?",
          .kind = runtime::TableLabel::kCount,
          .label = [](const Around& around) {
            double baskets = 0;
            const auto& within = around.within;
            std::optional<events::Millis> last;
            for (std::size_t i = 0; i < within.size(); ++i) {
              if (!around.is_aim(within, i) || last == within.times[i])
                continue;
              last = within.times[i];
              ++baskets;
            }
            return baskets;
          }};
}

CustomerTask value_task() {
  return {.name = "value",
          .question = "how much will this customer spend in the next days?",
          .kind = runtime::TableLabel::kNumber,
          .needs = CustomerTask::Needs::kAmount,
          .label = [](const Around& around) {
            double money = 0;
            for (std::size_t i = 0; i < around.within.size(); ++i) {
              if (!around.is_aim(around.within, i)) continue;
              const double amount = around.amount->number(around.within, i);
              if (!std::isnan(amount)) money += amount;
            }
            return money;
          }};
}

}  // namespace ensue::tasks
