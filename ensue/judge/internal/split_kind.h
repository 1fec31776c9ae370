// SPDX-License-Identifier: Apache-2.0
// One kind of split: one file that makes and checks it, one line in split.cc.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/catalog.h"
#include "ensue/judge/split.h"

namespace ensue::judge {

/// The sentences of a contract that do not hold, each once, with how often it
/// is broken and where first.
class Violations {
 public:
  /// Notes `where` when `holds` is false.
  template <class Where>
  void require(bool holds, std::string_view sentence, const Where& where) {
    if (!holds) add(sentence, where());
  }
  std::vector<std::string> lines() const;
  bool empty() const noexcept { return found_.empty(); }

 private:
  struct Found {
    std::string_view sentence;
    std::string first;
    std::size_t times;
  };
  void add(std::string_view sentence, std::string where);
  std::vector<Found> found_;
};

struct SplitKind {
  std::string_view name;
  std::string_view summary;  // one line
  Split (*make)(const events::Log&, const SplitOptions&);
  /// What this kind promises beyond what all kinds do.
  void (*check)(const events::Log&, const Split&, Violations&);
};

SplitKind time_split();
SplitKind leave_one_out_split();
SplitKind by_user_split();
SplitKind rolling_user_split();
const Catalog<SplitKind>& split_kinds();

// ---- what several kinds share

/// Events of one user at one time are one question with several targets.
bool has_baskets(const events::Log& log) noexcept;

/// Where the instant of place `begin` ends: the next place when each event is
/// its own question.
std::uint32_t instant_end(const events::Log& log, events::UserId user,
                          std::uint32_t begin) noexcept;

bool any_item(const events::History& history, Range range) noexcept;

/// One question per instant of places [from, to) that has an item.
void add_queries(const events::Log& log, events::UserId user, Range places,
                 std::vector<Query>& out);

/// First place of the user at `time` or later.
std::uint32_t place_at(const events::Log& log, events::UserId user,
                       events::Millis time) noexcept;

/// "user 'ann', event 4" (0-based place in the user's history).
std::string where(const events::Log& log, events::UserId user,
                  std::uint32_t place);

/// "1234 questions of 56 users".
std::string count_of(const std::vector<Query>& queries);

/// Checks that a question asks for one whole instant after everything earlier.
void check_instant(const events::Log& log, const Query& query,
                   Violations& violations);

}  // namespace ensue::judge
