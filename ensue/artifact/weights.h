// SPDX-License-Identifier: Apache-2.0
// How an artifact stores its matrices: as they are, in half, or in a quarter.
#pragma once

#include <cstddef>
#include <string_view>

namespace ensue::artifact {

class Artifact;
class Draft;

enum class Weights {
  kFp32,
  kBf16,  // BF16 tensors: rounded to the nearest, ties to even
  kInt8,  // I8 tensors x [rows, columns] beside F32 "<name>.scale" [rows]:
          // x[r, c] * scale[r], scale[r] = max |row| / 127
};
std::string_view name_of(Weights weights);  // "fp32", "bf16", "int8"
/// @throws Error(kInvalidArgument) "'fp8', expected fp32, bf16 or int8".
Weights weights_named(std::string_view name);

/// Matrices with shorter rows stay fp32, and so does what is no matrix: biases,
/// norms, scales, probabilities.
inline constexpr std::size_t kShortestRow = 8;

/// The same artifact, its matrices stored so; the members of a blend, too. A
/// number of an int8 row is off by half a step at most, a step being its scale;
/// one in bf16 by 1/256 of itself. What an earlier rounding lost stays lost.
/// @throws Error(kInvalidArgument) naming the tensor and the row of a number
///   that is not finite, or would not be in `weights`.
Draft with_weights(const Artifact& artifact, Weights weights);

}  // namespace ensue::artifact
