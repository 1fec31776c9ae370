// SPDX-License-Identifier: Apache-2.0
// From a row's place in the source back to file, line and text.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "ensue/data/internal/source.h"

namespace ensue::data {

/// A second pass over the source, as far as the last wanted row, for the rows
/// wanted only. Places that are no row (rejected lines) are left out.
std::map<std::uint64_t, SampleRow> locate_rows(
    const Source& source, const std::vector<std::uint64_t>& places);

}  // namespace ensue::data
