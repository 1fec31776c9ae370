// SPDX-License-Identifier: Apache-2.0
// One tensor of an artifact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ensue::artifact {

enum class DType { kF32, kF64, kI32, kI64, kU32, kU64, kU8, kBF16, kI8 };
std::string_view name_of(DType type);  // safetensors' word: "F32", …
std::size_t bytes_of(DType type);

template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::kF32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::kF64;
}
template <>
constexpr DType dtype_of<std::int32_t>() {
  return DType::kI32;
}
template <>
constexpr DType dtype_of<std::int64_t>() {
  return DType::kI64;
}
template <>
constexpr DType dtype_of<std::uint32_t>() {
  return DType::kU32;
}
template <>
constexpr DType dtype_of<std::uint64_t>() {
  return DType::kU64;
}
template <>
constexpr DType dtype_of<std::uint8_t>() {
  return DType::kU8;
}
template <>
constexpr DType dtype_of<std::int8_t>() {
  return DType::kI8;
}

/// A tensor where it lies in the file.
struct TensorView {
  DType type = DType::kF32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;

  /// @throws Error(kCorrupt) when T is not the stored type.
  template <class T>
  std::span<const T> as() const {
    expect(dtype_of<T>());
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

 private:
  void expect(DType wanted) const;
};

}  // namespace ensue::artifact
