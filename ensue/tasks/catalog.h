// SPDX-License-Identifier: Apache-2.0
// The questions that can be asked of a log.
#pragma once

#include <string_view>

#include "ensue/base/catalog.h"

namespace ensue::tasks {

struct TaskEntry {
  std::string_view name;
  std::string_view question;
  std::string_view label;    // what is predicted, and when it is known
  std::string_view metrics;  // what answers are judged by
};

const Catalog<TaskEntry>& tasks();

}  // namespace ensue::tasks
