// SPDX-License-Identifier: Apache-2.0
// ensue predict TASK for questions about customers.
#pragma once

#include <string>
#include <vector>

#include "apps/settings/settings.h"

namespace ensue::apps {

struct CustomersQuestion {
  std::string task, model;
  std::vector<std::string> users;
  bool all_users = false;
  std::string at;   // ISO 8601; empty: the end of the log
  std::string out;  // a file for everybody's answers; empty: none
};

/// Answers for some users, or for all of them, the highest first.
/// @throws Error(kNotFound) for an unknown user, Error(kInvalidArgument) for a
///   user without an event before `at`.
int predict_customers(const CustomersQuestion& question,
                      const Settings& settings);

}  // namespace ensue::apps
