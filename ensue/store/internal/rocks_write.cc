// SPDX-License-Identifier: Apache-2.0
// What comes in: events, answers, documents.
#include <deque>

#include "ensue/store/internal/extras.h"
#include "ensue/store/internal/rocks.h"
#include "ensue/store/internal/wire.h"

namespace ensue::store {

// One call of append(), taken apart.
struct Rocks::Batch {
  std::vector<Record> records;  // one per user, in order of first appearance
  std::unordered_map<std::string_view, std::size_t> of_user;
  std::deque<std::string> extras;                // what records look at
  std::vector<std::uint64_t> ids;                // of events; 0: it has none
  std::unordered_map<std::uint64_t, bool> here;  // ids that this call stores
  Dictionary::News news;
  Appended done;
};

bool Rocks::first_time(Batch& batch, std::uint64_t id, std::int64_t now) const {
  const std::string key(reinterpret_cast<const char*>(&id), sizeof id);
  rocksdb::PinnableSlice value;
  const bool known =
      batch.here.contains(id) ||
      (get(kIds, key, value) &&
       horizon_->knows_id(Reader(value.ToStringView()).number<std::int64_t>(),
                          now));
  return !known;
}

void Rocks::gather(Batch& batch, std::span<const Event> events,
                   std::int64_t now) {
  const auto column = [&](Writer& writer, std::string_view name) {
    writer.varint(names().id(NameKind::kColumn, name, batch.news));
  };
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    const std::uint64_t id = batch.ids[i];
    batch.done.stored.push_back(id == 0 || first_time(batch, id, now));
    if (!batch.done.stored.back()) continue;
    if (id != 0) batch.here.emplace(id, true);
    const auto [place, added] =
        batch.of_user.try_emplace(event.user, batch.records.size());
    if (added) batch.records.push_back({.name = event.user});
    batch.extras.push_back(pack_extras(event, column));
    batch.records[place->second].events.push_back(
        {.time = events::count(event.time),
         .item = event.item.empty()
                     ? 0
                     : names().id(NameKind::kItem, event.item, batch.news),
         .action = names().id(NameKind::kAction, event.action, batch.news),
         .epoch = epoch_,
         .extras = batch.extras.back()});
  }
}

Appended Rocks::append(std::span<const Event> events, events::Millis now) {
  check(events);
  if (events.empty()) return {};
  make_writable();
  const auto in = gate_.share();
  Batch batch;
  std::vector<std::uint64_t> claimed;
  for (const Event& event : events) {
    const std::uint64_t id =
        event.event_id.empty()
            ? 0
            : std::max<std::uint64_t>(hash_->narrow(event.event_id), 1);
    batch.ids.push_back(id);
    if (id != 0) claimed.push_back(id);
  }
  const Claims::Held held(claims_, std::move(claimed));
  const std::int64_t seen = events::count(now);
  gather(batch, events, seen);

  rocksdb::WriteBatch writes;
  names().write(batch.news, writes);
  for (Record& record : batch.records) {
    record.version = version_base_ + record.events.size();
    ok(writes.Merge(of(kUsers), hash_->wide(record.name), pack(record)));
  }
  for (const auto& [id, stored] : batch.here) {
    ok(writes.Put(of(kIds), {reinterpret_cast<const char*>(&id), sizeof id},
                  {reinterpret_cast<const char*>(&seen), sizeof seen}));
  }
  if (writes.Count() > 0) write(writes);
  names().stored(batch.news);
  return batch.done;
}

void Rocks::keep(const Answer& answer) {
  make_writable();
  const auto in = gate_.share();
  Dictionary::News news;
  std::string value;
  Writer writer(value);
  writer.varint(zigzag(events::count(answer.time)));  // first: see merge.h
  writer.text(answer.user);
  writer.text(answer.model);
  writer.varint(answer.items.size());
  for (const Answer::Shown& shown : answer.items) {
    writer.varint(names().id(NameKind::kItem, shown.item, news));
    writer.number(shown.score);
    writer.number(shown.propensity);
  }
  rocksdb::WriteBatch writes;
  names().write(news, writes);
  ok(writes.Put(of(kAnswers), hash_->wide(answer.user) + answer.id, value));
  write(writes);
  names().stored(news);
}

void Rocks::put(Kind kind, std::span<const Document> documents) {
  if (documents.empty()) return;
  make_writable();
  const auto in = gate_.share();
  rocksdb::WriteBatch writes;
  for (const Document& document : documents) {
    std::string value;
    if (kind == Kind::kUser) Writer(value).text(document.id);
    value += document.json;
    ok(writes.Put(of(kDocuments), document_key(kind, document.id), value));
  }
  write(writes);
}

bool Rocks::drop(Kind kind, std::string_view id) {
  make_writable();
  const auto in = gate_.alone();
  const std::string key = document_key(kind, id);
  rocksdb::PinnableSlice value;
  if (!get(kDocuments, key, value)) return false;
  rocksdb::WriteBatch writes;
  ok(writes.Delete(of(kDocuments), key));
  write(writes);
  return true;
}

}  // namespace ensue::store
