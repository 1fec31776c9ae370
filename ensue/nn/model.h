// SPDX-License-Identifier: Apache-2.0
// A list of blocks with parameters: what is trained.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/block_configs.h"
#include "ensue/nn/block.h"
#include "ensue/nn/decoder.h"
#include "ensue/nn/label_head.h"
#include "ensue/nn/next_event.h"

namespace ensue::nn {

/// The trained half of a ModelSpec. Not thread-safe.
class Model {
 public:
  /// Makes every block with fresh parameters drawn from `seed`.
  /// @throws Error(kNotFound) for a block that is not trained here, Error(
  ///   kInvalidArgument) on a bad configuration, a list without inputs, heads
  ///   other than next_item, after it one of next_event and decoder at most,
  ///   and after these label heads of different tasks, a layer that sees later
  ///   events without an input that can hide them.
  Model(const artifact::ModelSpec& spec, const Sizes& sizes, std::uint64_t seed,
        Precision precision = Precision::kFp32);

  /// What reaches the heads: [events, width], with torch's graph behind it
  /// when grad mode is on.
  at::Tensor forward(const Pass& pass);

  /// Carries d loss / d end (slopes of losses) of every end of the graph back
  /// to every parameter. Ends are what forward() gave last and what was made of
  /// it.
  void backward(const std::vector<at::Tensor>& ends,
                const std::vector<at::Tensor>& slopes);

  /// Moves everything to `device`, where later forward() computes.
  void to(const at::Device& device);

  const ItemHead& head() const noexcept { return head_; }
  /// Null: there is none.
  const Decoder* decoder() const noexcept {
    return decoder_ ? &*decoder_ : nullptr;
  }
  /// Null: the model predicts items alone.
  const EventHead* event_head() const noexcept {
    return event_head_ ? &*event_head_ : nullptr;
  }
  EventHead* event_head() noexcept {
    return event_head_ ? &*event_head_ : nullptr;
  }
  /// In the order of the list; may be none.
  std::vector<LabelHead>& label_heads() noexcept { return label_heads_; }
  const Parameters& parameters() const noexcept { return parameters_; }
  /// Longest sequence that every block can read at once; 0: any.
  int window() const noexcept;
  /// It is asked by an event that is not shown and trained to guess such ones;
  /// else it is asked by the last event and guesses the next.
  bool masked() const noexcept;

  /// Starts from an artifact of the same layers: takes every parameter that it
  /// has under the same name, but for a label head's of another task. Rows of
  /// items, of actions and of the values of named columns are matched.
  /// @param known  per item and action of this model its row there, -1: none;
  ///   per parameter that holds values its rows.
  /// @returns the names of parameters that it does not have.
  /// On the CPU alone.
  /// @throws Error(kInvalidArgument) naming a tensor of another shape.
  struct KnownRows {
    std::vector<std::int64_t> items, actions;
    std::map<std::string, std::vector<std::int64_t>> values = {};
  };
  std::vector<std::string> read(const artifact::Artifact& from,
                                const KnownRows& known);

  /// Adds every parameter under its name, and what blocks store beside them.
  /// The table behind a tied head is written once, as the input's.
  void write(artifact::Draft& draft) const;

 private:
  void check_mask(const std::string& name) const;
  void make_heads(const artifact::ModelSpec& spec, const Sizes& sizes,
                  Rng& rng);
  void make_label_head(const artifact::BlockSpec& spec, Scope& scope);
  bool same_head(const artifact::ModelSpec& other,
                 const std::string& parameter) const;
  void make_item_head(const artifact::ModelSpec& spec, const Sizes& sizes,
                      Rng& rng);
  void make_similar(const artifact::NextItemConfig& config, const Sizes& sizes,
                    Scope& scope);

  Parameters parameters_;
  std::vector<std::unique_ptr<Block>> inputs_, layers_;
  ItemHead head_;
  std::optional<EventHead> event_head_;
  std::optional<Decoder> decoder_;
  std::vector<LabelHead> label_heads_;
  std::vector<artifact::BlockSpec> heads_;
};

}  // namespace ensue::nn
