// SPDX-License-Identifier: Apache-2.0
// What goes: by wish, by age, without a trace.
#include <algorithm>
#include <set>

#include "ensue/base/error.h"
#include "ensue/store/internal/extras.h"
#include "ensue/store/internal/rocks.h"
#include "ensue/store/internal/seams.h"
#include "ensue/store/internal/wire.h"
#include "ensue/store/retention.h"

namespace ensue::store {
namespace {

std::string id_bytes(std::uint64_t id) {
  return {reinterpret_cast<const char*>(&id), sizeof id};
}

bool any_before(const Record& record, std::int64_t first) {
  return std::ranges::any_of(
      record.events, [&](const Packed& packed) { return packed.time < first; });
}

}  // namespace

void Rocks::replace(rocksdb::WriteBatch& writes, const std::string& key,
                    const Record& record) {
  if (!record.events.empty()) {
    ok(writes.Put(of(kUsers), key, pack(record)));
    return;
  }
  raise_versions(writes, record.version);
  ok(writes.Delete(of(kUsers), key));
}

void Rocks::raise_versions(rocksdb::WriteBatch& writes, std::uint64_t version) {
  version_base_ = std::max(version_base_.load(), version);
  std::string base;
  Writer(base).varint(version_base_);
  ok(writes.Put(of(kMeta), "version base", base));
}

// Asks outside of the gate, so that `gone` may take its time; writes when
// nothing has changed meanwhile, otherwise asks again.
std::size_t Rocks::take_out(const std::string& key,
                            const std::function<bool(const Event&)>& gone) {
  for (;;) {
    std::string bytes;
    std::vector<Event> before;
    {
      const auto in = gate_.share();
      rocksdb::PinnableSlice value;
      if (!get(kUsers, key, value)) return 0;
      bytes = value.ToString();
      const Record record = unpack(bytes);
      for (const Packed& packed : record.events) {
        before.push_back(event_of(record, packed));
      }
    }
    Record record = unpack(bytes);
    std::vector<Packed> kept;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (!gone(before[i])) kept.push_back(record.events[i]);
    }
    const std::size_t count = before.size() - kept.size();
    if (count == 0) return 0;
    const auto in = gate_.alone();
    rocksdb::PinnableSlice value;
    if (!get(kUsers, key, value)) return 0;
    if (value.ToStringView() != bytes) continue;
    record.events = std::move(kept);
    ++record.version;
    rocksdb::WriteBatch writes;
    replace(writes, key, record);
    write(writes);
    return count;
  }
}

std::size_t Rocks::remove(std::string_view user,
                          const std::function<bool(const Event&)>& gone) {
  make_writable();
  std::string key;
  {
    const auto in = gate_.share();
    key = hash_->wide(user);
  }
  return take_out(key, gone);
}

std::vector<std::string> Rocks::prune(events::Millis now) {
  make_writable();
  {
    const auto in = gate_.alone();
    horizon_->now = std::max(horizon_->now.load(), events::count(now));
    std::string value;
    Writer(value).varint(zigzag(horizon_->now));
    rocksdb::WriteBatch writes;
    ok(writes.Put(of(kMeta), "horizon", value));
    write(writes);
  }
  std::vector<std::string> changed;
  if (options_.retention.days <= 0) return changed;
  const std::int64_t first =
      days_before(events::count(now), options_.retention.days);
  std::string key;
  for (bool more = true; more;) {
    std::vector<std::string> keys;
    {
      const auto in = gate_.share();
      more = next_records(key, /*limit=*/256, [&](const Record& record) {
        if (any_before(record, first)) keys.push_back(key);
      });
    }
    if (!keys.empty()) prune_records(keys, first, changed);
  }
  return changed;
}

// Many at once, for one fsync.
void Rocks::prune_records(const std::vector<std::string>& keys,
                          std::int64_t first,
                          std::vector<std::string>& changed) {
  const auto in = gate_.alone();
  rocksdb::WriteBatch writes;
  for (const std::string& key : keys) {
    rocksdb::PinnableSlice value;
    if (!get(kUsers, key, value)) continue;
    Record record = unpack(value.ToStringView());
    if (std::erase_if(record.events, [&](const Packed& packed) {
          return packed.time < first;
        }) == 0) {
      continue;
    }
    ++record.version;
    changed.emplace_back(record.name);
    replace(writes, key, record);
  }
  if (writes.Count() > 0) write(writes);
}

bool Rocks::forget(const std::string& user) {
  rocksdb::WriteBatch writes;
  rocksdb::PinnableSlice value;
  if (get(kUsers, user, value)) {
    const Record record = unpack(value.ToStringView());
    raise_versions(writes, record.version);
    for (const Packed& packed : record.events) {
      const std::string_view id = event_id_of(packed.extras);
      if (id.empty()) continue;
      ok(writes.Delete(
          of(kIds), id_bytes(std::max<std::uint64_t>(hash_->narrow(id), 1))));
    }
    ok(writes.Delete(of(kUsers), user));
  }
  const std::unique_ptr<rocksdb::Iterator> at(
      db().NewIterator({}, of(kAnswers)));
  for (at->Seek(user); at->Valid() && at->key().starts_with(user); at->Next()) {
    ok(writes.Delete(of(kAnswers), at->key()));
  }
  ok(at->status());
  rocksdb::PinnableSlice document;
  if (get(kDocuments, "u" + user, document)) {
    ok(writes.Delete(of(kDocuments), "u" + user));
  }
  if (writes.Count() == 0) return false;
  write(writes, /*force_sync=*/true);
  return true;
}

// What the deletions cover lies in memory, in logs and in tables. Everything
// goes into tables (so the logs go), and the tables around the user's keys are
// written anew down to the last level, where a deletion and what it covers
// both vanish. Outside of the gate: it takes long.
void Rocks::wipe(const std::string& user) {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  options.exclusive_manual_compaction = false;
  const std::string end = user + std::string(1, '\xFF');
  ok(db().Flush({}, database_->all()));
  for (const Family family : {kUsers, kAnswers, kDocuments}) {
    const std::string letter = family == kDocuments ? "u" : "";
    const std::string from = letter + user, to = letter + end;
    const rocksdb::Slice begin_slice(from), end_slice(to);
    ok(db().CompactRange(options, of(family), &begin_slice, &end_slice));
  }
}

// A file that nobody uses any more is deleted by whoever let it go last.
void Rocks::wait_for_old_files() const {
  gate_.alone();  // now no reader holds a table from before
  ok(db().DisableFileDeletions());
  ok(db().EnableFileDeletions(/*force=*/true));
  const auto until =
      std::chrono::steady_clock::now() +
      (options_.seams ? options_.seams : std::make_shared<Seams>())->patience;
  for (;;) {
    std::set<std::string> live;
    std::vector<rocksdb::LiveFileMetaData> tables;
    db().GetLiveFilesMetaData(&tables);
    for (const auto& table : tables) live.insert(table.name.substr(1));
    bool old = false;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      old |= entry.path().extension() == ".sst" &&
             !live.contains(entry.path().filename().string());
    }
    if (!old) return;
    if (std::chrono::steady_clock::now() > until) {
      throw Error(Code::kUnavailable,
                  folder_.string() + ": old files are still in use");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

bool Rocks::erase(std::string_view user) {
  make_writable();
  const std::lock_guard one(erasure_);
  std::string key;
  bool found = false;
  {
    const auto in = gate_.alone();
    key = hash_->wide(user);
    found = forget(key);
  }
  if (!found) return false;
  wipe(key);
  wait_for_old_files();
  return true;
}

}  // namespace ensue::store
