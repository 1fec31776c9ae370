// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/internal/dictionary.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <memory>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"
#include "ensue/base/rng.h"
#include "ensue/store/internal/database.h"
#include "ensue/store/internal/wire.h"

namespace ensue::store {
namespace {

// name -> id under "n", kind, name; id -> name under "i", kind, id (big endian:
// the last one is the greatest).
std::string name_key(NameKind kind, std::string_view name) {
  std::string key = {'n', static_cast<char>(kind)};
  key += name;
  return key;
}

std::string id_key(NameKind kind, std::uint32_t id) {
  std::string key = {'i', static_cast<char>(kind)};
  for (int shift = 24; shift >= 0; shift -= 8) {
    key += static_cast<char>(id >> shift);
  }
  return key;
}

std::uint64_t whole_key(NameKind kind, std::uint32_t id) {
  return id | (static_cast<std::uint64_t>(kind) << 32);
}

// Items in order; the few others anywhere among them.
std::size_t place(NameKind kind, std::uint32_t id) {
  return kind == NameKind::kItem ? id : Rng::mix(whole_key(kind, id));
}

std::uint32_t last_id(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* names,
                      NameKind kind) {
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator({}, names));
  at->SeekForPrev(id_key(kind, 0xFFFFFFFF));
  ok(at->status());
  if (!at->Valid() || !at->key().starts_with(id_key(kind, 0).substr(0, 2))) {
    return 0;
  }
  std::uint32_t id = 0;
  for (const char byte : at->key().ToStringView().substr(2)) {
    id = id << 8 | static_cast<std::uint8_t>(byte);
  }
  return id;
}

}  // namespace

Dictionary::Dictionary(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* names,
                       std::size_t bytes)
    : db_(db),
      names_(names),
      ids_(bytes / 2 / 64),
      by_id_(bytes / 2 / 64),
      last_item_(last_id(*db, names, NameKind::kItem)),
      last_action_(last_id(*db, names, NameKind::kAction)),
      last_column_(last_id(*db, names, NameKind::kColumn)) {}

std::uint32_t& Dictionary::last(NameKind kind) {
  switch (kind) {
    case NameKind::kItem:
      return last_item_;
    case NameKind::kAction:
      return last_action_;
    case NameKind::kColumn:
      break;
  }
  return last_column_;
}

std::uint32_t Dictionary::find(const std::string& key) const {
  const std::size_t place = checksum(key);
  if (const auto known = ids_.find(place, key)) return *known;
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = db_->Get({}, names_, key, &value);
  if (status.IsNotFound()) return 0;
  ok(status);
  const auto id =
      static_cast<std::uint32_t>(Reader(value.ToStringView()).varint());
  ids_.put(place, key, id);
  return id;
}

std::uint32_t Dictionary::id(NameKind kind, std::string_view name, News& news) {
  const std::string key = name_key(kind, name);
  if (const std::uint32_t known = find(key)) return known;
  const std::lock_guard lock(mutex_);
  // Stored by another thread since, or about to be.
  if (const std::uint32_t known = find(key)) return known;
  const auto [entry, added] = pending_.try_emplace(key, 0);
  if (added) entry->second = ++last(kind);
  news.entries.push_back({kind, std::string(name), entry->second});
  return entry->second;
}

void Dictionary::write(const News& news, rocksdb::WriteBatch& batch) const {
  for (const News::Entry& entry : news.entries) {
    std::string id;
    Writer(id).varint(entry.id);
    ok(batch.Put(names_, name_key(entry.kind, entry.name), id));
    ok(batch.Put(names_, id_key(entry.kind, entry.id), entry.name));
  }
}

void Dictionary::stored(const News& news) {
  if (news.entries.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const News::Entry& entry : news.entries) {
    const std::string key = name_key(entry.kind, entry.name);
    ids_.put(checksum(key), key, entry.id);
    pending_.erase(key);
  }
}

std::string Dictionary::name(NameKind kind, std::uint32_t id) const {
  const std::uint64_t key = whole_key(kind, id);
  if (auto known = by_id_.find(place(kind, id), key)) return *std::move(known);
  std::string name;
  const rocksdb::Status status = db_->Get({}, names_, id_key(kind, id), &name);
  if (status.IsNotFound()) {
    throw Error(Code::kCorrupt, db_->GetName() + ": a record names " +
                                    static_cast<char>(kind) +
                                    std::to_string(id) + ", which is no name");
  }
  ok(status);
  by_id_.put(place(kind, id), key, name);
  return name;
}

}  // namespace ensue::store
