// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/memory_store.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "ensue/store/retention.h"

namespace ensue::store {
namespace {

class MemoryStore final : public EventStore {
 public:
  explicit MemoryStore(Retention retention) : retention_(retention) {}

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
  Size size() const override;

 private:
  template <class Value>
  using Map = std::map<std::string, Value, std::less<>>;
  struct Entry {
    Event event;
    std::uint64_t epoch = 0;
  };
  struct Record {
    std::vector<Entry> entries;  // in order of arrival
    std::uint64_t version = 0;
  };

  bool first_time(const std::string& event_id, std::int64_t now);
  std::size_t take_out(Map<Record>::iterator record,
                       const std::function<bool(const Event&)>& gone);
  const Map<std::string>& of(Kind kind) const {
    return kind == Kind::kItem ? item_documents_ : user_documents_;
  }

  mutable std::mutex mutex_;
  Retention retention_;
  Map<Record> records_;
  std::unordered_map<std::string, std::int64_t> seen_;  // event id -> when
  Map<Map<Answer>> answers_;                            // user -> id -> answer
  Map<std::string> item_documents_, user_documents_;
  std::uint64_t epoch_ = 0;         // of what arrives now
  std::uint64_t version_base_ = 0;  // of records that were deleted
  std::int64_t horizon_ = std::numeric_limits<std::int64_t>::min();
};

std::int64_t time_of(const Event& event) { return events::count(event.time); }

bool MemoryStore::first_time(const std::string& event_id, std::int64_t now) {
  if (event_id.empty()) return true;
  const std::int64_t since =
      days_before(std::max(now, horizon_), retention_.event_id_days);
  const auto [known, added] = seen_.try_emplace(event_id, now);
  if (added) return true;
  if (known->second > since) return false;
  known->second = now;
  return true;
}

Appended MemoryStore::append(std::span<const Event> events,
                             events::Millis now) {
  check(events);
  const std::lock_guard lock(mutex_);
  Appended done;
  for (const Event& event : events) {
    done.stored.push_back(first_time(event.event_id, events::count(now)));
    if (!done.stored.back()) continue;
    const auto [record, added] = records_.try_emplace(event.user);
    if (added) record->second.version = version_base_;
    ++record->second.version;
    admit(record->second.entries, Entry{event, epoch_},
          retention_.events_per_user,
          [](const Entry& entry) { return time_of(entry.event); });
  }
  return done;
}

UserEvents MemoryStore::user(std::string_view user) const {
  const std::lock_guard lock(mutex_);
  UserEvents out;
  const auto record = records_.find(user);
  if (record == records_.end()) return out;
  out.version = record->second.version;
  for (const Entry& entry : record->second.entries) {
    out.events.push_back(entry.event);
  }
  std::ranges::stable_sort(out.events, {}, time_of);
  return out;
}

std::uint64_t MemoryStore::version(std::string_view user) const {
  const std::lock_guard lock(mutex_);
  const auto record = records_.find(user);
  return record == records_.end() ? 0 : record->second.version;
}

bool MemoryStore::erase(std::string_view user) {
  const std::lock_guard lock(mutex_);
  bool found = false;
  if (const auto record = records_.find(user); record != records_.end()) {
    for (const Entry& entry : record->second.entries) {
      seen_.erase(entry.event.event_id);
    }
    version_base_ = std::max(version_base_, record->second.version);
    records_.erase(record);
    found = true;
  }
  if (const auto mine = answers_.find(user); mine != answers_.end()) {
    answers_.erase(mine);
    found = true;
  }
  if (const auto own = user_documents_.find(user);
      own != user_documents_.end()) {
    user_documents_.erase(own);
    found = true;
  }
  return found;
}

std::size_t MemoryStore::take_out(
    Map<Record>::iterator record,
    const std::function<bool(const Event&)>& gone) {
  auto& [entries, version] = record->second;
  const std::size_t count = std::erase_if(
      entries, [&](const Entry& entry) { return gone(entry.event); });
  if (count > 0) ++version;
  if (entries.empty()) {
    version_base_ = std::max(version_base_, version);
    records_.erase(record);
  }
  return count;
}

std::size_t MemoryStore::remove(std::string_view user,
                                const std::function<bool(const Event&)>& gone) {
  const std::lock_guard lock(mutex_);
  const auto record = records_.find(user);
  return record == records_.end() ? 0 : take_out(record, gone);
}

EventStore::Page MemoryStore::users(std::string_view cursor,
                                    std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  Page page;
  auto record = records_.upper_bound(cursor);
  auto own = user_documents_.upper_bound(cursor);
  while (record != records_.end() || own != user_documents_.end()) {
    if (page.names.size() == limit) {
      page.cursor = limit > 0 ? page.names.back() : std::string(cursor);
      return page;
    }
    const bool from_record =
        own == user_documents_.end() ||
        (record != records_.end() && record->first <= own->first);
    page.names.push_back(from_record ? record->first : own->first);
    if (record != records_.end() && record->first == page.names.back()) {
      ++record;
    }
    if (own != user_documents_.end() && own->first == page.names.back()) ++own;
  }
  return page;
}

std::uint64_t MemoryStore::read_since(
    std::uint64_t since, const std::function<void(const Event&)>& take) {
  std::vector<Event> found;
  std::uint64_t next = 0;
  {
    const std::lock_guard lock(mutex_);
    next = ++epoch_;
    for (const auto& [user, record] : records_) {
      for (const Entry& entry : record.entries) {
        if (entry.epoch >= since) found.push_back(entry.event);
      }
    }
  }
  for (const Event& event : found) take(event);
  return next;
}

void MemoryStore::keep(const Answer& answer) {
  const std::lock_guard lock(mutex_);
  answers_[answer.user].insert_or_assign(answer.id, answer);
}

std::optional<Answer> MemoryStore::answer(std::string_view user,
                                          std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto mine = answers_.find(user);
  if (mine == answers_.end()) return {};
  const auto found = mine->second.find(id);
  if (found == mine->second.end() ||
      events::count(found->second.time) <
          days_before(horizon_, retention_.answer_days)) {
    return {};
  }
  return found->second;
}

std::vector<Answer> MemoryStore::answers(std::string_view user,
                                         events::Millis since) const {
  const std::lock_guard lock(mutex_);
  std::vector<Answer> out;
  const auto mine = answers_.find(user);
  if (mine == answers_.end()) return out;
  const std::int64_t first = std::max(
      events::count(since), days_before(horizon_, retention_.answer_days));
  for (const auto& [id, answer] : mine->second) {
    if (events::count(answer.time) >= first) out.push_back(answer);
  }
  return out;
}

void MemoryStore::put(Kind kind, std::span<const Document> documents) {
  const std::lock_guard lock(mutex_);
  auto& all = kind == Kind::kItem ? item_documents_ : user_documents_;
  for (const Document& document : documents) {
    all.insert_or_assign(document.id, document.json);
  }
}

std::optional<std::string> MemoryStore::document(Kind kind,
                                                 std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = of(kind).find(id);
  if (found == of(kind).end()) return {};
  return found->second;
}

bool MemoryStore::drop(Kind kind, std::string_view id) {
  const std::lock_guard lock(mutex_);
  auto& all = kind == Kind::kItem ? item_documents_ : user_documents_;
  const auto found = all.find(id);
  if (found == all.end()) return false;
  all.erase(found);
  return true;
}

std::vector<Document> MemoryStore::documents(Kind kind, std::string_view cursor,
                                             std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<Document> out;
  for (auto at = of(kind).upper_bound(cursor);
       at != of(kind).end() && out.size() < limit; ++at) {
    out.push_back({at->first, at->second});
  }
  return out;
}

std::vector<std::string> MemoryStore::prune(events::Millis now) {
  const std::lock_guard lock(mutex_);
  horizon_ = std::max(horizon_, events::count(now));
  std::vector<std::string> changed;
  if (retention_.days > 0) {
    const std::int64_t first = days_before(events::count(now), retention_.days);
    for (auto at = records_.begin(); at != records_.end();) {
      const auto record = at++;
      std::string name = record->first;
      if (take_out(record, [&](const Event& event) {
            return time_of(event) < first;
          }) > 0) {
        changed.push_back(std::move(name));
      }
    }
  }
  const std::int64_t ids = days_before(horizon_, retention_.event_id_days);
  std::erase_if(seen_, [&](const auto& id) { return id.second <= ids; });
  const std::int64_t oldest = days_before(horizon_, retention_.answer_days);
  for (auto& [user, mine] : answers_) {
    std::erase_if(mine, [&](const auto& answer) {
      return events::count(answer.second.time) < oldest;
    });
  }
  std::erase_if(answers_, [](const auto& user) { return user.second.empty(); });
  return changed;
}

EventStore::Size MemoryStore::size() const {
  const std::lock_guard lock(mutex_);
  Size size{.bytes = 0, .users = records_.size()};
  for (const auto& [user, record] : records_) {
    size.bytes += user.size() + record.entries.size() * sizeof(Entry);
  }
  return size;
}

}  // namespace

std::unique_ptr<EventStore> memory_store(Retention retention) {
  return std::make_unique<MemoryStore>(retention);
}

}  // namespace ensue::store
