// SPDX-License-Identifier: Apache-2.0
// What a log's columns mean: kept in the manifest and in every artifact.
#pragma once

#include <string>
#include <vector>

#include "ensue/base/json.h"

namespace ensue::events {

struct Schema {
  /// False: times are places in the log; nothing may be cut by time.
  bool has_clock = true;
  /// True: the order of events of one user at one time is real. False: they
  /// are one basket, and judging their order would judge line order.
  bool order_within_instant = false;
  /// Session ids were given (column `session`) or are to be cut by gap.
  bool has_sessions = false;
  /// Named context columns beside the fixed ones.
  std::vector<std::string> context;

  JsonObject to_json() const;
  /// Throws Error(kCorrupt) naming `where` and the field.
  static Schema from_json(const Json& json, std::string_view where);
  bool operator==(const Schema&) const = default;
};

}  // namespace ensue::events
