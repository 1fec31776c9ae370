// SPDX-License-Identifier: Apache-2.0
// Events in a Redis server, which several stateless servers share.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "ensue/store/event_store.h"

namespace ensue::store {

struct RedisOptions {
  Retention retention = {};
  /// "host:port", or the path of a unix socket.
  std::string address = "127.0.0.1:6379";
  std::string password = {};
  /// In front of every key, so that several shops share one Redis.
  std::string prefix = "ensue:";
  std::chrono::milliseconds timeout{2000};
};

/// The same facts as the other stores; what changes a record is one script, so
/// that it happens whole or not at all, and each call is one round trip.
/// shared() is true: every server must agree on the retention.
///
/// How safe a stored call is, the Redis server's own settings say (appendonly
/// yes, appendfsync always or everysec; a save policy alone loses minutes).
/// erase() removes every key of the user and asks the server to write its files
/// anew; it does not wait for that, nor for replicas. One Redis, or one with
/// replicas; no cluster.
///
/// A call that fails with Error(kUnavailable) because the connection broke may
/// have been stored: say it again with event ids.
/// @throws Error(kUnavailable) when the server cannot be reached.
std::unique_ptr<EventStore> open_redis(RedisOptions options);

}  // namespace ensue::store
