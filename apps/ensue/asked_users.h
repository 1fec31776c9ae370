// SPDX-License-Identifier: Apache-2.0
// The customers that ensue predict TASK is asked about.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "apps/ensue/task_commands.h"
#include "ensue/events/log.h"
#include "ensue/tasks/customer_events.h"

namespace ensue::apps {

/// A log's events in the ids of a model, as the server reads them. Both must
/// outlive it.
class LogReading {
 public:
  LogReading(const events::Log& log, const artifact::Description& about);
  /// All events of a user, later ones too.
  tasks::CustomerEvents of(events::UserId user) const;

 private:
  events::Cell cell(const events::History& all, std::size_t i,
                    std::size_t c) const;

  const events::Log& log_;
  const artifact::Description& about_;
  std::vector<std::optional<std::size_t>> places_;
};

/// A log, and the instant that it is asked as of.
struct AskedLog {
  events::Log log;
  events::Millis at{0};
};

/// The dataset of the settings as of `question.at`, or as of its end.
/// @throws Error(kInvalidArgument) when the question names nobody.
AskedLog asked_log(const TaskQuestion& question, const Settings& settings);

/// A millisecond after the last event.
events::Millis end_of(const events::Log& log);

/// @throws Error(kNotFound) for an unknown user, Error(kInvalidArgument) for
///   one without an event before the instant.
events::UserId find_user(const AskedLog& asked, const std::string& name);

/// Everybody with an event before the instant, in the order of the log.
/// @throws Error(kInvalidArgument) when there is nobody.
std::vector<events::UserId> everybody(const AskedLog& asked);

}  // namespace ensue::apps
