// SPDX-License-Identifier: Apache-2.0
// A list of blocks with parameters: what is trained.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/nn/block.h"

namespace ensue::nn {

/// The trained half of a ModelSpec. Not thread-safe.
class Model {
 public:
  /// Makes every block with fresh parameters drawn from `seed`.
  /// @throws Error(kNotFound) for a block that is not trained here, Error(
  ///   kInvalidArgument) on a bad configuration or a list without inputs or
  ///   without a next_item head.
  Model(const artifact::ModelSpec& spec, const Sizes& sizes, std::uint64_t seed,
        Precision precision = Precision::kFp32);

  /// What reaches the heads: [events, width], with torch's graph behind it
  /// when grad mode is on.
  at::Tensor forward(const Pass& pass);

  /// Carries d loss / d hidden (a loss's slope) back to every parameter.
  /// `hidden` is what forward() gave last, the loss was made of it and head().
  void backward(const at::Tensor& hidden, const at::Tensor& slope);

  const ItemHead& head() const noexcept { return head_; }
  const Parameters& parameters() const noexcept { return parameters_; }
  /// Longest sequence that every block can read at once; 0: any.
  int window() const noexcept;

  /// Adds every parameter under its name, and what blocks store beside them.
  /// The table behind a tied head is written once, as the input's.
  void write(artifact::Draft& draft) const;

 private:
  void make_head(const artifact::ModelSpec& spec, const Sizes& sizes, Rng& rng);

  Parameters parameters_;
  std::vector<std::unique_ptr<Block>> inputs_, layers_;
  ItemHead head_;
};

}  // namespace ensue::nn
