// SPDX-License-Identifier: Apache-2.0
// Changed copies of a training sequence: crop, skip, drop, reorder, mask,
// noise.
#pragma once

#include <cstdint>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/train/corpus.h"

namespace ensue::train {

/// How strongly sequences are changed; 0: not at all. Crop, reorder and mask
/// are those of CL4SRec (Xie et al. 2020, arXiv:2010.14395), there made for a
/// contrastive loss, here for next-item training itself: every piece that is
/// drawn is read in its changed form, and targets stay true (below).
struct AugmentOptions {
  double share = 0.5;  // of the pieces of an epoch, drawn anew each epoch
  double crop = 0;     // share of a piece's instants cut away at its ends
  double skip = 0;     // chance of an instant to be left out altogether
  double drop = 0;     // chance of an instant not to be read
  double reorder = 0;  // share of a piece's instants that change places
  double mask = 0;     // chance of an event to be read without its item
  double noise = 0;    // chance of an event to be read with a random item

  bool any() const noexcept {
    return share > 0 && crop + skip + drop + reorder + mask + noise > 0;
  }
  /// @throws Error(kInvalidArgument) "train.augment_crop: 2, expected …": share
  ///   is in [0, 1], all others in [0, 1).
  void check() const;
};

/// An event of a piece as the model reads it.
struct ReadEvent {
  std::uint64_t event = 0;    // its place in the corpus: action and all else
  std::int64_t item = 0;      // dense id, or nn::kMasked
  events::Millis time{0};     // never falling along the piece
  std::uint32_t instant = 0;  // never falling either
  std::uint64_t target_begin = 0, target_end = 0;  // events of the corpus
};

/// Events [begin, end) of one user as they are.
std::vector<ReadEvent> read_plainly(const Corpus& corpus, std::uint64_t begin,
                                    std::uint64_t end);

/// The same events changed. Instants (baskets) stay whole and in one place;
/// mask and noise alone look at single events. In this order:
///   crop     one run of instants stays, floor(crop * n) of n go. Its last
///            instant still predicts what truly came next.
///   skip     an instant never happened: it is neither read nor predicted, and
///            the one before it predicts the first later one that is left
///            (skip behaviour, Tang & Wang 2018, arXiv:1809.07426).
///   drop     an instant is not read but still predicted.
///   reorder  a run of floor(reorder * n) instants is shuffled; times stay in
///            their places. An instant in it predicts what truly came after the
///            latest instant read so far, so nothing that was read already is
///            predicted as if it were to come.
///   mask     the event is read as a vector of zeros where its item's would be
///            (CL4SRec learns a vector for it, which answering never meets).
///   noise    the item is replaced by one drawn uniformly from all known ones.
/// At least one instant is left; where nothing that is left predicts anything,
/// the events are returned as they are. O(end - begin).
std::vector<ReadEvent> augment(const Corpus& corpus, std::uint64_t begin,
                               std::uint64_t end, const AugmentOptions& options,
                               Rng& rng);

}  // namespace ensue::train
