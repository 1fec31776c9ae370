// SPDX-License-Identifier: Apache-2.0
// Names as small numbers, given once and for ever: what records hold of them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/store/internal/slots.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class WriteBatch;
}  // namespace rocksdb

namespace ensue::store {

enum class NameKind : char { kItem = 'i', kAction = 'a', kColumn = 'c' };

/// Ids of a kind count from 1. A new id is written in the same batch as the
/// first record that uses it, and again by every batch that uses it before that
/// one is known to be stored: so no record is ever stored without its names.
/// What was found is remembered in a bounded space. Thread-safe.
class Dictionary {
 public:
  /// @param bytes  of memory for names that were met.
  /// @throws Error when the database cannot be read.
  Dictionary(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* names,
             std::size_t bytes);

  /// Names that a batch brings in.
  struct News {
    struct Entry {
      NameKind kind;
      std::string name;
      std::uint32_t id;
    };
    std::vector<Entry> entries;
  };

  /// The id of a name; a new one goes to `news`.
  std::uint32_t id(NameKind kind, std::string_view name, News& news);
  void write(const News& news, rocksdb::WriteBatch& batch) const;
  /// The batch is stored.
  void stored(const News& news);

  /// @throws Error(kCorrupt) for an id that was never given.
  std::string name(NameKind kind, std::uint32_t id) const;

 private:
  std::uint32_t find(const std::string& key) const;  // 0: not there
  std::uint32_t& last(NameKind kind);

  rocksdb::DB* db_;
  rocksdb::ColumnFamilyHandle* names_;
  mutable Slots<std::string, std::uint32_t> ids_;    // kind + name -> id
  mutable Slots<std::uint64_t, std::string> by_id_;  // kind and id -> name
  std::mutex mutex_;
  std::map<std::string, std::uint32_t, std::less<>> pending_;  // not yet stored
  std::uint32_t last_item_ = 0, last_action_ = 0, last_column_ = 0;
};

}  // namespace ensue::store
