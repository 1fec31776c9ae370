// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/open.h"

#include "ensue/base/error.h"
#include "ensue/store/memory_store.h"
#include "ensue/store/redis_store.h"
#include "ensue/store/rocks_store.h"

namespace ensue::store {
namespace {

// redis://[:PASSWORD@]HOST:PORT, or redis:///PATH of a unix socket.
RedisOptions redis_options(const OpenOptions& options) {
  RedisOptions out{.retention = options.retention};
  out.address = options.where.substr(kRedis.size());
  const std::size_t at = out.address.rfind('@');
  if (at != std::string::npos) {
    if (out.address[0] != ':') {
      invalid("store: a name before the @, expected redis://:PASSWORD@HOST");
    }
    out.password = out.address.substr(1, at - 1);
    out.address.erase(0, at + 1);
  }
  if (out.address.empty()) {
    invalid("store: '" + options.where + "', expected redis://HOST:PORT");
  }
  return out;
}

}  // namespace

std::unique_ptr<EventStore> open_store(const OpenOptions& options) {
  if (options.where == "memory") return memory_store(options.retention);
  if (options.where.starts_with(kRedis)) {
    return open_redis(redis_options(options));
  }
  return open_rocks(
      options.where,
      {.retention = options.retention,
       .sync = options.sync_always ? Sync::kAlways : Sync::kEverySec,
       .cache_bytes = options.cache_bytes});
}

}  // namespace ensue::store
