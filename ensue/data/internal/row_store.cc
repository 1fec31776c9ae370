// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/row_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace ensue::data {
namespace {

[[noreturn]] void fail(const std::filesystem::path& folder, const char* what) {
  throw Error(Code::kUnavailable,
              folder.string() + ": " + what + ": " + std::strerror(errno));
}

void write_all(int file, const std::filesystem::path& folder,
               std::span<const std::byte> bytes, std::size_t at) {
  while (!bytes.empty()) {
    const ssize_t n =
        ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(folder, "cannot spill rows");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    at += static_cast<std::size_t>(n);
  }
}

void read_all(int file, const std::filesystem::path& folder,
              std::span<std::byte> bytes, std::size_t at) {
  while (!bytes.empty()) {
    const ssize_t n =
        ::pread(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail(folder, "cannot read spilled rows");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    at += static_cast<std::size_t>(n);
  }
}

}  // namespace

RowStore::RowStore(std::filesystem::path folder, std::size_t memory_rows)
    : folder_(std::move(folder)),
      memory_rows_(memory_rows),
      partitions_(kPartitions + 1) {}

RowStore::~RowStore() {
  for (const Partition& p : partitions_) {
    if (p.file >= 0) ::close(p.file);
  }
}

void RowStore::next_block(Partition& partition) {
  if (!spilled_ && rows_in_memory_ >= memory_rows_) spill();
  if (spilled_) {
    flush(partition);
    if (partition.blocks.empty()) {
      partition.blocks.push_back(std::make_unique_for_overwrite<Row[]>(kBlock));
    }
  } else {
    rows_in_memory_ += kBlock;
    partition.blocks.push_back(std::make_unique_for_overwrite<Row[]>(kBlock));
  }
  partition.fill = 0;
}

// The files have no name: a crash leaves nothing behind.
void RowStore::spill() {
  for (Partition& p : partitions_) {
    std::string path = (folder_ / "rows-XXXXXX").string();
    p.file = ::mkostemp(path.data(), O_CLOEXEC);
    if (p.file < 0) fail(folder_, "cannot open a file to spill to");
    ::unlink(path.c_str());
    flush(p);
  }
  spilled_ = true;
}

void RowStore::flush(Partition& partition) {
  if (partition.blocks.empty()) return;
  std::size_t at =
      partition.size - (partition.blocks.size() - 1) * kBlock - partition.fill;
  for (std::size_t b = 0; b < partition.blocks.size(); ++b) {
    const bool last = b + 1 == partition.blocks.size();
    const std::span rows(partition.blocks[b].get(),
                         last ? partition.fill : kBlock);
    write_all(partition.file, folder_, std::as_bytes(rows), at * sizeof(Row));
    at += rows.size();
  }
  partition.blocks.resize(1);
  partition.fill = 0;
}

std::vector<Row> RowStore::load(std::size_t partition) {
  Partition& p = partitions_[partition];
  std::vector<Row> out(p.size);
  if (spilled_) {
    flush(p);
    read_all(p.file, folder_, std::as_writable_bytes(std::span(out)), 0);
  } else if (!p.stored.empty()) {
    out = std::move(p.stored);
  } else {
    for (std::size_t b = 0; b < p.blocks.size(); ++b) {
      const bool last = b + 1 == p.blocks.size();
      std::copy_n(p.blocks[b].get(), last ? p.fill : kBlock,
                  out.begin() + static_cast<std::ptrdiff_t>(b * kBlock));
      p.blocks[b].reset();
    }
  }
  p.blocks.clear();
  p.stored = {};
  p.fill = kBlock;
  p.size = 0;
  return out;
}

void RowStore::store(std::size_t partition, std::vector<Row> rows) {
  Partition& p = partitions_[partition];
  p.size = rows.size();
  if (!spilled_) {
    p.stored = std::move(rows);
    return;
  }
  write_all(p.file, folder_, std::as_bytes(std::span(rows)), 0);
}

void RowStore::read(std::size_t partition, std::size_t begin,
                    std::span<Row> out) const {
  const Partition& p = partitions_[partition];
  if (spilled_) {
    read_all(p.file, folder_, std::as_writable_bytes(out), begin * sizeof(Row));
  } else {
    std::copy_n(p.stored.begin() + static_cast<std::ptrdiff_t>(begin),
                out.size(), out.begin());
  }
}

}  // namespace ensue::data
