// SPDX-License-Identifier: Apache-2.0
// Events in memory: for trials and tests, and the model of the other stores.
#pragma once

#include <memory>

#include "ensue/store/event_store.h"

namespace ensue::store {

/// Plain maps under one lock; gone when the process ends. The slow and obvious
/// form of EventStore: the others are tested against it.
std::unique_ptr<EventStore> memory_store(Retention retention = {});

}  // namespace ensue::store
