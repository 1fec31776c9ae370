// SPDX-License-Identifier: Apache-2.0
// What is asked for.
#include <algorithm>

#include "ensue/store/internal/extras.h"
#include "ensue/store/internal/rocks.h"
#include "ensue/store/internal/wire.h"

namespace ensue::store {
namespace {

using Iterator = std::unique_ptr<rocksdb::Iterator>;

constexpr std::size_t kRecordsAtOnce = 256;

// The first key behind this one.
std::string behind(std::string key) { return key + '\0'; }

}  // namespace

Event Rocks::event_of(const Record& record, const Packed& packed) const {
  Event event;
  event.user = record.name;
  if (packed.item != 0) event.item = names().name(NameKind::kItem, packed.item);
  event.action = names().name(NameKind::kAction, packed.action);
  event.time = events::Millis{packed.time};
  if (!packed.extras.empty()) {
    const auto column = [&](Reader& reader) {
      return names().name(NameKind::kColumn,
                          static_cast<std::uint32_t>(reader.varint()));
    };
    unpack_extras(packed.extras, column, event);
  }
  return event;
}

UserEvents Rocks::user(std::string_view user) const {
  const auto in = gate_.share();
  rocksdb::PinnableSlice value;
  UserEvents out;
  if (!get(kUsers, hash_->wide(user), value)) return out;
  Record record = unpack(value.ToStringView());
  out.version = record.version;
  if (!std::ranges::is_sorted(record.events, {}, &Packed::time)) {
    std::ranges::stable_sort(record.events, {}, &Packed::time);
  }
  out.events.reserve(record.events.size());
  for (const Packed& packed : record.events) {
    out.events.push_back(event_of(record, packed));
  }
  return out;
}

std::uint64_t Rocks::version(std::string_view user) const {
  const auto in = gate_.share();
  rocksdb::PinnableSlice value;
  return get(kUsers, hash_->wide(user), value)
             ? version_of(value.ToStringView())
             : 0;
}

EventStore::Page Rocks::users(std::string_view cursor,
                              std::size_t limit) const {
  const auto in = gate_.share();
  Page page;
  const std::string from = cursor.empty() ? "" : behind(hash_->wide(cursor));
  const Iterator record(db().NewIterator({}, of(kUsers))),
      own(db().NewIterator({}, of(kDocuments)));
  record->Seek(from);
  own->Seek("u" + from);  // "u" is the last letter: no key lies behind them
  while (record->Valid() || own->Valid()) {
    if (page.names.size() == limit) {
      page.cursor = limit > 0 ? page.names.back() : std::string(cursor);
      break;
    }
    const std::string key = record->Valid() ? record->key().ToString() : "";
    const std::string own_key =
        own->Valid() ? own->key().ToString().substr(1) : "";
    const bool from_record =
        record->Valid() && (!own->Valid() || key <= own_key);
    if (from_record) {
      page.names.emplace_back(unpack(record->value().ToStringView()).name);
      if (key == own_key) own->Next();
      record->Next();
    } else {
      page.names.emplace_back(Reader(own->value().ToStringView()).text());
      own->Next();
    }
  }
  ok(record->status());
  ok(own->status());
  return page;
}

bool Rocks::next_records(std::string& key, std::size_t limit,
                         const std::function<void(const Record&)>& take) const {
  const Iterator at(db().NewIterator({}, of(kUsers)));
  at->Seek(key.empty() ? key : behind(key));
  bool any = false;
  for (; at->Valid() && limit > 0; at->Next(), --limit) {
    any = true;
    key = at->key().ToString();
    take(unpack(at->value().ToStringView()));
  }
  ok(at->status());
  return any;
}

std::uint64_t Rocks::read_since(std::uint64_t since,
                                const std::function<void(const Event&)>& take) {
  make_writable();
  std::uint64_t end = 0;
  {
    const auto in = gate_.alone();  // nobody is storing in the old epoch
    end = epoch_ + 1;
    std::string value;
    Writer(value).varint(end);
    rocksdb::WriteBatch writes;
    ok(writes.Put(of(kMeta), "epoch", value));
    // What is given away must not be lost, nor its epoch be used again.
    write(writes, /*force_sync=*/true);
    epoch_ = end;
  }
  std::string key;
  std::vector<Event> found;
  for (bool more = true; more;) {
    found.clear();
    {
      const auto in = gate_.share();
      more = next_records(key, kRecordsAtOnce, [&](const Record& record) {
        for (const Packed& packed : record.events) {
          if (packed.epoch >= since && packed.epoch < end) {
            found.push_back(event_of(record, packed));
          }
        }
      });
    }
    for (const Event& event : found) take(event);
  }
  return end;
}

Answer Rocks::answer_of(std::string_view id, std::string_view value) const {
  Reader reader(value);
  Answer answer;
  answer.id = id;
  answer.time = events::Millis{unzigzag(reader.varint())};
  answer.user = reader.text();
  answer.model = reader.text();
  answer.items.resize(reader.count(/*each=*/9));
  for (Answer::Shown& shown : answer.items) {
    shown.item = names().name(NameKind::kItem,
                              static_cast<std::uint32_t>(reader.varint()));
    shown.score = reader.number<float>();
    shown.propensity = reader.number<float>();
  }
  return answer;
}

std::optional<Answer> Rocks::answer(std::string_view user,
                                    std::string_view id) const {
  const auto in = gate_.share();
  rocksdb::PinnableSlice value;
  if (!get(kAnswers, hash_->wide(user).append(id), value)) return {};
  Answer answer = answer_of(id, value.ToStringView());
  if (!horizon_->keeps_answer(events::count(answer.time))) return {};
  return answer;
}

std::vector<Answer> Rocks::answers(std::string_view user,
                                   events::Millis since) const {
  const auto in = gate_.share();
  const std::string prefix = hash_->wide(user);
  std::vector<Answer> out;
  const Iterator at(db().NewIterator({}, of(kAnswers)));
  for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix);
       at->Next()) {
    const std::string_view value = at->value().ToStringView();
    const std::int64_t time = unzigzag(Reader(value).varint());
    if (time < events::count(since) || !horizon_->keeps_answer(time)) continue;
    out.push_back(
        answer_of(at->key().ToStringView().substr(prefix.size()), value));
  }
  ok(at->status());
  return out;
}

