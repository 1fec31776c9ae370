// SPDX-License-Identifier: Apache-2.0
// The losses by the name that [train] gives them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "ensue/base/catalog.h"
#include "ensue/nn/losses.h"
#include "ensue/train/fit.h"

namespace ensue::train {

/// One batch's loss. Draws, if any, come from `rng` alone.
using Loss = std::function<nn::LossValue(const at::Tensor& hidden,
                                         const nn::Targets& targets,
                                         const nn::ItemHead& head, Rng& rng)>;

struct LossEntry {
  std::string_view name;
  /// @param popularity  how often each item is a target in training.
  Loss (*make)(const TrainOptions& options,
               std::span<const std::uint64_t> popularity);
};

const Catalog<LossEntry>& losses();

}  // namespace ensue::train
