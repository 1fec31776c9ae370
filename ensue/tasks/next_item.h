// SPDX-License-Identifier: Apache-2.0
// What will this customer take next?
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ensue/runtime/engine.h"
#include "ensue/tasks/filter.h"

namespace ensue::tasks {

struct Recommendation {
  std::uint32_t item = 0;  // of the artifact
  std::string name;        // as in the log
  std::string title;       // "" when the item table has none
  double score = 0;        // logit
  double probability = 0;  // among all items, filtered ones included
};

/// What people call an item: its title, name or description in the artifact's
/// item table; "" when there is none.
std::string title_of(const artifact::Description& about, std::size_t item);
std::string title_in(const events::Table& items, std::size_t item);

/// The `k` best items after `history` (in the artifact's ids; may be empty),
/// best first, ties by lower item index; fewer when fewer are allowed.
/// @throws what allowed_items() throws.
std::vector<Recommendation> next_items(const runtime::Engine& engine,
                                       const events::History& history,
                                       const FilterOptions& filter,
                                       std::size_t k);

}  // namespace ensue::tasks
