// SPDX-License-Identifier: Apache-2.0
// The store of rocks_store.h, in one class and several files.
#pragma once

#include <rocksdb/write_batch.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

#include "ensue/base/hash.h"
#include "ensue/store/internal/database.h"
#include "ensue/store/internal/dictionary.h"
#include "ensue/store/internal/gate.h"
#include "ensue/store/internal/record.h"

namespace ensue::store {

/// Every call enters `gate_`: those that must see a record stand still while
/// they change it (remove, prune, erase, a new epoch) enter it alone and
/// briefly, all others share.
class Rocks final : public EventStore {
 public:
  Rocks(std::filesystem::path folder, RocksOptions options);
  ~Rocks() override;

  Appended append(std::span<const Event> events, events::Millis now) override;
  UserEvents user(std::string_view user) const override;
  std::uint64_t version(std::string_view user) const override;
  bool shared() const noexcept override { return false; }
  bool erase(std::string_view user) override;
  std::size_t remove(std::string_view user,
                     const std::function<bool(const Event&)>& gone) override;
  Page users(std::string_view cursor, std::size_t limit) const override;
  std::uint64_t read_since(
      std::uint64_t since,
      const std::function<void(const Event&)>& take) override;
  void keep(const Answer& answer) override;
  std::optional<Answer> answer(std::string_view user,
                               std::string_view id) const override;
  std::vector<Answer> answers(std::string_view user,
                              events::Millis since) const override;
  void put(Kind kind, std::span<const Document> documents) override;
  std::optional<std::string> document(Kind kind,
                                      std::string_view id) const override;
  bool drop(Kind kind, std::string_view id) override;
  std::vector<Document> documents(Kind kind, std::string_view cursor,
                                  std::size_t limit) const override;
  std::vector<std::string> prune(events::Millis now) override;
  void compact() override;
  Size size() const override;

 private:
  struct Batch;  // of append()

  // rocks_store.cc: opening, syncing, coming back after a failure.
  void open();
  void load_meta();
  void sync_log();
  void sync_every(const std::stop_token& stop);
  /// Before anything is written: tries again after a failure.
  void make_writable();
  void reopen();
  void failed(const rocksdb::Status& status);
  /// @throws Error; then make_writable() has work to do.
  void write(rocksdb::WriteBatch& batch, bool force_sync = false);
  /// @throws Error(kUnavailable) while there is none.
  rocksdb::DB& db() const;
  Dictionary& names() const {
    db();
    return *names_;
  }
  rocksdb::ColumnFamilyHandle* of(Family family) const {
    db();
    return database_->of(family);
  }
  /// False: not there.
  bool get(Family family, const std::string& key,
           rocksdb::PinnableSlice& value) const;

  // rocks_write.cc
  void gather(Batch& batch, std::span<const Event> events, std::int64_t now);
  bool first_time(Batch& batch, std::uint64_t id, std::int64_t now) const;

  // rocks_read.cc
  Event event_of(const Record& record, const Packed& packed) const;
  Answer answer_of(std::string_view id, std::string_view value) const;
  std::string document_key(Kind kind, std::string_view id) const;
  /// Up to `limit` records behind `key`, which becomes the last one's; false:
  /// there were none.
  bool next_records(std::string& key, std::size_t limit,
                    const std::function<void(const Record&)>& take) const;

  // rocks_erase.cc
  std::size_t take_out(const std::string& key,
                       const std::function<bool(const Event&)>& gone);
  void replace(rocksdb::WriteBatch& writes, const std::string& key,
               const Record& record);
  void raise_versions(rocksdb::WriteBatch& writes, std::uint64_t version);
  void prune_records(const std::vector<std::string>& keys, std::int64_t first,
                     std::vector<std::string>& changed);
  bool forget(const std::string& user);
  void wipe(const std::string& user);
  void wait_for_old_files() const;

  std::filesystem::path folder_;
  RocksOptions options_;
  std::shared_ptr<Horizon> horizon_;
  mutable Gate gate_;
  std::unique_ptr<Database> database_;  // nullptr: could not be opened again
  std::unique_ptr<Dictionary> names_;
  std::optional<KeyedHash> hash_;
  std::uint64_t epoch_ = 0;  // of what arrives now
  std::atomic<std::uint64_t> version_base_ = 0;
  Claims claims_;
  std::atomic<bool> dirty_ = false;  // something was written and not synced
  std::atomic<bool> failed_ = false;
  std::mutex recovery_;  // of who tries again
  std::mutex erasure_;   // held, it keeps the database open; after recovery_
  std::mutex reason_mutex_;
  std::string reason_;  // of the last failure
  std::chrono::steady_clock::time_point tried_{};
  std::jthread syncer_;  // last: it uses all of the above
};

}  // namespace ensue::store
