// SPDX-License-Identifier: Apache-2.0
// A store by the name that people type.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "ensue/store/event_store.h"

namespace ensue::store {

inline constexpr std::string_view kRedis = "redis://";

struct OpenOptions {
  /// A folder, "memory", or redis://[:PASSWORD@]HOST:PORT (or ///SOCKET).
  std::string where;
  Retention retention = {};
  bool sync_always = false;  // else fsynced once a second
  std::size_t cache_bytes = std::size_t{64} << 20;
};

/// @throws what opening the store throws.
std::unique_ptr<EventStore> open_store(const OpenOptions& options);

}  // namespace ensue::store
