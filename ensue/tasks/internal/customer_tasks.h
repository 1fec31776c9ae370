// SPDX-License-Identifier: Apache-2.0
// What customer_task.cc lists: a file each.
#pragma once

#include "ensue/tasks/customer_task.h"

namespace ensue::tasks {

CustomerTask retention_task();
CustomerTask active_task();
CustomerTask purchases_task();
CustomerTask value_task();
CustomerTask propensity_task();

}  // namespace ensue::tasks
