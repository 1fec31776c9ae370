// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/discounts.h"

#include <algorithm>

namespace ensue::runtime {

Discounts::Discounts(std::span<const events::ContextColumn> context,
                     const events::Vocabulary& actions,
                     const DiscountSource& source)
    : empty_is_none_(source.empty_is_none) {
  for (std::size_t c = 0; c < context.size(); ++c) {
    if (context[c].kind == events::ContextKind::kNumber &&
        std::ranges::count(source.columns, context[c].name) > 0) {
      places_.push_back(c);
    }
  }
  const auto found = actions.find(source.buying);
  buying_ = found ? *found : actions.size() == 1 ? 0 : actions.size();
}

DiscountCount Discounts::count(const events::History& history) const noexcept {
  DiscountCount out;
  if (places_.empty() || history.context.columns <= places_.back()) return out;
  for (std::size_t e = 0; e < history.size(); ++e) {
    if (events::index(history.actions[e]) != buying_) continue;
    const auto row = history.context.row(e);
    bool known = empty_is_none_, off = false;
    for (const std::size_t place : places_) {
      if (row[place].empty()) continue;
      known = true;
      off = off || row[place].number() != 0;
    }
    out.purchases += known ? 1 : 0;
    out.discounted += off ? 1 : 0;
  }
  return out;
}

}  // namespace ensue::runtime
