// SPDX-License-Identifier: Apache-2.0
// Rows of ids of different lengths, as they lie in an artifact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ensue::runtime {

/// Row i is ids[offsets[i], offsets[i + 1]). A view.
struct Csr {
  std::span<const std::uint64_t> offsets;  // [rows + 1]
  std::span<const std::uint32_t> ids;

  std::size_t rows() const noexcept { return offsets.size() - 1; }
  std::span<const std::uint32_t> operator[](std::size_t row) const noexcept {
    return ids.subspan(offsets[row], offsets[row + 1] - offsets[row]);
  }
};

/// @throws Error(kCorrupt) naming `where` unless there are `rows` rows (any
///   number if negative), offsets rise from 0 to the number of ids, and every
///   id is below `limit`.
void check_rows(const Csr& rows, std::ptrdiff_t count, std::size_t limit,
                std::string_view where);

}  // namespace ensue::runtime
