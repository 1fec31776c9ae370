// SPDX-License-Identifier: Apache-2.0
// Rows into user order, and the rules that need a user's whole history.
#pragma once

#include <cstdint>
#include <vector>

#include "ensue/base/progress.h"
#include "ensue/data/internal/reader.h"

namespace ensue::data {

/// (time, place) of the first kept event; ids come in this order.
struct First {
  std::int64_t time = INT64_MAX;
  std::uint64_t seq = UINT64_MAX;
  bool seen() const noexcept { return seq != UINT64_MAX; }
  auto operator<=>(const First&) const = default;
};

/// Where the kept events of one user lie in the store.
struct Slice {
  std::uint64_t begin = 0;
  std::uint32_t count = 0;
  First first;
};

struct Arranged {
  std::vector<Slice> users;  // by provisional id; so the rest
  std::vector<First> items, actions;
  std::uint64_t kept = 0, aside = 0;
  std::int64_t first_time = 0, last_time = 0;
};

/// Sorts every partition by (user, time, seq) and removes what the rules of
/// `clean` name: duplicates, cancellations, outliers, bots. Rows without a
/// user are sorted by (time, seq) and only lose their duplicates.
Arranged arrange(Reading& reading, const CleanOptions& clean,
                 const ProgressFn& progress);

}  // namespace ensue::data
