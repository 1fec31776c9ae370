// SPDX-License-Identifier: Apache-2.0
// What an unknown file's columns mean, guessed from names and values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ensue/data/layout.h"
#include "ensue/data/options.h"
#include "ensue/data/presets.h"

namespace ensue::data {

struct Guess {
  std::vector<std::string> files;
  Layout layout;
  const Preset* preset = nullptr;  // the layout is known: nothing to guess
  ColumnOptions columns;           // without a preset
  /// Why, for each role that has a column: "user", "its name says who; …".
  std::vector<std::pair<std::string, std::string>> reasons;
  std::vector<std::string> doubts;  // what to look at
  std::string items, users;         // tables found beside the events
  bool has_clock = true;
  std::string split = "time";  // what suits the log
  int test_users = 0;          // by-user: users of the test files
};

/// Looks at the first rows of each file and at what lies beside them.
/// @throws Error(kInvalidArgument) "FILE: holds no events: …" when no column
///   says who, or neither what nor when; and what look_at() throws.
Guess guess(const std::vector<std::string>& files);

/// An ensue.toml that imports, splits and trains on these files; each guess
/// is explained in a comment.
std::string settings_text(const Guess& guess);

}  // namespace ensue::data
