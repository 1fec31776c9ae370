// SPDX-License-Identifier: Apache-2.0
// Write-ahead logs reach the disk in their order.
#pragma once

#include <rocksdb/env.h>

#include <memory>

namespace ensue::store {

/// An environment like `base`, in which a new write-ahead log is made only
/// after the one before it was fsynced. RocksDB alone does not see to that when
/// writes are not synced: a crash may leave the later log and not the end of
/// the earlier one, and if that ends at a whole record, both are replayed with
/// a gap between them.
/// @param base  outlives it.
std::unique_ptr<rocksdb::Env> in_log_order(rocksdb::Env* base);

}  // namespace ensue::store
