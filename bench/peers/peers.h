// SPDX-License-Identifier: Apache-2.0
// The recipes of well-known public implementations in plain libtorch: padded
// batches, the library's own layers, losses and optimiser. Written anew from
// their descriptions, to be timed beside ours in one run.
#pragma once

#include <cstdint>
#include <vector>

namespace ensue::peers {

/// Items of each user, oldest first, from 0.
using Sequences = std::vector<std::vector<std::int64_t>>;

/// SASRec (Kang & McAuley 2018) as its PyTorch port trains it: the last
/// `length` + 1 items of a user, left-padded, 128 users a batch, pre-norm
/// attention with the library's multi-head attention, Adam at 1e-3.
struct SasrecRecipe {
  std::int64_t items = 0, length = 200, width = 50, layers = 2, heads = 1;
  std::int64_t batch = 128;
  double dropout = 0.2;
  /// False: BCE against one uniform negative per position. True: softmax
  /// cross-entropy over the whole catalogue ("SASRec+").
  bool softmax = false;
};

struct PeerSpeed {
  double seconds = 0;  // of the steps made
  std::int64_t tokens = 0, steps = 0;
  double tokens_per_second() const {
    return static_cast<double>(tokens) / seconds;
  }
};

/// Trains `steps` batches of shuffled users (after one that is not timed) with
/// `threads` threads. Tokens are the positions that predict, padding aside.
PeerSpeed train_sasrec(const Sequences& users, const SasrecRecipe& recipe,
                       std::int64_t steps, int threads);

/// GRU4Rec (Hidasi & Karatzoglou 2018) as its PyTorch version trains it:
/// session-parallel batches of `batch`, one step of a GRU cell of `width` at a
/// time, softmax cross-entropy over the batch's targets and `samples` items
/// drawn by popularity^0.5, Adagrad.
struct Gru4RecRecipe {
  std::int64_t items = 0, width = 100, batch = 32, samples = 2048;
};
PeerSpeed train_gru4rec(const Sequences& sessions, const Gru4RecRecipe& recipe,
                        std::int64_t steps, int threads);

/// HSTU (Zhai et al. 2024) as its research code trains it on a log without
/// times: gated pointwise attention with relative places, `negatives` uniform
/// draws, cosines at temperature 0.05, AdamW at 1e-3.
struct HstuRecipe {
  std::int64_t items = 0, length = 200, width = 50, layers = 2;
  std::int64_t batch = 128, negatives = 128;
  double dropout = 0.2;
};
PeerSpeed train_hstu(const Sequences& users, const HstuRecipe& recipe,
                     std::int64_t steps, int threads);

/// glibc gives large blocks back to the system at every free and fetches them
/// again page by page; the peers were measured with an allocator that does not.
void keep_memory();

}  // namespace ensue::peers
