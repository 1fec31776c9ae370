// SPDX-License-Identifier: Apache-2.0
// What a query and an item's text are compared by.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ensue::runtime {

/// Words in order, repeats kept. A-Z are lowered; a word is a run of a-z, 0-9
/// and characters that are not ASCII. Chinese, Japanese and Korean text has no
/// spaces: there each character is a word, and so is each pair of neighbours,
/// which finds compounds without a dictionary. One "s" at the end of a word of
/// four letters or more is dropped, "ss" is not: "lamps" finds "lamp".
std::vector<std::string> search_words(std::string_view text);

}  // namespace ensue::runtime
