// SPDX-License-Identifier: Apache-2.0
// What was shown, and what followed.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "ensue/serve/metrics.h"
#include "ensue/store/event_store.h"

namespace ensue::serve {

/// An id for an answer given at `now`: 24 hexadecimal digits, of which the
/// first 12 are its time, so that later ones sort later.
std::string answer_id(events::Millis now, std::uint64_t random);

/// Keeps every answer with what it showed, and joins later events to it: an
/// event follows an answer when it names it, or else when it meets an item that
/// one of the user's last kPerUser answers showed, at most kFollowMs before.
/// Where other servers write to the store too, their answers count as well.
/// Answers are written behind the reply, in order; a stop writes them all.
/// Counts per model into the metrics. Thread-safe.
class Slates {
 public:
  static constexpr std::size_t kPerUser = 4, kUsers = 200'000,
                               kMostUnwritten = 100'000, kJoined = 1000;
  static constexpr std::int64_t kFollowMs = events::kDayMs;

  Slates(store::EventStore& store, Metrics& metrics);
  ~Slates();

  void add(store::Answer answer);
  void follow(const store::Event& event);
  /// Whether an answer of that id was kept lately.
  bool knows(const std::string& user, const std::string& id) const;
  void forget(const std::string& user);
  /// Returns when all that was added before has been written.
  void flush();

  /// The share of answers that were followed, with its 95 % interval (Wilson).
  struct Outcome {
    std::uint64_t answers = 0, followed = 0;
    double rate = 0, low = 0, high = 1;
  };
  std::map<std::string, Outcome> outcomes() const;  // by model

 private:
  struct Recent {
    std::string id, model;
    events::Millis time;
    std::vector<std::string> items;
    bool followed = false;
  };
  struct User {
    std::string name;
    std::deque<Recent> answers;  // latest last
  };
  void write();
  void remember(const store::Answer& answer);
  Recent* matching(const store::Event& event);
  static bool follows(const store::Event& event, const std::string& id,
                      events::Millis time,
                      const std::vector<std::string>& items);
  void follow_elsewhere(const store::Event& event);
  void count(const std::string& model);

  store::EventStore& store_;
  Metrics& metrics_;
  mutable std::mutex mutex_;
  std::list<User> users_;  // latest first
  std::unordered_map<std::string, std::list<User>::iterator> by_user_;
  std::map<std::string, Outcome> outcomes_;
  std::deque<std::string> joined_;  // answers of other servers, the latest

  std::mutex write_mutex_;
  std::condition_variable some_, done_;
  std::deque<store::Answer> unwritten_;
  std::uint64_t added_ = 0, written_ = 0;
  bool stop_ = false;
  std::thread writer_;
};

}  // namespace ensue::serve
