// SPDX-License-Identifier: Apache-2.0
// What a file looks like before anyone says what its columns mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ensue::data {

enum class Format {
  kDelimited,
  kText,  // lines without a delimiter that divides all of them alike
  kJsonLines,
  kParquet
};

struct Layout {
  Format format = Format::kDelimited;
  std::string delimiter;  // one to four characters
  bool quoted = true;     // fields may stand in double quotes
  bool header = true;
  std::vector<std::string> columns;  // column0, … without a header
  std::vector<std::vector<std::string>> sample;  // first rows, as text
  std::vector<std::string> lines;                // kText: first lines
};

/// Looks at the first rows of a file (.gz and .zst too).
/// @throws Error(kNotFound); Error(kInvalidArgument) on an empty file, a file
///   with a header only, or one that is no text: one line with its name.
Layout look_at(const std::string& file);

/// The files that `patterns` name, each pattern's in order of name.
/// @throws Error(kNotFound) naming a pattern without a file.
std::vector<std::string> expand(const std::vector<std::string>& patterns);

/// Splits text into records of fields; a quoted field may hold delimiters,
/// doubled quotes and newlines. At most `limit` records.
std::vector<std::vector<std::string>> split_records(std::string_view text,
                                                    std::string_view delimiter,
                                                    bool quoted,
                                                    std::size_t limit);

/// Is this how numbers, or times, are written?
bool looks_like_number(std::string_view text);
bool looks_like_time(std::string_view text);

}  // namespace ensue::data
