// SPDX-License-Identifier: Apache-2.0
// What a search may try: keys of the configuration and their values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/json.h"

namespace ensue::train {

/// One searched key: a range, or a list of values.
struct Dimension {
  std::string key;  // "train.learning_rate"
  double low = 0, high = 1;
  bool log = false;           // even on a logarithmic scale
  bool whole = false;         // integers, both ends included
  std::vector<Json> choices;  // not empty: one of these, and no range

  std::string section() const { return key.substr(0, key.find('.')); }
  std::string field() const { return key.substr(key.find('.') + 1); }
  /// The value at a place in [0, 1): equal parts for choices and integers.
  Json at(double place) const;
  /// As typed: what parse_dimension() reads back.
  std::string text() const;
};

/// "train.learning_rate=1e-4..1e-2:log" or "model.width=32|64|128". A range
/// whose ends are written as integers gives integers (1.0..4.0 gives numbers);
/// ":log" behind it asks for a logarithmic scale.
/// @throws Error(kInvalidArgument) naming the key and what was expected: a key
///   of [model] or [train] that does not change what is measured.
Dimension parse_dimension(std::string_view text);

/// The value of [tune].space: a list of texts as above, or a table of
///   "train.learning_rate" = {low = 1e-4, high = 1e-2, log = true}
///   "model.width" = [32, 64, 128]
/// (`integer = true` asks for integers). Keys stand once.
/// @throws Error(kInvalidArgument) also when there is nothing to search.
std::vector<Dimension> parse_space(const Json& space);

}  // namespace ensue::train
