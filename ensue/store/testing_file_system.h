// SPDX-License-Identifier: Apache-2.0
// Test code: a disk that loses at a crash what was not fsynced, and fails.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ensue/base/rng.h"

namespace ensue::store {

/// Files lie on the real disk, so that reading is as ever; beside them stands
/// how much of each was fsynced, and which entries of a folder (files made,
/// renamed, deleted) came after its last fsync. kill -9 loses nothing of that,
/// because the kernel still has it; a crash of the machine may lose it all.
class FaultyDisk final : public rocksdb::FileSystemWrapper {
 public:
  /// @param trash  an empty folder on the same disk, outside of the store.
  explicit FaultyDisk(std::filesystem::path trash);
  static const char* kClassName() { return "FaultyDisk"; }
  const char* Name() const override { return kClassName(); }

  struct Faults {
    std::atomic<bool> ignore_sync = false;  // says yes and does nothing
    std::atomic<bool> no_space = false;     // nothing more can be written
    std::atomic<bool> sync_fails = false;   // an I/O error
    /// Operations until the machine goes down; below 0: it does not.
    std::atomic<std::int64_t> crash_in = -1;
  } faults;

  /// From now on nothing reaches the disk.
  void crash() { down_ = true; }
  bool down() const { return down_; }
  /// After the store was closed: what the machine finds when it comes up. A
  /// random first part of the folder's changes that were not fsynced is kept;
  /// of each file what was fsynced, and a random part of the rest, perhaps with
  /// a hole.
  void come_up(Rng& rng);

  rocksdb::IOStatus NewWritableFile(
      const std::string& name, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSWritableFile>* file,
      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(
      const std::string&, const rocksdb::FileOptions&,
      std::unique_ptr<rocksdb::FSWritableFile>*,
      rocksdb::IODebugContext*) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string&, const std::string&,
                                      const rocksdb::FileOptions&,
                                      std::unique_ptr<rocksdb::FSWritableFile>*,
                                      rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewDirectory(const std::string& name,
                                 const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* folder,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

  // What the files call.
  rocksdb::IOStatus may_write();
  rocksdb::IOStatus may_sync();
  void wrote(const std::string& name, std::uint64_t size);
  void truncated(const std::string& name, std::uint64_t size);
  void synced(const std::string& name, std::uint64_t size);
  std::uint64_t written(const std::string& name);
  void folder_synced();

 private:
  struct State {
    std::uint64_t written = 0, synced = 0;
  };
  // A change of the folder that can be undone.
  struct Change {
    std::string from;   // made or deleted: ""
    std::string to;     // the file that was made or renamed to, or deleted
    std::string trash;  // where the file lies that `to` was; "": none was
    State before = {};  // of that file
  };
  std::string to_trash(const std::string& name);
  void undo(const Change& change);

  std::filesystem::path trash_;
  std::atomic<bool> down_ = false;
  std::mutex mutex_;
  std::map<std::string, State> files_;
  std::vector<Change> changes_;  // since the folder's last fsync
  std::uint64_t in_trash_ = 0;
};

/// An environment over that disk. After a failure RocksDB sleeps a second;
/// here its sleeps are short.
std::unique_ptr<rocksdb::Env> env_over(std::shared_ptr<FaultyDisk> disk);

}  // namespace ensue::store
