// SPDX-License-Identifier: Apache-2.0
// What a Redis server does in one piece, in Lua.
#pragma once

#include <string>

namespace ensue::store {

/// Keys, all behind the prefix (ARGV[1] of every script):
///   u:USER    list of events by arrival: 8 bytes of time (signed, biased, big
///             endian), 8 bytes of epoch, what is left
///   versions  hash, user -> version        users     sorted set, by name
///   e:ID      when an event id was seen    epoch, base, horizon
///   a:USER    hash, id -> answer           answered  sorted set, by last time
///   d:KIND    hash, id -> JSON             k:KIND    sorted set, by id
/// Numbers pass through doubles: milliseconds, versions and epochs are exact up
/// to 2^53.
struct RedisScripts {
  /// events_per_user, now, event id window in ms; then for each event: user,
  /// event id, time, what is left. -> 1 or 0 for each: stored.
  static const std::string append;
  /// user -> version, events.
  static const std::string record;
  /// user, the version that was read, then the places (from 1) of the events
  /// that go. -> 1, or 0: the record has changed.
  static const std::string take_out;
  /// user, the version that was read ("": none), then the ids of its events.
  /// -> 1, or 0: nothing was there, or -1: the record has changed.
  static const std::string erase;
  /// now. Moves the horizon; never back.
  static const std::string move_horizon;
};

}  // namespace ensue::store
