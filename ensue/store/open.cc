// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/open.h"

#include "ensue/store/memory_store.h"
#include "ensue/store/rocks_store.h"

namespace ensue::store {

std::unique_ptr<EventStore> open_store(const OpenOptions& options) {
  if (options.where == "memory") return memory_store(options.retention);
  return open_rocks(options.where,
                    {.retention = options.retention,
                     .sync = options.sync_always ? Sync::kAlways
                                                 : Sync::kEverySec,
                     .cache_bytes = options.cache_bytes});
}

}  // namespace ensue::store
