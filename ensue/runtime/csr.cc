// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/internal/csr.h"

#include <string>

#include "ensue/base/error.h"

namespace ensue::runtime {

void check_rows(const Csr& rows, std::ptrdiff_t count, std::size_t limit,
                std::string_view where) {
  const auto require = [&](bool good, const std::string& what) {
    if (!good) throw Error(Code::kCorrupt, std::string(where) + ": " + what);
  };
  require(!rows.offsets.empty() && rows.offsets.front() == 0 &&
              rows.offsets.back() == rows.ids.size(),
          "offsets do not cover its ids");
  require(
      count < 0 || rows.rows() == static_cast<std::size_t>(count),
      std::to_string(rows.rows()) + " rows, expected " + std::to_string(count));
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    require(rows.offsets[row] <= rows.offsets[row + 1],
            "offsets fall at row " + std::to_string(row));
  }
  for (const std::uint32_t id : rows.ids) {
    require(id < limit, "id " + std::to_string(id) + " is not below " +
                            std::to_string(limit));
  }
}

}  // namespace ensue::runtime
