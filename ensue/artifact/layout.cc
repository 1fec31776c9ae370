// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/internal/layout.h"

#include <array>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"

namespace ensue::artifact {
namespace {

struct TypeInfo {
  DType type;
  std::string_view name;
  std::size_t bytes;
};

constexpr std::array<TypeInfo, 9> kTypes = {{{DType::kF32, "F32", 4},
                                             {DType::kF64, "F64", 8},
                                             {DType::kI32, "I32", 4},
                                             {DType::kI64, "I64", 8},
                                             {DType::kU32, "U32", 4},
                                             {DType::kU64, "U64", 8},
                                             {DType::kU8, "U8", 1},
                                             {DType::kBF16, "BF16", 2},
                                             {DType::kI8, "I8", 1}}};

}  // namespace

std::string_view name_of(DType type) {
  return kTypes[static_cast<std::size_t>(type)].name;
}

std::size_t bytes_of(DType type) {
  return kTypes[static_cast<std::size_t>(type)].bytes;
}

std::optional<DType> dtype_named(std::string_view name) {
  for (const TypeInfo& info : kTypes) {
    if (info.name == name) return info.type;
  }
  return std::nullopt;
}

bool is_reserved(std::string_view name) {
  return name == kPadding || name == "__metadata__" ||
         name.starts_with(kVocabularyPrefix) ||
         name.starts_with(kTablePrefix) ||
         name.starts_with(kTableOffsetsPrefix);
}

std::optional<std::size_t> elements(const std::vector<std::int64_t>& shape) {
  constexpr std::size_t kMost = std::size_t{1} << 60;
  std::size_t out = 1;
  for (const std::int64_t size : shape) {
    if (size < 0) return std::nullopt;
    const auto factor = static_cast<std::size_t>(size);
    if (factor != 0 && out > kMost / factor) return std::nullopt;
    out *= factor;
  }
  return out;
}

std::string show_shape(const std::vector<std::int64_t>& shape) {
  std::string out = "[";
  for (const std::int64_t size : shape) {
    out += (out.size() > 1 ? ", " : "") + std::to_string(size);
  }
  return out + "]";
}

std::string header_checksum(std::string_view head, std::size_t digits) {
  Checksum sum;
  const auto add = [&](std::string_view text) {
    sum.add(std::as_bytes(std::span(text)));
  };
  add(head.substr(0, digits));
  add(kNoChecksum);
  add(head.substr(digits + kNoChecksum.size()));
  return to_hex(sum.value());
}

std::string Artifact::tensor_name(std::string_view section, std::size_t place,
                                  std::string_view parameter) {
  return std::string(section) + "." + std::to_string(place) + "." +
         std::string(parameter);
}

}  // namespace ensue::artifact
