// SPDX-License-Identifier: Apache-2.0
// What RocksDB does with records by itself: bring them together, and forget.
#pragma once

#include <rocksdb/compaction_filter.h>
#include <rocksdb/merge_operator.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>

#include "ensue/store/event_store.h"

namespace ensue::store {

/// The latest moment that prune() was told of: what is older than the retention
/// says by it is gone, whether a compaction has met it or not.
struct Horizon {
  Retention retention;
  std::atomic<std::int64_t> now = std::numeric_limits<std::int64_t>::min();

  /// An event id seen then is still known.
  bool knows_id(std::int64_t seen, std::int64_t at) const noexcept;
  bool keeps_answer(std::int64_t time) const noexcept;
};

/// merged() and joined() of record.h.
std::shared_ptr<rocksdb::MergeOperator> record_merge(std::size_t limit);

/// Drop event ids (value: when seen, 8 bytes) and answers (value: begins with
/// its time, a zigzag varint) behind the horizon.
std::shared_ptr<rocksdb::CompactionFilterFactory> forget_ids(
    std::shared_ptr<const Horizon> horizon);
std::shared_ptr<rocksdb::CompactionFilterFactory> forget_answers(
    std::shared_ptr<const Horizon> horizon);

}  // namespace ensue::store
