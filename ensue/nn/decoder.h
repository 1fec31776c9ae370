// SPDX-License-Identifier: Apache-2.0
// The head decoder: a recurrent unit that writes the coming items.
#pragma once

#include <cstdint>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/nn/block.h"
#include "ensue/nn/internal/affine.h"

namespace ensue::nn {

/// What is to be written behind rows of a batch.
struct Written {
  static constexpr std::int64_t kNone = -1;
  std::vector<std::int64_t> rows;   // [rows] of the batch
  std::vector<std::int64_t> items;  // [rows, steps]; kNone: nothing comes
  Targets seen;  // [rows] repeats alone; filled only for a head that looks back
};

/// Trained half of artifact::DecoderConfig.
class Decoder {
 public:
  Decoder(const artifact::DecoderConfig& config, Scope& scope);

  int steps() const noexcept { return steps_; }

  /// What next_item scores with at each place, all rows' first ones, then all
  /// second ones …: [steps * rows, width], with torch's graph behind it. Every
  /// step is told the true item before it.
  /// @param hidden  [events, width]  @param items  next_item's weight.
  at::Tensor states(const at::Tensor& hidden, const Written& written,
                    Parameter& items) const;
  /// The items of states()' rows, as targets: places where nothing comes have
  /// none.
  Targets targets(const Written& written) const;

 private:
  at::Tensor step(const at::Tensor& input, const at::Tensor& h) const;

  int steps_;
  Parameter* start_;
  Affine from_input_, from_state_;
};

}  // namespace ensue::nn
