// SPDX-License-Identifier: Apache-2.0
// Test code: crashes at random moments, and what is there afterwards.
#pragma once

#include <cstdint>
#include <string>

#include "ensue/store/rocks_store.h"

namespace ensue::store {

struct CrashPlan {
  std::size_t rounds = 50;
  std::uint64_t seed = 1;
  Sync sync = Sync::kAlways;
  /// The disk says that it has synced, and has not: then calls must be lost.
  bool ignore_sync = false;
};

struct CrashReport {
  std::size_t rounds = 0, calls = 0;
  /// Calls that had returned and, by what `sync` promises, must not be lost
  /// (kEverySec: those before the last fsync), and are not there.
  std::size_t lost = 0;
  /// Calls that had returned and were lost within the promise.
  std::size_t within_promise = 0;
  /// What was found after a crash that no first part of the calls explains, or
  /// a store that did not open; "": nothing.
  std::string problem = {};
};

/// Calls of every kind go to a store on a FaultyDisk until the machine goes
/// down, between two calls or inside one; the store is opened again and must
/// hold what a memory store holds after a first part of the calls: all that
/// the plan's `sync` promises, whole calls only, nothing that was not sent
/// (the call during which the machine went down may be there). Then it goes on
/// from there. A round takes about 0.1 s.
CrashReport crash_rounds(const CrashPlan& plan);

}  // namespace ensue::store
