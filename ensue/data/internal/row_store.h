// SPDX-License-Identifier: Apache-2.0
// The narrow rows of a log on their way from file order to user order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "ensue/base/error.h"

namespace ensue::data {

inline constexpr std::uint32_t kNone = 0xFFFFFFFF;

/// One event with provisional ids (in order of the file). 32 bytes.
struct Row {
  std::uint32_t user;  // kNone: the source does not say who
  std::uint32_t item;  // kNone: no item
  std::int64_t time;
  std::uint64_t seq : 48;     // place in the source
  std::uint64_t action : 8;   // index into the actions met so far
  std::uint64_t removed : 8;  // 1 + index of the cleaning rule; 0: kept
  float value;                // NaN: none
  std::uint32_t extras;       // hash of the wide columns
};
static_assert(sizeof(Row) == 32);

/// Rows in partitions by user: user u lies in partition u % kPartitions, rows
/// without a user in the last one, each partition in order of arrival. Stays
/// in memory up to `memory_rows` rows, then moves to files in `folder`, after
/// which it holds one small buffer per partition.
///
/// append() from one thread; load(), store() and read() of different
/// partitions from several. @throws Error(kUnavailable) when the disk is full.
class RowStore {
 public:
  static constexpr std::size_t kPartitions = 128;
  static constexpr std::size_t kUserless = kPartitions;
  static std::size_t partition_of(std::uint32_t user) noexcept {
    return user == kNone ? kUserless : user % kPartitions;
  }

  RowStore(std::filesystem::path folder, std::size_t memory_rows);
  ~RowStore();
  RowStore(const RowStore&) = delete;

  void append(const Row& row) {
    Partition& p = partitions_[partition_of(row.user)];
    if (p.fill == kBlock) next_block(p);
    p.blocks.back()[p.fill++] = row;
    ++p.size;
  }
  std::size_t partitions() const noexcept { return partitions_.size(); }
  std::size_t size(std::size_t partition) const noexcept {
    return partitions_[partition].size;
  }
  bool spilled() const noexcept { return spilled_; }

  /// Takes all rows of a partition out; it is empty until store().
  std::vector<Row> load(std::size_t partition);
  /// Puts rows back, replacing the partition.
  void store(std::size_t partition, std::vector<Row> rows);
  /// Rows [begin, begin + out.size()) of a stored partition.
  void read(std::size_t partition, std::size_t begin, std::span<Row> out) const;

 private:
  static constexpr std::size_t kBlock = 2048;
  using Block = std::unique_ptr<Row[]>;
  struct Partition {
    std::vector<Block> blocks;
    std::vector<Row> stored;
    std::size_t fill = kBlock;  // rows in the last block
    std::size_t size = 0;
    int file = -1;
  };
  void next_block(Partition& partition);
  void spill();
  void flush(Partition& partition);

  std::filesystem::path folder_;
  std::size_t memory_rows_, rows_in_memory_ = 0;
  bool spilled_ = false;
  std::vector<Partition> partitions_;
};

}  // namespace ensue::data
