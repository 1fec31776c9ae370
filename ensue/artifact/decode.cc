// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/internal/decode.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "ensue/artifact/internal/layout.h"
#include "ensue/base/error.h"
#include "ensue/base/threads.h"

namespace ensue::artifact {
namespace {

constexpr std::size_t kNumbersAtOnce = std::size_t{1} << 18;

std::vector<float> from_bf16(const TensorView& tensor) {
  std::vector<float> out(tensor.bytes.size() / 2);
  parallel_for(out.size(), kNumbersAtOnce,
               [&](std::size_t begin, std::size_t end) {
                 for (std::size_t i = begin; i < end; ++i) {
                   std::uint16_t half = 0;
                   std::memcpy(&half, tensor.bytes.data() + 2 * i, 2);
                   out[i] = std::bit_cast<float>(std::uint32_t{half} << 16);
                 }
               });
  return out;
}

std::vector<float> from_int8(const TensorView& tensor,
                             std::span<const float> scales) {
  const auto codes = tensor.as<std::int8_t>();
  std::vector<float> out(codes.size());
  const std::size_t columns = static_cast<std::size_t>(tensor.shape[1]);
  const std::size_t grain = kNumbersAtOnce / std::max<std::size_t>(1, columns);
  parallel_for(
      scales.size(), grain + 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t r = begin; r < end; ++r) {
          for (std::size_t i = r * columns; i < (r + 1) * columns; ++i) {
            out[i] = static_cast<float>(codes[i]) * scales[r];
          }
        }
      });
  return out;
}

class Decoder {
 public:
  Decoder(Reader::Tensors& tensors, const std::string& where)
      : tensors_(tensors), where_(where) {}

  Decoded run() {
    std::vector<std::string> spent;
    for (auto& [name, tensor] : tensors_) {
      if (tensor.type == DType::kBF16) {
        put(tensor, from_bf16(tensor), Weights::kBf16);
      } else if (tensor.type == DType::kI8) {
        spent.push_back(name + std::string(kScaleSuffix));
        put(tensor, from_int8(tensor, scales_of(name, tensor)), Weights::kInt8);
      }
    }
    for (const std::string& name : spent) tensors_.erase(name);
    return std::move(out_);
  }

 private:
  [[noreturn]] void corrupt(const std::string& name,
                            const std::string& reason) const {
    throw Error(Code::kCorrupt, where_ + ": tensor " + name + ": " + reason);
  }
  void put(TensorView& tensor, std::vector<float> numbers, Weights weights) {
    out_.numbers.push_back(std::move(numbers));
    out_.weights = std::max(out_.weights, weights);
    tensor.type = DType::kF32;
    tensor.bytes = std::as_bytes(std::span(out_.numbers.back()));
  }
  std::span<const float> scales_of(const std::string& name,
                                   const TensorView& tensor) const {
    if (tensor.shape.size() != 2) {
      corrupt(name, "I8" + show_shape(tensor.shape) + ", expected a matrix");
    }
    const auto found = tensors_.find(name + std::string(kScaleSuffix));
    if (found == tensors_.end()) corrupt(name, "I8 without its scale");
    const TensorView& scale = found->second;
    const std::vector<std::int64_t> rows = {tensor.shape[0]};
    if (scale.type != DType::kF32 || scale.shape != rows) {
      corrupt(found->first, std::string(name_of(scale.type)) +
                                show_shape(scale.shape) + ", expected F32" +
                                show_shape(rows));
    }
    const auto scales = scale.as<float>();
    for (std::size_t r = 0; r < scales.size(); ++r) {
      // 128 is the largest that a code can be.
      if (scales[r] >= 0 && std::isfinite(128 * scales[r])) continue;
      corrupt(found->first, "row " + std::to_string(r) + " is " +
                                std::to_string(scales[r]) +
                                ", expected a step of 0 or more");
    }
    return scales;
  }

  Reader::Tensors& tensors_;
  const std::string& where_;
  Decoded out_;
};

}  // namespace

Decoded decode(Reader::Tensors& tensors, const std::string& where) {
  return Decoder(tensors, where).run();
}

}  // namespace ensue::artifact
