// SPDX-License-Identifier: Apache-2.0
// What a training is told, checked, and the process made ready for it.
#pragma once

#include "ensue/train/fit.h"

namespace ensue::train {

/// The options as this machine can follow them (fp32 where it has no bf16).
/// Sets torch's threads and how freed memory is kept: both of the process.
/// @throws Error(kInvalidArgument) "train.epochs: 0, expected at least 1".
TrainOptions checked(const TrainOptions& options);

}  // namespace ensue::train
