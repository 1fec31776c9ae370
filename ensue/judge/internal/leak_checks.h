// SPDX-License-Identifier: Apache-2.0
// One kind of leak: one file, one line in leaks.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ensue/judge/leaks.h"

namespace ensue::judge {

struct Suspect {
  const events::Log& log;
  const Split& split;
  const artifact::Artifact* artifact;  // may be null
};

/// Counts the cases of one leak and keeps the words of the first.
class Cases {
 public:
  template <class Words>
  void add(const Words& words) {
    if (count_++ == 0) first_ = words();
  }
  std::size_t count() const noexcept { return count_; }
  /// "12 training events at or behind the cut, first …".
  std::optional<Leak> leak(std::string kind, const std::string& what) const;

 private:
  std::size_t count_ = 0;
  std::string first_;
};

std::optional<Leak> future_event(const Suspect& suspect);
std::optional<Leak> target_in_input(const Suspect& suspect);
std::optional<Leak> fitted_on_test(const Suspect& suspect);
std::optional<Leak> duplicated_user(const Suspect& suspect);
std::optional<Leak> tie_across_cut(const Suspect& suspect);
std::optional<Leak> future_item_table(const Suspect& suspect);

/// The first instant that training must not know; nullopt: there is no cut.
std::optional<events::Millis> first_cut(const Split& split);

/// The latest time among the training events; nullopt: there are none.
std::optional<events::Millis> train_until(const Suspect& suspect);

/// An instant as people read it: a date, or a place in a log without a clock.
std::string show_time(const events::Log& log, events::Millis time);

}  // namespace ensue::judge
