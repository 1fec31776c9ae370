// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/weights.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/internal/decode.h"
#include "ensue/artifact/internal/layout.h"
#include "ensue/base/error.h"

namespace ensue::artifact {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"fp32", "bf16", "int8"};
constexpr float kMostCode = 127;

[[noreturn]] void no_number(const std::string& name, std::size_t row,
                            Weights weights) {
  invalid("tensor " + name + ": row " + std::to_string(row) +
          " holds what is no finite number in " +
          std::string(name_of(weights)));
}

std::uint16_t to_bf16(float number) {
  const auto bits = std::bit_cast<std::uint32_t>(number);
  return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

void add_bf16(Draft& draft, const std::string& name, const TensorView& tensor) {
  const auto numbers = tensor.as<float>();
  const auto columns = static_cast<std::size_t>(tensor.shape[1]);
  constexpr std::uint16_t kExponent = 0x7F80;  // all ones: no finite number
  std::vector<std::uint16_t> halves;
  halves.reserve(numbers.size());
  for (const float number : numbers) {
    const std::uint16_t half = to_bf16(number);
    if (!std::isfinite(number) || (half & kExponent) == kExponent) {
      no_number(name, halves.size() / columns, Weights::kBf16);
    }
    halves.push_back(half);
  }
  draft.add_bytes(name, DType::kBF16, tensor.shape,
                  std::as_bytes(std::span(halves)));
}

// The step of a row; 0 for zeros, and for numbers too small to have one.
float step_of(std::span<const float> row) {
  float peak = 0;
  for (const float number : row) {
    if (!std::isfinite(number)) return number;
    peak = std::max(peak, std::abs(number));
  }
  // Where steps would lose their own precision there are none.
  constexpr float kLeast = 128 * std::numeric_limits<float>::min();
  return peak < kLeast ? 0 : peak / kMostCode;
}

void add_int8(Draft& draft, const std::string& name, const TensorView& tensor) {
  const auto numbers = tensor.as<float>();
  const auto rows = static_cast<std::size_t>(tensor.shape[0]);
  const auto columns = static_cast<std::size_t>(tensor.shape[1]);
  std::vector<std::int8_t> codes(numbers.size());
  std::vector<float> steps(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto row = numbers.subspan(r * columns, columns);
    steps[r] = step_of(row);
    if (!std::isfinite(128 * steps[r])) no_number(name, r, Weights::kInt8);
    if (steps[r] == 0) continue;
    for (std::size_t c = 0; c < columns; ++c) {
      const float code = std::nearbyint(row[c] / steps[r]);
      codes[r * columns + c] =
          static_cast<std::int8_t>(std::clamp(code, -kMostCode, kMostCode));
    }
  }
  draft.add<std::int8_t>(name, tensor.shape, codes);
  draft.add<float>(name + std::string(kScaleSuffix), {tensor.shape[0]}, steps);
}

bool is_matrix(const TensorView& tensor) {
  return tensor.type == DType::kF32 && tensor.shape.size() == 2 &&
         tensor.shape[1] >= static_cast<std::int64_t>(kShortestRow);
}

bool is_blend(const Description& about) {
  return !about.model.heads.empty() && about.model.heads[0].type == "blend";
}

}  // namespace

std::string_view name_of(Weights weights) {
  return kNames[static_cast<std::size_t>(weights)];
}

Weights weights_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    invalid("weights: '" + std::string(name) +
            "', expected fp32, bf16 or int8");
  }
  return static_cast<Weights>(found - kNames.begin());
}

Draft with_weights(const Artifact& artifact, Weights weights) {
  const bool blend = is_blend(artifact.description());
  Draft out(artifact.description());
  for (const std::string& name : artifact.tensor_names()) {
    if (is_reserved(name)) continue;
    const TensorView& tensor = artifact.tensor(name);
    if (blend && name.starts_with("heads.0.members.")) {
      const auto member = Artifact::from_bytes(
          {tensor.bytes.begin(), tensor.bytes.end()}, name);
      const auto bytes = with_weights(*member, weights).bytes();
      out.add_bytes(name, DType::kU8, {static_cast<std::int64_t>(bytes.size())},
                    bytes);
    } else if (weights == Weights::kBf16 && is_matrix(tensor)) {
      add_bf16(out, name, tensor);
    } else if (weights == Weights::kInt8 && is_matrix(tensor)) {
      add_int8(out, name, tensor);
    } else {
      out.add_bytes(name, tensor.type, tensor.shape, tensor.bytes);
    }
  }
  return out;
}

}  // namespace ensue::artifact
