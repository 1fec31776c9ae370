// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/states.h"

#include <algorithm>
#include <functional>

namespace ensue::serve {
namespace {

constexpr std::size_t kMostPending = 256;
constexpr std::size_t kOverhead = 320;  // of an entry's nodes and blocks

std::string key_of(std::string_view model, std::string_view user) {
  std::string out;
  out.reserve(model.size() + 1 + user.size());
  return out.append(model).append(1, '\0').append(user);
}

void see(std::vector<std::uint32_t>& seen, std::uint32_t item) {
  const auto place = std::ranges::lower_bound(seen, item);
  if (place == seen.end() || *place != item) seen.insert(place, item);
}

}  // namespace

UserState encoded(const LiveModel& model, std::vector<store::Event> events) {
  std::ranges::stable_sort(events, {}, &store::Event::time);
  const EngineEvents known = model.translate(events);
  UserState out;
  out.state = model.engine().encode(known.view());
  for (const events::ItemId item : known.items) {
    out.seen.push_back(events::index(item));
  }
  std::ranges::sort(out.seen);
  out.seen.erase(std::unique(out.seen.begin(), out.seen.end()), out.seen.end());
  out.events = events.size();
  return out;
}

struct States::Entry {
  std::mutex mutex;
  std::shared_ptr<const LiveModel> model;
  UserState user;
  std::vector<store::Event> pending;  // stored, not yet stepped; all the latest
  bool valid = false;                 // user and pending are what is stored
  int ingesting = 0;                  // appends on their way
  std::size_t bytes = 0;              // as accounted, under the shard's mutex

  std::size_t size(const std::string& key) const {
    return sizeof(Entry) + kOverhead + 2 * key.size() + user.state.bytes() +
           user.seen.capacity() * sizeof(std::uint32_t) +
           pending.capacity() * sizeof(store::Event);
  }
};

const UserState& States::Held::operator*() const noexcept {
  return entry_->user;
}

States::States(std::size_t budget, store::EventStore& store,
               store::Retention retention)
    : budget_(budget), store_(store), retention_(retention) {}

States::~States() = default;

States::Shard& States::shard_of(std::string_view key) {
  return shards_[std::hash<std::string_view>()(key) % kShards];
}

std::shared_ptr<States::Entry> States::find(const std::string& key, bool make) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto there = shard.by_key.find(key);
  if (there != shard.by_key.end()) {
    if (make) {  // a question, not an event, is what counts as use
      shard.recent.splice(shard.recent.begin(), shard.recent, there->second);
    }
    return there->second->second;
  }
  if (!make) return nullptr;
  shard.recent.emplace_front(key, std::make_shared<Entry>());
  shard.by_key[key] = shard.recent.begin();
  return shard.recent.front().second;
}

bool States::reaches_cut(std::size_t events) const noexcept {
  const std::size_t most = retention_.events_per_user;
  return most > 0 && 4 * events > 5 * most;
}

States::Held States::hold(std::shared_ptr<const LiveModel> model,
                          std::string_view user) {
  const std::string key = key_of(model->name(), user);
  Shard& shard = shard_of(key);
  Held out;
  out.entry_ = find(key, /*make=*/true);
  out.lock_ = std::unique_lock(out.entry_->mutex);
  Entry& entry = *out.entry_;
  const bool current =
      entry.valid && entry.model->number() == model->number() &&
      (!store_.shared() || store_.version(user) == entry.user.version);
  if (current) {
    advance(entry, *model, shard);
  } else {
    entry.model = model;
    encode(entry, *model, user, shard);
  }
  account(key, entry);
  return out;
}

void States::advance(Entry& entry, const LiveModel& model, Shard& shard) {
  events::Event event;
  std::vector<events::Cell> row;
  UserState& user = entry.user;
  for (const store::Event& stored : entry.pending) {
    if (!model.translate(stored, event, row)) continue;
    model.engine().step(user.state, event, row);
    see(user.seen, events::index(event.item));
  }
  const std::size_t stepped = entry.pending.size();
  user.events += stepped;
  entry.pending.clear();
  const std::lock_guard lock(shard.mutex);
  ++shard.counts.hits;
  shard.counts.stepped += stepped;
}

