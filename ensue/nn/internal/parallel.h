// SPDX-License-Identifier: Apache-2.0
// How many threads a piece of work is worth.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ensue/nn/torch.h"

namespace ensue::nn {

/// Floats worth a second thread in at::parallel_for over cheap element-wise
/// work: some 5 us, about what waking a thread costs.
inline constexpr std::int64_t kGrain = 32768;

/// Threads for `work` multiply-adds that split evenly: at least 1, at most
/// at::get_num_threads(), each with enough to do.
inline std::size_t workers_for(std::size_t work) {
  constexpr std::size_t kWorkOfOne = std::size_t{1} << 18;
  const auto most =
      static_cast<std::size_t>(std::max(1, at::get_num_threads()));
  return std::clamp<std::size_t>(work / kWorkOfOne, 1, most);
}

}  // namespace ensue::nn
