// SPDX-License-Identifier: Apache-2.0
// Packed batches of a corpus, in a different order every epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ensue/nn/decoder.h"
#include "ensue/nn/label_head.h"
#include "ensue/nn/next_event.h"
#include "ensue/nn/packed.h"
#include "ensue/train/augment.h"
#include "ensue/train/corpus.h"
#include "ensue/train/label_questions.h"

namespace ensue::train {

struct BatcherOptions {
  int batch_tokens = 8192;  // a batch holds at most this many events …
  int max_length = 200;     // … of pieces at most this long
  bool by_basket = false;   // a target weighs 1 / targets of its row
  int repeats = 0;          // events a head looks back; 0: none
  std::uint64_t seed = 1;
  bool last_only = false;  // the newest piece of each user alone
  AugmentOptions augment = {};
  bool events = false;  // targets of a next_event head, too
  int steps = 0;        // items that a decoder writes; 0: there is none
  // The masked objective: an instant is hidden with the chance `mask_share`,
  // one at least; or, with the chance `mask_last`, the last one alone.
  bool masked = false;
  double mask_share = 0.2, mask_last = 0.1;
  bool items = true;            // false: labels alone
  std::size_t label_heads = 0;  // of the model
};

/// Cuts histories from the end into pieces, so that the newest piece is full;
/// a piece that predicts nothing is left out. The last event of a piece
/// predicts the first ones of the next. Pieces may be augmented (augment.h) on
/// their way into a batch.
///
/// Questions of label heads stand in pieces of their own (label_pieces()), as
/// they are, which predict no items.
///
/// With `masked` a piece predicts parts of itself: all events of a hidden
/// instant become one event without item and action (kMasked), as the one by
/// which the model is asked, whose targets are the items of the instant.
/// Source: the cloze task of Sun et al. 2019, arXiv:1904.06690, section 3.6.
class Batcher {
 public:
  struct Piece {
    std::uint64_t begin = 0, end = 0;  // events of the corpus
    std::uint64_t first = 0;           // the user's first event
    // Questions of a piece that asks them and nothing else.
    std::size_t asked = 0, asked_end = 0;
    std::size_t size() const noexcept { return end - begin; }
  };
  struct Batch {
    nn::Packed packed;
    nn::Targets targets;
    nn::Written written;  // filled only for a decoder
    nn::NextEvents next;  // filled only for a head that wants them
    std::vector<nn::LabelRows> labels;  // of each label head
    std::size_t tokens = 0;  // events of its pieces before they were changed
  };

  /// The corpus must outlive it. @throws Error(kInvalidArgument) when a size is
  /// below 1 or nothing can be predicted.
  Batcher(const Corpus& corpus, const BatcherOptions& options,
          std::vector<LabelQuestion> questions = {});

  /// Pieces in the order of one epoch, a function of (seed, epoch) alone, and
  /// where each batch of it ends. How a piece is augmented is a function of
  /// (seed, epoch, piece) alone.
  struct Epoch {
    std::vector<Piece> pieces;
    std::vector<std::size_t> ends;  // in pieces
    int number = 0;
    std::size_t batches() const noexcept { return ends.size(); }
  };
  Epoch epoch(int number) const;
  Batch batch(const Epoch& epoch, std::size_t number) const;
  /// Events in the batches before `number`.
  std::size_t tokens_before(const Epoch& epoch, std::size_t number) const;

  const BatcherOptions& options() const noexcept { return options_; }
  /// Events in one epoch.
  std::size_t tokens() const noexcept { return tokens_; }

 private:
  struct Range {
    std::uint64_t begin = 0, end = 0;  // events of the corpus
  };
  using Seen = std::vector<events::Event>;
  std::vector<ReadEvent> read(const Piece& piece, int epoch) const;
  void add(const Piece& piece, const std::vector<ReadEvent>& events,
           Batch& batch) const;
  void add_masked(const Piece& piece, int epoch, Batch& batch) const;
  void cut_histories();
  void ask(const Piece& piece, Batch& batch) const;
  void add_event(const ReadEvent& event, Batch& batch) const;
  void add_targets(const Range& wanted, events::Millis now, const Seen& seen,
                   Batch& batch) const;
  void add_next(const std::vector<std::uint64_t>& followers, events::Millis now,
                Batch& batch) const;
  void add_written(std::uint64_t first, Batch& batch) const;
  Seen seen_in(const Range& past) const;
  void add_repeats(const Seen& seen, nn::Targets& targets) const;
  std::vector<Range> instants_of(const Piece& piece) const;
  std::vector<bool> hide(const Piece& piece, int epoch,
                         std::size_t instants) const;

  const Corpus& corpus_;
  BatcherOptions options_;
  std::vector<LabelQuestion> questions_;
  std::vector<Piece> pieces_;
  std::size_t tokens_ = 0;
};

}  // namespace ensue::train
