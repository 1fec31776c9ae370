// SPDX-License-Identifier: Apache-2.0
// Labels of users at instants, as places in a corpus.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ensue/data/labels.h"
#include "ensue/events/log.h"
#include "ensue/judge/split.h"
#include "ensue/train/corpus.h"

namespace ensue::train {

/// What one label head learns: users at instants, with what came true.
struct HeadLabels {
  std::string task;   // of a label head of the model
  double weight = 1;  // of its loss; the next item's weighs 1
  data::LabelTable train;
  data::LabelTable validation = {};  // decides when to stop; may be empty
};

/// What label heads learn beside the next item.
struct LabelRequest {
  std::vector<HeadLabels> heads;
  bool alone = false;  // labels alone: the next item is not learnt
};

/// One question: which head answers it, after which event of the corpus.
struct LabelQuestion {
  std::uint64_t event = 0;  // the user's last one before the instant
  std::uint32_t head = 0;
  float since = 0;  // artifact::label_since
  float value = 0;
};

/// The questions that a corpus has an event for, in the order of its events; a
/// user with no known event before the instant is left out.
/// @param heads  in the order of the model's label heads.
/// @throws Error(kInvalidArgument) naming the instant when events that the
///   split does not learn from lie before it.
std::vector<LabelQuestion> find_questions(
    const events::Log& log, const judge::Split& split, const Corpus& corpus,
    std::span<const data::LabelTable* const> heads);

/// Which questions a sequence is to answer: events [begin, end) of the corpus,
/// questions [first, last).
struct LabelPiece {
  std::uint64_t begin = 0, end = 0;
  std::size_t first = 0, last = 0;
};

/// Pieces of at most `length` events, each ending with a question's event. A
/// question is asked in a piece that shows at least half of `length` events
/// before it, or all that there are.
std::vector<LabelPiece> label_pieces(const Corpus& corpus,
                                     std::span<const LabelQuestion> questions,
                                     std::size_t length);

}  // namespace ensue::train
