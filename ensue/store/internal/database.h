// SPDX-License-Identifier: Apache-2.0
// The RocksDB database of a store: its column families, opened and closed.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ensue/store/internal/merge.h"
#include "ensue/store/rocks_store.h"

namespace ensue::store {

/// Throws what a status means: Error(kCorrupt) for damage, Error(kUnavailable)
/// for everything else that is not well, with RocksDB's words, which name the
/// file.
void ok(const rocksdb::Status& status);

/// Where what lies. Keys of users are KeyedHash::wide() of the name.
enum Family : std::size_t {
  kMeta,       // secret, epoch, version base, horizon
  kUsers,      // user -> record.h
  kNames,      // dictionary.h
  kIds,        // KeyedHash::narrow() of an event id -> when it was seen
  kAnswers,    // user + id of the answer -> the answer
  kDocuments,  // "i" + item -> JSON; "u" + user -> name, JSON
};
inline constexpr std::size_t kFamilies = 6;

class Database {
 public:
  /// Looks at the logs, then opens; makes the folder when it is not there.
  /// @throws Error, as open_rocks() says.
  Database(const std::filesystem::path& folder, const RocksOptions& options,
           std::shared_ptr<const Horizon> horizon);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const noexcept { return *db_; }
  /// Writes and syncs a file in the folder, 1 MiB larger than its logs (which
  /// become tables when it is opened), and removes it.
  rocksdb::Status try_disk() const;
  rocksdb::ColumnFamilyHandle* of(Family family) const noexcept {
    return families_[family];
  }
  const std::vector<rocksdb::ColumnFamilyHandle*>& all() const noexcept {
    return families_;
  }

 private:
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

}  // namespace ensue::store
