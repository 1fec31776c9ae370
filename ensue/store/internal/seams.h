// SPDX-License-Identifier: Apache-2.0
// Where a test takes hold of a RocksDB store.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

namespace rocksdb {
class Env;
}

namespace ensue::store {

struct Seams {
  rocksdb::Env* env = nullptr;  // nullptr: the machine's; outlives the store
  /// kEverySec: no thread, fsync happens when `sync` is called.
  bool manual_sync = false;
  /// How long erase() waits for files that are still in use.
  std::chrono::milliseconds patience{10'000};
  std::size_t write_buffer_bytes = 0;  // of a column family; 0: as ever
  /// Set by open_rocks(); valid while the store is.
  std::function<void()> sync = {};
  /// Brings everything into tables and compacts them.
  std::function<void()> compact = {};
};

}  // namespace ensue::store
