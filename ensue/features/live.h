// SPDX-License-Identifier: Apache-2.0
// The features of one user, computed from a history: what the server does.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ensue/events/history.h"
#include "ensue/features/definition.h"
#include "ensue/features/kinds.h"

namespace ensue::features {

/// A list of definitions ready to be computed.
class Live {
 public:
  /// @param names  what the ids of histories mean; must outlive it.
  /// @throws Error(kInvalidArgument) as resolve().
  Live(std::span<const Definition> definitions, const Names& names);

  std::size_t size() const noexcept { return resolved_.size(); }
  const std::vector<Resolved>& resolved() const noexcept { return resolved_; }

  /// One number per definition, NaN where unknown, from the events of
  /// `history` strictly before `at`; later ones change nothing. About 20 us for
  /// the default list and 100 events. Thread-safe.
  std::vector<double> values(const events::History& history,
                             events::Millis at) const;

 private:
  std::vector<Resolved> resolved_;
  std::vector<const Kind*> kinds_;  // [definitions]
  std::size_t actions_;
};

}  // namespace ensue::features
