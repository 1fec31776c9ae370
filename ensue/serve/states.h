// SPDX-License-Identifier: Apache-2.0
// What the engine remembers of users, within a fixed budget of memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ensue/serve/live_model.h"
#include "ensue/store/event_store.h"

namespace ensue::serve {

/// One user as one model sees him, up to date with the store.
struct UserState {
  runtime::State state;
  std::vector<std::uint32_t> seen;  // distinct items of the model, rising
  events::Millis last{0};           // time of the last stored event
  std::size_t events = 0;           // stored, known to the model or not
  std::uint64_t version = 0;        // of the store's record, when shared
};

/// A user of these events, in any order, as a model sees them.
UserState encoded(const LiveModel& model, std::vector<store::Event> events);

/// States by user and model, least recently used ones leave. What it gives is a
/// function of the stored events alone, whatever was evicted, restarted or
/// arrived late: an event that is not the latest, or that makes the store cut a
/// record, makes the state be encoded anew from the store at the next question.
/// Ingest only notes; states advance at the next question. Thread-safe.
class States {
  struct Entry;

 public:
  /// @param budget  bytes of all states together.
  States(std::size_t budget, store::EventStore& store,
         store::Retention retention);
  ~States();

  /// A user's state, locked while it lives.
  class Held {
   public:
    const UserState& operator*() const noexcept;
    const UserState* operator->() const noexcept { return &**this; }

   private:
    friend class States;
    std::shared_ptr<Entry> entry_;
    std::unique_lock<std::mutex> lock_;
  };
  /// Whoever holds several of one model takes them by rising user, or two could
  /// wait for one another.
  /// @throws what the store throws.
  Held hold(std::shared_ptr<const LiveModel> model, std::string_view user);

  /// Stands around a store.append(): before, after with what was stored; left
  /// without after(), the users' states are dropped.
  class Ingest {
   public:
    Ingest(States& states, std::span<const store::Event> events,
           std::span<const std::string> models);
    ~Ingest();
    Ingest(const Ingest&) = delete;
    Ingest& operator=(const Ingest&) = delete;
    void after(const std::vector<bool>& stored);

   private:
    struct Touched {
      std::string key;
      std::shared_ptr<Entry> entry;  // nullptr: there was none
      std::vector<std::size_t> events;
    };
    States& states_;
    std::span<const store::Event> events_;
    std::vector<Touched> touched_;
  };

  /// After an erasure or a removal: nothing is remembered of the user.
  void forget(std::string_view user, std::span<const std::string> models);
  void clear();

  struct Counts {
    std::size_t users = 0, bytes = 0;
    std::uint64_t hits = 0, stepped = 0, encoded = 0, evicted = 0;
  };
  Counts counts() const;

 private:
  static constexpr std::size_t kShards = 16;
  using Recent = std::list<std::pair<std::string, std::shared_ptr<Entry>>>;
  struct Shard {
    mutable std::mutex mutex;
    Recent recent;  // latest first
    std::unordered_map<std::string, Recent::iterator> by_key;
    std::size_t bytes = 0;
    Counts counts;
  };
  Shard& shard_of(std::string_view key);
  std::shared_ptr<Entry> find(const std::string& key, bool make);
  void account(const std::string& key, Entry& entry);
  void advance(Entry& entry, const LiveModel& model, Shard& shard);
  void encode(Entry& entry, const LiveModel& model, std::string_view user,
              Shard& shard);
  bool reaches_cut(std::size_t events) const noexcept;

  std::size_t budget_;
  store::EventStore& store_;
  store::Retention retention_;
  std::array<Shard, kShards> shards_;
};

}  // namespace ensue::serve