std::string Rocks::document_key(Kind kind, std::string_view id) const {
  return kind == Kind::kItem ? std::string("i").append(id)
                             : "u" + hash_->wide(id);
}

std::optional<std::string> Rocks::document(Kind kind,
                                           std::string_view id) const {
  const auto in = gate_.share();
  rocksdb::PinnableSlice value;
  if (!get(kDocuments, document_key(kind, id), value)) return {};
  if (kind == Kind::kItem) return value.ToString();
  Reader reader(value.ToStringView());
  reader.text();  // the user's name
  return std::string(reader.rest());
}

std::vector<Document> Rocks::documents(Kind kind, std::string_view cursor,
                                       std::size_t limit) const {
  const auto in = gate_.share();
  std::vector<Document> out;
  const Iterator at(db().NewIterator({}, of(kDocuments)));
  const char first = kind == Kind::kItem ? 'i' : 'u';
  at->Seek(cursor.empty() ? std::string(1, first)
                          : behind(document_key(kind, cursor)));
  for (; at->Valid() && at->key()[0] == first && out.size() < limit;
       at->Next()) {
    const std::string_view value = at->value().ToStringView();
    if (kind == Kind::kItem) {
      out.push_back({std::string(at->key().ToStringView().substr(1)),
                     std::string(value)});
    } else {
      Reader reader(value);
      std::string id(reader.text());
      out.push_back({std::move(id), std::string(reader.rest())});
    }
  }
  ok(at->status());
  return out;
}

}  // namespace ensue::store
