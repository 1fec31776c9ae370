// SPDX-License-Identifier: Apache-2.0
// A quote that opens and never closes swallows every line behind it; here the
// line it stands in is given up instead.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ensue/data/clean.h"
#include "ensue/data/internal/source.h"

namespace ensue::data {

/// A quoted field longer than this is taken for a quote that does not close.
inline constexpr std::size_t kLongestField = std::size_t{1} << 20;

struct Mended {
  std::vector<SampleRow> lines;                 // given up; file: the user's
  std::map<std::string, std::string> original;  // copy to file
};

/// Copies the delimited `files` of the source into `folder` with every line
/// whose quote does not close left blank (so line numbers stay), and points
/// the source at the copies. Reads compressed files, writes plain ones.
/// @throws Error(kUnavailable) when the disk is full.
Mended mend_quotes(Source& source, const std::vector<std::string>& files,
                   const std::filesystem::path& folder);

}  // namespace ensue::data
