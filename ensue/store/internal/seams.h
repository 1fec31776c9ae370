// SPDX-License-Identifier: Apache-2.0
// Where a test takes hold of a RocksDB store.
#pragma once

#include <functional>

namespace rocksdb {
class Env;
}

namespace ensue::store {

struct Seams {
  rocksdb::Env* env = nullptr;  // nullptr: the machine's; outlives the store
  /// kEverySec: no thread, fsync happens when `sync` is called.
  bool manual_sync = false;
  std::size_t write_buffer_bytes = 0;  // of a column family; 0: as ever
  /// Set by open_rocks(); valid while the store is.
  std::function<void()> sync = {};
  /// Brings everything into tables and compacts them.
  std::function<void()> compact = {};
};

}  // namespace ensue::store
