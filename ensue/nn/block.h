// SPDX-License-Identifier: Apache-2.0
// What a block is to training.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/block_configs.h"
#include "ensue/artifact/item_features.h"
#include "ensue/base/catalog.h"
#include "ensue/nn/packed.h"
#include "ensue/nn/parameter.h"
#include "ensue/nn/repeat.h"

namespace ensue::nn {

/// One run of the model over one batch.
struct Pass {
  const Packed& batch;
  bool training = false;             // dropout is on
  std::uint64_t seed = 0, step = 0;  // which dropout
};

/// A named column of events: how many values the model knows, or how it reads
/// numbers.
struct ContextSize {
  events::ContextKind kind = events::ContextKind::kCategory;
  std::int64_t values = 0;
  artifact::NumberScale scale = {};
};

/// How many names the model knows, and what columns say of its items (a row
/// per item; null: nothing). The block copies what it needs.
struct Sizes {
  std::int64_t items = 0, actions = 0;
  const artifact::ItemFeatures* features = nullptr;
  /// What items are compared by, rows of length 1 (null: nothing).
  const artifact::ItemFeatures* compared = nullptr;
  /// Of the columns of context_embedding, in order.
  std::vector<ContextSize> context = {};
};

/// An input or a layer with its parameters. Inputs ignore `x` (undefined) and
/// make [events, width] from the batch; layers map [events, width] to
/// [events, width'] within each sequence.
class Block {
 public:
  virtual ~Block() = default;
  virtual at::Tensor forward(const at::Tensor& x, const Pass& pass) = 0;
  /// Longest sequence it can read at once; 0: any.
  virtual int window() const noexcept { return 0; }
  /// No event sees a later one.
  virtual bool causal() const noexcept { return true; }
  /// An input that knows events that are not shown (kMasked).
  virtual bool masks() const noexcept { return false; }

  /// The table that a tied head scores with; null: it has none. A parameter of
  /// the model, or made by forward() of parameters: then gradients added to it
  /// reach those in settle().
  virtual Parameter* item_vectors() noexcept { return nullptr; }
  /// Called once all gradients of a step are there, before the optimiser.
  virtual void settle() {}
  /// Moves what it computes with beside its parameters.
  virtual void to(const at::Device&) {}
  /// Takes what it stores beside its parameters, where a model to start from
  /// has it.
  virtual void read(const artifact::Artifact&) {}
  /// Adds what it stores beside its parameters.
  virtual void write(artifact::Draft&) const {}
};

/// A head that scores items: score = x weight^T + bias.
struct ItemHead {
  Parameter* weight = nullptr;  // [items, width]
  Parameter* bias = nullptr;    // [items]; may be null
  RepeatHead repeat;            // off unless configured
  SimilarHead similar;          // off unless configured
  int repeats = 0;              // events looked back
};

/// Training's half of the block catalogue: a name of artifact::blocks() and
/// how the block is made. Heads are made by the model itself.
struct BlockEntry {
  std::string_view name;
  std::unique_ptr<Block> (*make)(const JsonObject& config, const Sizes& sizes,
                                 Scope& scope);
};
const Catalog<BlockEntry>& blocks();

}  // namespace ensue::nn
