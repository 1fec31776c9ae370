// SPDX-License-Identifier: Apache-2.0
// Questions asked at instants that the customer's own events choose.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/catalog.h"
#include "ensue/events/history.h"
#include "ensue/features/columns.h"
#include "ensue/features/past.h"
#include "ensue/runtime/table_model.h"

namespace ensue::tasks {

/// Asked of the events strictly before `at`; what came true was known at
/// `known`.
struct Moment {
  events::Millis at{0}, known{0};
  double label = 0;
};

/// One declared question. Both functions see all events of one customer; what
/// the aim is, `aim` says.
struct MomentTask {
  std::string_view name;
  std::string_view question;
  runtime::TableLabel kind = runtime::TableLabel::kBinary;
  /// The action that it is about, when nobody says: empty is the log's main
  /// one.
  std::string_view action;
  /// Whether the open session's features are read beside the others.
  bool session = false;
  /// When it was asked and what came true, `at` rising. Nothing of which the
  /// answer is not known when the log ends, at `end`.
  std::vector<Moment> (*moments)(const events::History& all,
                                 features::ActionRef aim,
                                 events::Millis end) = nullptr;
  /// Why a customer with these events is not asked as of `at`; "" when asked.
  std::string (*not_asked)(const events::History& before,
                           features::ActionRef aim,
                           events::Millis at) = nullptr;
};

/// One file each; to add one: a file and a line.
const Catalog<MomentTask>& moment_tasks();
/// Null: the name is none of them.
const MomentTask* find_moment_task(std::string_view name);

}  // namespace ensue::tasks
