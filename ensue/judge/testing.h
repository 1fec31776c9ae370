// SPDX-License-Identifier: Apache-2.0
// Logs for the tests of this folder.
#pragma once

#include <string>

#include "ensue/base/rng.h"
#include "ensue/events/log.h"

namespace ensue::judge::testing {

struct RandomLog {
  int users = 40, events = 800, items = 25;
  int days = 60;
  std::int64_t grid_ms = events::kHourMs;  // coarse times make baskets
  double without_item = 0.05;
  events::Schema schema = {};
};

/// Any user, any item, times on a grid. No event stands twice.
inline events::Log random_log(std::uint64_t seed, const RandomLog& o = {}) {
  Rng rng(seed);
  events::LogBuilder builder(o.schema);
  for (int i = 0; i < o.events; ++i) {
    const auto user =
        std::to_string(rng.below(static_cast<std::uint64_t>(o.users)));
    const auto item =
        std::to_string(rng.below(static_cast<std::uint64_t>(o.items)));
    const auto steps =
        static_cast<std::uint64_t>(o.days * events::kDayMs / o.grid_ms);
    const std::int64_t time =
        o.schema.has_clock
            ? static_cast<std::int64_t>(rng.below(steps)) * o.grid_ms
            : i;
    const bool search = rng.chance(o.without_item);
    builder.add(user, search ? "" : item, events::Millis{time},
                search           ? "search"
                : rng.chance(.2) ? "purchase"
                                 : "view",
                static_cast<float>(i));
  }
  return builder.build();
}

inline events::UserId user(const events::Log& log, std::string_view name) {
  return events::UserId{*log.user_names().find(name)};
}

}  // namespace ensue::judge::testing
