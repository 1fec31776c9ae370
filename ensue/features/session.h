// SPDX-License-Identifier: Apache-2.0
// Features of the session that is open.
#pragma once

#include <vector>

#include "ensue/events/log.h"
#include "ensue/features/definition.h"

namespace ensue::features {

/// How many events, how long, which actions, how many items and categories,
/// how much value in the open session, and what the day before held: to stand
/// beside default_definitions().
/// @param until  later events are not looked at, as in DefaultOptions.
std::vector<Definition> session_definitions(const events::Log& log,
                                            events::Millis until);

}  // namespace ensue::features
