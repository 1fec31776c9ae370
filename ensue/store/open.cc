// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/open.h"

#include "ensue/store/memory_store.h"

namespace ensue::store {

std::unique_ptr<EventStore> open_store(const OpenOptions& options) {
  return memory_store(options.retention);
}

}  // namespace ensue::store
