// SPDX-License-Identifier: Apache-2.0
// What a log is like, and what of it will hurt.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ensue/events/log.h"

namespace ensue::data {

/// A label and how many there are of it.
using Bar = std::pair<std::string, std::uint64_t>;

struct Description {
  std::uint64_t events = 0, users = 0, items = 0;
  bool has_clock = true;
  events::Millis first{0}, last{0};  // with a clock only
  std::vector<Bar> actions;          // most frequent first
  /// Users by number of events: 1, 2, 3-4, 5-8, … to the longest.
  std::vector<Bar> lengths;
  std::uint64_t median_length = 0, longest = 0;
  double mean_length = 0;
  /// Share of events on the most popular 0, 5, 10, … 100 % of the items.
  std::vector<double> popularity;  // [21], rising; empty without items
  /// Steps from one event of a user to the next, by time between them.
  std::vector<Bar> gaps;
  std::vector<std::uint64_t> over_time;  // events in 60 equal spans
  double ties = 0;       // share of events at the time of another of the user
  double one_event = 0;  // share of users
  /// One line each: ties, one-event users, a clock that stands still, ….
  std::vector<std::string> warnings;
};

/// One pass over the log, O(events + items log items).
Description describe(const events::Log& log);

}  // namespace ensue::data
