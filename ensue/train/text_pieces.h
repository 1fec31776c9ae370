// SPDX-License-Identifier: Apache-2.0
// Learning pieces of words.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ensue/events/vocabulary.h"

namespace ensue::train {

/// The pieces that runtime::pieces_of() reads: the characters of the texts,
/// the most frequent first, then at each time the most frequent pair of
/// neighbouring pieces as one (Sennrich et al. 2016, arXiv:1508.07909), while
/// there are fewer than `most` and a pair stands twice. Of equally frequent
/// ones the lower text comes first, so the same texts give the same bytes.
/// Empty when the texts hold no character.
events::Vocabulary learn_pieces(const std::vector<std::string>& texts,
                                std::size_t most);

}  // namespace ensue::train
