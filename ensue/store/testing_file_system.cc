// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/testing_file_system.h"

#include <rocksdb/system_clock.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace ensue::store {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
namespace fs = std::filesystem;

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(FaultyDisk& disk, std::string name,
             std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)),
        disk_(disk),
        name_(std::move(name)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    if (IOStatus status = disk_.may_write(); !status.ok()) return status;
    disk_.wrote(name_, data.size());
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options,
                    IODebugContext* debug) override {
    if (IOStatus status = disk_.may_write(); !status.ok()) return status;
    disk_.truncated(name_, size);
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    const std::uint64_t size = disk_.written(name_);
    if (IOStatus status = disk_.may_sync(); !status.ok()) return status;
    disk_.synced(name_, size);
    return IOStatus::OK();
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&,
                     IODebugContext*) override {
    return IOStatus::OK();  // promises nothing
  }
  bool IsSyncThreadSafe() const override { return true; }

 private:
  FaultyDisk& disk_;
  std::string name_;
};

class FaultyFolder final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyFolder(FaultyDisk& disk, std::unique_ptr<rocksdb::FSDirectory> folder)
      : FSDirectoryWrapper(std::move(folder)), disk_(disk) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    if (IOStatus status = disk_.may_sync(); !status.ok()) return status;
    disk_.folder_synced();
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  FaultyDisk& disk_;
};

class QuickClock final : public rocksdb::SystemClockWrapper {
 public:
  using SystemClockWrapper::SystemClockWrapper;
  const char* Name() const override { return "QuickClock"; }
  void SleepForMicroseconds(int us) override {
    SystemClockWrapper::SleepForMicroseconds(std::min(us, 1000));
  }
};

class QuickEnv final : public rocksdb::EnvWrapper {
 public:
  explicit QuickEnv(std::unique_ptr<rocksdb::Env> base)
      : EnvWrapper(base.get()), base_(std::move(base)) {
    system_clock_ = std::make_shared<QuickClock>(base_->GetSystemClock());
  }

 private:
  std::unique_ptr<rocksdb::Env> base_;
};

// How much of a file's last part, which was not fsynced, is there afterwards.
std::uint64_t kept_of(std::uint64_t unsynced, Rng& rng) {
  const std::uint64_t how = rng.below(4);
  return how == 0 ? 0 : how == 1 ? unsynced : rng.below(unsynced + 1);
}

// Pages reach the disk in any order: one may be missing in what is there.
void make_hole(const std::string& name, std::uint64_t begin, std::uint64_t end,
               Rng& rng) {
  constexpr std::uint64_t page = 4096;
  const std::uint64_t first = (begin + page - 1) / page;
  if (first * page + page > end) return;
  const std::uint64_t at = (first + rng.below(end / page - first)) * page;
  std::fstream file(name, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(at));
  file << std::string(page, '\0');
}

}  // namespace

FaultyDisk::FaultyDisk(fs::path trash)
    : FileSystemWrapper(rocksdb::FileSystem::Default()),
      trash_(std::move(trash)) {}

IOStatus FaultyDisk::may_write() {
  if (faults.crash_in >= 0 && faults.crash_in-- == 0) crash();
  if (down_) return IOStatus::IOError("the machine is down");
  if (faults.no_space) return IOStatus::NoSpace("No space left on device");
  return IOStatus::OK();
}

IOStatus FaultyDisk::may_sync() {
  if (faults.crash_in >= 0 && faults.crash_in-- == 0) crash();
  if (down_) return IOStatus::IOError("the machine is down");
  if (faults.sync_fails) return IOStatus::IOError("Input/output error");
  return IOStatus::OK();
}

void FaultyDisk::wrote(const std::string& name, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  files_[name].written += size;
}

void FaultyDisk::truncated(const std::string& name, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  State& state = files_[name];
  state.written = size;
  state.synced = std::min(state.synced, size);
}

std::uint64_t FaultyDisk::written(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return files_[name].written;
}

void FaultyDisk::synced(const std::string& name, std::uint64_t size) {
  if (faults.ignore_sync) return;
  const std::lock_guard lock(mutex_);
  files_[name].synced = std::max(files_[name].synced, size);
}

void FaultyDisk::folder_synced() {
  if (faults.ignore_sync) return;
  const std::lock_guard lock(mutex_);
  for (const Change& change : changes_) {
    if (!change.trash.empty()) fs::remove(change.trash);
  }
  changes_.clear();
}

