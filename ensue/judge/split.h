// SPDX-License-Identifier: Apache-2.0
// What may be learnt from, and what is judged on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ensue/events/log.h"

namespace ensue::judge {

/// Places [begin, end) in one user's history.
struct Range {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t size() const noexcept { return end - begin; }
};

/// One question: the history is events [0, history) of `user`, strictly before
/// the targets; the targets are events [targets.begin, targets.end): all of
/// one instant (or one event where order within an instant is real).
struct Query {
  events::UserId user{0};
  std::uint32_t history = 0;
  Range targets;
};

struct Split {
  std::string kind;          // "time", "leave-one-out", "by-user", …
  std::string description;   // one line for reports, with its caveats
  std::vector<Range> train;  // [users]: what a model may be fitted on
  std::vector<Query> validation, test;  // sorted by user, then history
  /// First instant that is not training (time split); then test's.
  std::optional<events::Millis> validation_cut, test_cut;
  /// Rolling user cuts: every as-of date, rising; the last is the test's, the
  /// one before the validation's, earlier ones are for training labels.
  std::vector<events::Millis> dates;
  /// Items of the history are not ranked (published leave-one-out tables).
  bool remove_seen = false;
  /// False: other users' later events are among the training events.
  bool leak_free_in_time = true;

  std::size_t train_events() const noexcept;
  /// XXH3-64 of the training ranges: which part of a log was learnt from.
  std::uint64_t fingerprint() const noexcept;
};

struct SplitOptions {
  std::string kind = "time";  // time, leave-one-out, by-user, rolling-user
  double validation = 0.1;    // time: share of events; by-user: of users
  double test = 0.1;
  std::string validation_from;  // time: an ISO 8601 instant, instead of shares
  std::string test_from;
  /// by-user: "random" or "last" (users in order of first event).
  std::string users = "random";
  int test_users = 0;     // by-user: a count instead of the share
  int cuts = 3;           // rolling-user: as-of dates, the last for test
  int horizon_days = 30;  // rolling-user: what lies behind each date
  int seed = 1;
  bool remove_seen = false;  // leave-one-out sets it unless keep_seen
  bool keep_seen = false;
  void visit(auto&& field) {
    field("kind", kind, "time, leave-one-out, by-user or rolling-user");
    field("validation", validation, "share of events (time) or users");
    field("test", test, "share of events (time) or users");
    field("validation_from", validation_from, "first instant of validation");
    field("test_from", test_from, "first instant of test");
    field("users", users, "by-user: random or last");
    field("test_users", test_users, "by-user: number of test users");
    field("cuts", cuts, "rolling-user: number of as-of dates");
    field("horizon_days", horizon_days, "rolling-user: days behind a date");
    field("seed", seed, "seed of random choices");
    field("remove_seen", remove_seen, "do not rank items of the history");
    field("keep_seen", keep_seen, "leave-one-out: rank them all the same");
  }
};

/// Makes and checks a split.
/// @throws Error(kInvalidArgument) when the log cannot be split so (no clock,
///   too short, no query), saying what would work.
Split make_split(const events::Log& log, const SplitOptions& options);

/// Every sentence of the split's contract that does not hold; empty: it holds.
std::vector<std::string> check_contract(const events::Log& log,
                                        const Split& split);

}  // namespace ensue::judge
