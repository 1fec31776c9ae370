// SPDX-License-Identifier: Apache-2.0
// Terms of a text: words and runs of words, or runs of letters.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ensue::runtime {

/// Called with each term, as often as it stands in the text. The view lives
/// until the call returns.
using TermFn = std::function<void(std::string_view)>;

/// Runs of 1 to `longest` words, joined by single spaces. Letters A-Z are
/// lowered; a word is at least two characters out of a-z, 0-9, _ and all that
/// is not ASCII. As scikit-learn's default, for text in plain ASCII.
void each_word_term(std::string_view text, int longest, const TermFn& term);

/// Runs of `shortest` to `longest` characters (of UTF-8) inside each piece
/// between white space, a space added on both sides; a padded piece that is
/// shorter than a run is a term once. A-Z are lowered. As scikit-learn's
/// "char_wb".
void each_letter_term(std::string_view text, int shortest, int longest,
                      const TermFn& term);

}  // namespace ensue::runtime
