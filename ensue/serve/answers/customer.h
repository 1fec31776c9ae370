// SPDX-License-Identifier: Apache-2.0
// What models of questions about customers read of stored events.
#pragma once

#include <span>

#include "ensue/artifact/artifact.h"
#include "ensue/store/event.h"
#include "ensue/tasks/customer_events.h"

namespace ensue::serve {

/// Stored events, oldest first, in the ids of a model, with its columns of
/// context. @param about  must outlive the result.
tasks::CustomerEvents customer_events(const artifact::Description& about,
                                      std::span<const store::Event> events);

}  // namespace ensue::serve
