// SPDX-License-Identifier: Apache-2.0
// From what a file stores to the fp32 numbers that everybody reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/internal/reader.h"
#include "ensue/artifact/weights.h"

namespace ensue::artifact {

inline constexpr std::string_view kScaleSuffix = ".scale";

struct Decoded {
  std::vector<std::vector<float>> numbers;
  Weights weights = Weights::kFp32;  // the narrowest found
};

/// Puts F32 views of `numbers` in place of BF16 and I8 tensors, and takes out
/// the scales of the latter.
/// @throws Error(kCorrupt) naming `where` and the tensor: an I8 one that is no
///   matrix or has no scale per row, a scale that is no step.
Decoded decode(Reader::Tensors& tensors, const std::string& where);

}  // namespace ensue::artifact
