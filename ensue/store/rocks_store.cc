// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/rocks_store.h"

#include <condition_variable>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/store/internal/rocks.h"
#include "ensue/store/internal/seams.h"
#include "ensue/store/internal/wire.h"

namespace ensue::store {

Rocks::Rocks(std::filesystem::path folder, RocksOptions options)
    : folder_(std::move(folder)),
      options_(std::move(options)),
      horizon_(std::make_shared<Horizon>()) {
  horizon_->retention = options_.retention;
  open();
  if (options_.seams) {
    options_.seams->sync = [this] { sync_log(); };
    options_.seams->compact = [this] { compact(); };
  }
  if (options_.sync == Sync::kEverySec &&
      !(options_.seams && options_.seams->manual_sync)) {
    syncer_ =
        std::jthread([this](const std::stop_token& stop) { sync_every(stop); });
  }
}

Rocks::~Rocks() {
  syncer_.request_stop();
  if (syncer_.joinable()) syncer_.join();
  // A clean end is as safe as an fsync.
  sync_log();
}

void Rocks::open() {
  database_ = std::make_unique<Database>(folder_, options_, horizon_);
  load_meta();
  names_ = std::make_unique<Dictionary>(&db(), of(kNames),
                                        /*bytes=*/options_.cache_bytes / 4);
}

void Rocks::load_meta() {
  rocksdb::PinnableSlice value;
  if (!get(kMeta, "secret", value)) {
    const std::string secret = KeyedHash::new_secret();
    rocksdb::WriteBatch batch;
    ok(batch.Put(of(kMeta), "secret", secret));
    write(batch, /*force_sync=*/true);
    hash_.emplace(secret);
  } else {
    hash_.emplace(value.ToString());
  }
  const auto number = [&](const char* key, std::uint64_t otherwise) {
    rocksdb::PinnableSlice bytes;
    return get(kMeta, key, bytes) ? Reader(bytes.ToStringView()).varint()
                                  : otherwise;
  };
  epoch_ = number("epoch", 0);
  version_base_ = number("version base", 0);
  horizon_->now = unzigzag(number("horizon", zigzag(horizon_->now)));
}

rocksdb::DB& Rocks::db() const {
  if (!database_) {
    throw Error(Code::kUnavailable,
                folder_.string() + ": closed after a failure of the disk");
  }
  return database_->db();
}

bool Rocks::get(Family family, const std::string& key,
                rocksdb::PinnableSlice& value) const {
  const rocksdb::Status status = db().Get({}, of(family), key, &value);
  if (status.IsNotFound()) return false;
  ok(status);
  return true;
}

void Rocks::write(rocksdb::WriteBatch& batch, bool force_sync) {
  rocksdb::WriteOptions options;
  options.sync = force_sync || options_.sync == Sync::kAlways;
  const rocksdb::Status status = db().Write(options, &batch);
  if (!status.ok()) failed(status);
  ok(status);
  if (!options.sync) dirty_ = true;
}

// Not by SyncWAL(): when another thread's write fails under it, a RocksDB with
// assertions (Debian's) ends the process. A synced write takes its turn.
void Rocks::sync_log() {
  const auto in = gate_.share();
  if (!database_ || failed_ || !dirty_.exchange(false)) return;
  rocksdb::WriteBatch nothing;
  rocksdb::WriteOptions options;
  options.sync = true;
  ok(nothing.PutLogData("sync"));
  const rocksdb::Status status = database_->db().Write(options, &nothing);
  if (status.ok()) return;
  dirty_ = true;
  failed(status);
}

void Rocks::failed(const rocksdb::Status& status) {
  const std::lock_guard lock(reason_mutex_);
  reason_ = status.ToString();
  failed_ = true;
}

void Rocks::sync_every(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    wake.wait_for(lock, stop, options_.sync_every, [] { return false; });
    sync_log();
  }
}

void Rocks::compact() {
  const std::lock_guard open(erasure_);
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForceOptimized;
  for (rocksdb::ColumnFamilyHandle* family : database_->all()) {
    ok(db().CompactRange(options, family, nullptr, nullptr));
  }
}

void Rocks::make_writable() {
  if (!failed_) return;
  const std::lock_guard one(recovery_);
  if (!failed_) return;
  constexpr std::chrono::milliseconds pause{100};
  const auto now = std::chrono::steady_clock::now();
  if (now - tried_ < pause) {
    const std::lock_guard lock(reason_mutex_);
    throw Error(
        Code::kUnavailable,
        folder_.string() + ": cannot be written to for now: " + reason_);
  }
  tried_ = now;
  rocksdb::Status status;
  {
    const auto in = gate_.share();
    if (database_) status = database_->db().Resume();
  }
  // Busy: RocksDB waits by itself, for far more space than we need.
  const bool hopeless =
      status.IsBusy() ||
      status.severity() >= rocksdb::Status::Severity::kFatalError;
  if (!database_ || hopeless) {
    reopen();
  } else {
    ok(status);
  }
  failed_ = false;
}

// What RocksDB gave up is read anew from the disk, once the disk takes what
// that writes.
void Rocks::reopen() {
  {
    const auto in = gate_.share();
    if (database_) ok(database_->try_disk());
  }
  const std::lock_guard one(erasure_);
  const auto in = gate_.alone();
  names_.reset();
  database_.reset();
  open();
}

EventStore::Size Rocks::size() const {
  const auto in = gate_.share();
  Size size;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    std::error_code gone;  // a file may go while we look
    const std::uintmax_t bytes = entry.file_size(gone);
    if (!gone) size.bytes += bytes;
  }
  db().GetIntProperty(of(kUsers), "rocksdb.estimate-num-keys", &size.users);
  return size;
}

std::unique_ptr<EventStore> open_rocks(const std::filesystem::path& folder,
                                       RocksOptions options) {
  return std::make_unique<Rocks>(folder, std::move(options));
}

}  // namespace ensue::store
