// SPDX-License-Identifier: Apache-2.0
// Which purchases were made with money off.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ensue/events/context.h"
#include "ensue/events/history.h"
#include "ensue/events/vocabulary.h"

namespace ensue::runtime {

/// Purchases of which it is known, and those of them with money off.
struct DiscountCount {
  std::size_t purchases = 0, discounted = 0;
};

/// What says so: columns of context that hold numbers. Anything but 0 in one of
/// them is money off.
struct DiscountSource {
  std::vector<std::string> columns = {};
  bool empty_is_none = false;  // an empty cell: no money off; else not known
  std::string buying = "purchase";  // the action that is a purchase
};

/// Counts a history's purchases. Immutable, thread-safe.
class Discounts {
 public:
  /// Columns that the context does not have as numbers say nothing. A log of
  /// one action holds purchases alone, whatever that is called.
  Discounts(std::span<const events::ContextColumn> context,
            const events::Vocabulary& actions, const DiscountSource& source);

  DiscountCount count(const events::History& history) const noexcept;

 private:
  std::vector<std::size_t> places_;  // among the columns of context
  bool empty_is_none_;
  std::size_t buying_;  // index of the action; behind all: there is none
};

}  // namespace ensue::runtime