void States::encode(Entry& entry, const LiveModel& model, std::string_view user,
                    Shard& shard) {
  entry.valid = false;
  entry.pending.clear();
  const store::UserEvents stored = store_.user(user);
  UserState& out = entry.user;
  out = encoded(model, stored.events);
  out.last = stored.events.empty() ? events::Millis{INT64_MIN}
                                   : stored.events.back().time;
  out.version = stored.version;
  // Of an append on its way nobody knows whether it was read.
  entry.valid = entry.ingesting == 0;
  const std::lock_guard lock(shard.mutex);
  ++shard.counts.encoded;
}

void States::account(const std::string& key, Entry& entry) {
  Shard& shard = shard_of(key);
  const std::size_t bytes = entry.size(key);
  const std::lock_guard lock(shard.mutex);
  const auto there = shard.by_key.find(key);
  if (there == shard.by_key.end() || there->second->second.get() != &entry) {
    return;  // it left meanwhile
  }
  shard.bytes += bytes - entry.bytes;
  entry.bytes = bytes;
  while (shard.bytes > budget_ / kShards && !shard.recent.empty()) {
    const auto& [oldest, state] = shard.recent.back();
    shard.bytes -= state->bytes;
    ++shard.counts.evicted;
    shard.by_key.erase(oldest);
    shard.recent.pop_back();
  }
}

States::Ingest::Ingest(States& states, std::span<const store::Event> events,
                       std::span<const std::string> models)
    : states_(states), events_(events) {
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_user;
  for (std::size_t i = 0; i < events.size(); ++i) {
    by_user[events[i].user].push_back(i);
  }
  for (const auto& [user, places] : by_user) {
    for (const std::string& model : models) {
      Touched touched{key_of(model, user), nullptr, places};
      touched.entry = states_.find(touched.key, /*make=*/false);
      if (touched.entry != nullptr) {
        const std::lock_guard lock(touched.entry->mutex);
        // In which order two appends at once are stored, nobody knows.
        if (++touched.entry->ingesting > 1) touched.entry->valid = false;
      }
      touched_.push_back(std::move(touched));
    }
  }
}

States::Ingest::~Ingest() {
  for (const Touched& touched : touched_) {
    if (touched.entry == nullptr) continue;
    const std::lock_guard lock(touched.entry->mutex);
    --touched.entry->ingesting;
    touched.entry->valid = false;
  }
}

void States::Ingest::after(const std::vector<bool>& stored) {
  for (const Touched& touched : touched_) {
    const auto now = states_.find(touched.key, /*make=*/false);
    if (now != nullptr && now != touched.entry) {
      const std::lock_guard lock(now->mutex);
      now->valid = false;  // made while the append was on its way
    }
    if (touched.entry == nullptr) continue;
    Entry& entry = *touched.entry;
    const std::lock_guard lock(entry.mutex);
    --entry.ingesting;
    for (const std::size_t i : touched.events) {
      if (!entry.valid || !stored[i]) continue;
      const store::Event& event = events_[i];
      entry.valid =
          event.time >= entry.user.last &&
          entry.pending.size() < kMostPending &&
          !states_.reaches_cut(entry.user.events + entry.pending.size() + 1) &&
          !states_.store_.shared();
      entry.user.last = event.time;
      if (entry.valid) entry.pending.push_back(event);
    }
  }
  touched_.clear();
}

void States::forget(std::string_view user,
                    std::span<const std::string> models) {
  for (const std::string& model : models) {
    const auto entry = find(key_of(model, user), /*make=*/false);
    if (entry == nullptr) continue;
    const std::lock_guard lock(entry->mutex);
    entry->valid = false;
    entry->pending.clear();
    entry->user = {};
  }
}

void States::clear() {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.recent.clear();
    shard.by_key.clear();
    shard.bytes = 0;
  }
}

States::Counts States::counts() const {
  Counts out;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    out.users += shard.recent.size();
    out.bytes += shard.bytes;
    out.hits += shard.counts.hits;
    out.stepped += shard.counts.stepped;
    out.encoded += shard.counts.encoded;
    out.evicted += shard.counts.evicted;
  }
  return out;
}

}  // namespace ensue::serve
