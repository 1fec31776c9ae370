// SPDX-License-Identifier: Apache-2.0
// Where events live: one interface, in memory, in RocksDB or in Redis.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/store/event.h"

namespace ensue::store {

/// What is kept. A user's record is cut as soon as it holds more than 5/4 of
/// `events_per_user`, to the latest `events_per_user` by time (of equal times
/// the last to arrive): so what stands there is a function of what was stored,
/// in that order, alone. What goes by age goes when prune() is called.
struct Retention {
  std::size_t events_per_user = 10'000;  // 0: all
  std::int64_t days = 0;                 // older than that goes; 0: never
  std::int64_t event_id_days = 7;        // how long an event id is remembered
  std::int64_t answer_days = 30;         // how long an answer is kept
};

/// A user's events, oldest first; equal times in the order of arrival.
struct UserEvents {
  std::vector<Event> events;
  /// Grows with every change of the record, also over an erasure: what is
  /// stored behind it counts on from there. 0: nothing is stored.
  std::uint64_t version = 0;
};

/// What was shown, so that what follows can be joined to it.
struct Answer {
  std::string id;  // begins with its time: ids of later answers sort later
  std::string user, model;
  events::Millis time{0};
  struct Shown {
    std::string item;
    float score = 0;
    float propensity = 1;  // chance that the policy showed it at this place
  };
  std::vector<Shown> items = {};  // by place, the first on top
};

/// A free document about an item or a user (labels, categories, stock), JSON.
/// The store does not read it.
enum class Kind : std::uint8_t { kItem, kUser };
struct Document {
  std::string id, json;
};

/// What a call of append() did.
struct Appended {
  std::vector<bool> stored;  // one per event; false: its event_id was known
};

/// Thread-safe. A call that returns has stored what it was given, as far as the
/// store's own setting says (see open()): nothing acknowledged is lost.
/// Every call throws Error(kUnavailable) when the disk or the server behind it
/// cannot take it (the store goes on when it can again) and Error(kCorrupt)
/// naming the file when what lies there is damaged.
class EventStore {
 public:
  virtual ~EventStore() = default;

  /// All of them or none. An event id that was stored less than
  /// `event_id_days` ago (also earlier in the same call) is not stored again.
  /// @param now  of the machine: when event ids were seen.
  /// @throws Error(kInvalidArgument) for an event without a user.
  virtual Appended append(std::span<const Event> events,
                          events::Millis now) = 0;

  virtual UserEvents user(std::string_view user) const = 0;
  /// UserEvents::version alone, cheaper.
  virtual std::uint64_t version(std::string_view user) const = 0;
  /// Whether other processes write here too: then versions must be asked for.
  virtual bool shared() const noexcept = 0;

  /// Removes every trace of a user: events and their ids, answers, the user's
  /// document; when it returns no file holds the name any more. (Of events that
  /// were cut before only keyed hashes of their ids are left, for their
  /// window.) Slow: seconds for a large store.
  /// @return false: there was nothing.
  virtual bool erase(std::string_view user) = 0;

  /// Removes the events for which `gone` holds (a feedback taken back). Their
  /// ids stay known: a late repeat does not bring them back.
  /// @return how many.
  virtual std::size_t remove(std::string_view user,
                             const std::function<bool(const Event&)>& gone) = 0;

  /// Names of users with events or documents, in a fixed order, behind
  /// `cursor` ("": from the first).
  struct Page {
    std::vector<std::string> names;
    std::string cursor;  // "": that was the last page
  };
  virtual Page users(std::string_view cursor, std::size_t limit) const = 0;

  /// Events that arrived after `since` (what an earlier call returned; 0: from
  /// the beginning), user by user, each user's in order of arrival; what was
  /// cut or erased is not among them. Returns the cursor to go on from. Each
  /// event is given to exactly one of successive calls, also over a restart: it
  /// is as safe as `always` makes it before it is given. Reads every record.
  virtual std::uint64_t read_since(
      std::uint64_t since, const std::function<void(const Event&)>& take) = 0;

  /// An answer with the same user and id takes the earlier one's place.
  virtual void keep(const Answer& answer) = 0;
  virtual std::optional<Answer> answer(std::string_view user,
                                       std::string_view id) const = 0;
  /// A user's answers since a time, by rising id.
  virtual std::vector<Answer> answers(std::string_view user,
                                      events::Millis since) const = 0;

  virtual void put(Kind kind, std::span<const Document> documents) = 0;
  virtual std::optional<std::string> document(Kind kind,
                                              std::string_view id) const = 0;
  virtual bool drop(Kind kind, std::string_view id) = 0;
  /// Items by rising id, users in a fixed order, behind `cursor`, the id of the
  /// last one had ("": from the first).
  virtual std::vector<Document> documents(Kind kind, std::string_view cursor,
                                          std::size_t limit) const = 0;

  /// Drops what is older than the retention says at `now`: events, answers,
  /// event ids. Reads every record; once an hour is often enough.
  /// @return users whose events changed.
  virtual std::vector<std::string> prune(events::Millis now) = 0;

  /// Writes anew all that is stored, as small as it gets: minutes for a large
  /// store, which does the same by itself bit by bit.
  virtual void compact() {}

  /// Bytes on disk (or in memory), and users with events as far as it is known
  /// cheaply; for metrics.
  struct Size {
    std::uint64_t bytes = 0, users = 0;
  };
  virtual Size size() const = 0;
};

}  // namespace ensue::store
