// SPDX-License-Identifier: Apache-2.0
// What was typed behind a benchmark's name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "apps/ensue-bench/bench.h"

namespace ensue::apps {

/// Where the value of an option goes; whole numbers are from 1 on.
using TypedTo =
    std::variant<int*, std::uint64_t*, std::string*, std::filesystem::path*>;

/// Reads pairs of --name and value.
/// @throws Error(kInvalidArgument) for an unknown name, which lists the known
///   ones, a missing value and a number that is none.
void read_typed(const BenchOptions& bench,
                const std::vector<std::pair<std::string, TypedTo>>& known);

}  // namespace ensue::apps
