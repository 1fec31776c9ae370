// SPDX-License-Identifier: Apache-2.0
// A verb of the command line: one file, one line in verbs.cc.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string_view>

#include "apps/settings/settings.h"
#include "ensue/base/catalog.h"

namespace ensue::apps {

/// What a verb does once the command line is parsed and settings are loaded.
/// Returns the exit status.
using Action = std::function<int()>;

struct Verb {
  std::string_view name;
  std::string_view summary;  // one line
  std::string_view example;  // a command that works, shown by --help
  /// Adds the verb's options; both arguments outlive the action.
  Action (*add)(CLI::App& app, Settings& settings);
};

const Catalog<Verb>& verbs();

/// "ensue 0.1.0 (commit) …": version, commit, CPU, libtorch, DuckDB.
std::string version();

}  // namespace ensue::apps
