// SPDX-License-Identifier: Apache-2.0
// Labels of questions that are asked at instants of the customers' own events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ensue/data/labels.h"
#include "ensue/events/log.h"
#include "ensue/tasks/moment_task.h"

namespace ensue::judge {

struct MomentLabels {
  data::LabelTable labels;
  std::vector<events::Millis> known;  // [labels] when each became known
  std::size_t all = 0;                // moments of the log, drawn or not
};

/// Every moment of a log, or about `most` of them, drawn by what they have in
/// common (a customer's session stays whole).
/// @param action  the aim by name.
/// @throws Error(kInvalidArgument) when the log has no clock or no such
///   action, or nothing is asked, or all labels are equal.
MomentLabels moment_labels(const events::Log& log,
                           const tasks::MomentTask& task,
                           const std::string& action, std::size_t most,
                           std::uint64_t seed);

}  // namespace ensue::judge