std::string FaultyDisk::to_trash(const std::string& name) {
  if (!fs::exists(name)) return "";
  const std::string trash = (trash_ / std::to_string(++in_trash_)).string();
  fs::rename(name, trash);
  return trash;
}

IOStatus FaultyDisk::NewWritableFile(
    const std::string& name, const FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (IOStatus status = may_write(); !status.ok()) return status;
  const std::lock_guard lock(mutex_);
  Change change{.from = "", .to = name, .trash = "", .before = files_[name]};
  change.trash = to_trash(name);
  IOStatus status =
      FileSystemWrapper::NewWritableFile(name, options, file, debug);
  if (!status.ok()) return status;
  *file = std::make_unique<FaultyFile>(*this, name, std::move(*file));
  files_[name] = {};
  changes_.push_back(std::move(change));
  return status;
}

IOStatus FaultyDisk::ReopenWritableFile(
    const std::string&, const FileOptions&,
    std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("FaultyDisk: opening a file again");
}

IOStatus FaultyDisk::ReuseWritableFile(
    const std::string&, const std::string&, const FileOptions&,
    std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("FaultyDisk: using a file again");
}

IOStatus FaultyDisk::NewDirectory(const std::string& name,
                                  const IOOptions& options,
                                  std::unique_ptr<rocksdb::FSDirectory>* folder,
                                  IODebugContext* debug) {
  IOStatus status =
      FileSystemWrapper::NewDirectory(name, options, folder, debug);
  if (status.ok()) {
    *folder = std::make_unique<FaultyFolder>(*this, std::move(*folder));
  }
  return status;
}

IOStatus FaultyDisk::RenameFile(const std::string& from, const std::string& to,
                                const IOOptions& options,
                                IODebugContext* debug) {
  if (IOStatus status = may_write(); !status.ok()) return status;
  const std::lock_guard lock(mutex_);
  Change change{.from = from, .to = to, .trash = "", .before = files_[to]};
  change.trash = to_trash(to);
  IOStatus status = FileSystemWrapper::RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  files_[to] = files_[from];
  files_.erase(from);
  changes_.push_back(std::move(change));
  return status;
}

IOStatus FaultyDisk::DeleteFile(const std::string& name, const IOOptions&,
                                IODebugContext*) {
  if (IOStatus status = may_write(); !status.ok() && down_) return status;
  const std::lock_guard lock(mutex_);
  Change change{.from = "", .to = name, .trash = "", .before = files_[name]};
  change.trash = to_trash(name);
  if (change.trash.empty()) return IOStatus::PathNotFound(name);
  files_.erase(name);
  changes_.push_back(std::move(change));
  return IOStatus::OK();
}

void FaultyDisk::undo(const Change& change) {
  if (!change.from.empty()) {  // renamed
    fs::rename(change.to, change.from);
    files_[change.from] = files_[change.to];
    files_.erase(change.to);
  } else if (fs::exists(change.to)) {  // made
    fs::remove(change.to);
    files_.erase(change.to);
  }
  if (!change.trash.empty()) {
    fs::rename(change.trash, change.to);
    files_[change.to] = change.before;
  }
}

void FaultyDisk::come_up(Rng& rng) {
  const std::lock_guard lock(mutex_);
  const std::size_t kept = kept_of(changes_.size(), rng);
  while (changes_.size() > kept) {
    undo(changes_.back());
    changes_.pop_back();
  }
  for (const auto& [name, state] : files_) {
    if (!fs::exists(name) || state.synced >= state.written) continue;
    const std::uint64_t size =
        state.synced + kept_of(state.written - state.synced, rng);
    if (size < fs::file_size(name)) fs::resize_file(name, size);
    if (rng.chance(0.25)) make_hole(name, state.synced, size, rng);
  }
  for (const auto& entry : fs::directory_iterator(trash_)) fs::remove(entry);
  files_.clear();
  changes_.clear();
  faults.crash_in = -1;
  down_ = false;
}

std::unique_ptr<rocksdb::Env> env_over(std::shared_ptr<FaultyDisk> disk) {
  return std::make_unique<QuickEnv>(rocksdb::NewCompositeEnv(std::move(disk)));
}

}  // namespace ensue::store
