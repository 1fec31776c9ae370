// SPDX-License-Identifier: Apache-2.0
// The words of the file format that writer and reader share.
//
// A valid safetensors file: u64 length of the header (little endian), the
// header (JSON, padded with spaces), the tensors. `__metadata__` maps text to
// text; structured values are JSON inside it:
//   format "ensue", format_version, header_checksum (XXH3-64 of the length and
//   the header, these 16 digits as zeros), model, schema, training, data,
//   metrics, vocabularies {role: {tensor, bytes}}, item_table, checksums
//   {tensor: XXH3-64}.
// A matrix may be BF16, or I8 beside its rows' scales (weights.h).
// Tensors stand in falling alignment without holes; byte tensors last. Those
// that hold vocabularies come first among these: they are used as mapped, on
// 8 bytes, so their length is rounded up to 8 (`bytes` says the true one) and
// a byte tensor "padding" precedes them when it must.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "ensue/artifact/artifact.h"

namespace ensue::artifact {

inline constexpr int kFormatVersion = 2;  // the newest that is read
// What is written: 2 for a file with BF16 or I8 tensors, which older programs
// cannot read; everything else they can.
inline constexpr int kNarrowVersion = 2, kPlainVersion = 1;
inline constexpr std::size_t kTensorAlignment = 64, kVocabularyAlignment = 8;
inline constexpr std::size_t kMaxHeader = 100'000'000;  // as safetensors says
inline constexpr std::string_view kChecksumKey = "\"header_checksum\":\"";
inline constexpr std::string_view kNoChecksum = "0000000000000000";
inline constexpr std::string_view kPadding = "padding";
inline constexpr std::string_view kTablePrefix = "item_table.";
inline constexpr std::string_view kTableOffsetsPrefix = "item_table_offsets.";
inline constexpr std::string_view kVocabularyPrefix = "vocabulary.";

/// Which vocabulary holds the values of context column `place`.
inline std::string context_role(std::size_t place) {
  return "context." + std::to_string(place);
}

constexpr std::size_t round_up(std::size_t value, std::size_t to) {
  return (value + to - 1) / to * to;
}

/// Names that a description's tensors have.
bool is_reserved(std::string_view name);

std::optional<DType> dtype_named(std::string_view name);

/// Product of a shape; nullopt when negative or too large to be bytes.
std::optional<std::size_t> elements(const std::vector<std::int64_t>& shape);

/// "[2, 3]"
std::string show_shape(const std::vector<std::int64_t>& shape);

/// Checksum of the length and the header with the digits of its own checksum,
/// at `digits` in `head`, taken as zeros.
std::string header_checksum(std::string_view head, std::size_t digits);

}  // namespace ensue::artifact
