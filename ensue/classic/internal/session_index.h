// SPDX-License-Identifier: Apache-2.0
// The index of VMIS-kNN: which recent sessions held an item.
#pragma once

#include <cstdint>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/classic/internal/sequences.h"

namespace ensue::classic {

/// Sessions are numbered by recency: a higher number ended later (at equal
/// times: belongs to a later user). A session is the set of its items. A user
/// is one session, unless a gap ends it or it has more than `session_events`
/// events: then it is cut from its end on, never inside a basket.
///
/// Only the `recent` last sessions of each item are listed, and sessions that
/// no item lists are left out: an answer never looks at them.
struct SessionIndex {
  std::vector<float> weight;  // [items]: 1 + log(sessions / those with it)
  std::vector<std::uint64_t> item_offsets;     // [items + 1]
  std::vector<std::uint32_t> item_sessions;    // falling: newest first
  std::vector<std::uint64_t> session_offsets;  // [sessions kept + 1]
  std::vector<std::uint32_t> session_items;    // rising, distinct
};

/// @throws Error(kInvalidArgument) when an option is out of range.
SessionIndex index_sessions(const Sequences& sequences,
                            const artifact::SessionKnnConfig& config,
                            bool baskets);

}  // namespace ensue::classic
