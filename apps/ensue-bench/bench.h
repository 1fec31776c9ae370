// SPDX-License-Identifier: Apache-2.0
// A named benchmark: one file, one line in benches.cc.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ensue/base/catalog.h"

namespace ensue::apps {

struct BenchOptions {
  std::filesystem::path data = "../shared/data";  // --data
  std::vector<std::string> extra;                 // what else was typed
};

/// Key and value, in order; printed as the last line "NAME key=value …".
using BenchFigures = std::vector<std::pair<std::string, std::string>>;

struct Bench {
  std::string_view name;     // "quality/ml-1m"
  std::string_view summary;  // what is measured, and against what
  /// Prints a table on standard output and returns the figures.
  BenchFigures (*run)(const BenchOptions& options);
};

const Catalog<Bench>& benches();

}  // namespace ensue::apps
