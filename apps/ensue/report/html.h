// SPDX-License-Identifier: Apache-2.0
// The few pieces of HTML that a report is made of. Everything given as `text`
// or a cell is escaped here; everything given as `html` is not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ensue::apps::html {

/// & < > " ' as entities; control characters but newline and tab as U+FFFD.
std::string escape(std::string_view text);

/// <name>escaped text</name>
std::string element(std::string_view name, std::string_view text);

/// A heading with an anchor, and what follows it.
std::string section(std::string_view heading, std::string_view html);

/// Cells are escaped, and what stands behind a newline in one is small print
/// under it; columns of numbers stand to the right; the row `emphasised`
/// (counted from 0) is bold.
std::string table(const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows,
                  int emphasised = -1);

/// Something long behind one line that opens it.
std::string details(std::string_view summary, std::string_view html);

/// A whole document: one file, no network, light or dark as the reader's
/// system says.
std::string page(std::string_view title, std::string_view html);

}  // namespace ensue::apps::html
