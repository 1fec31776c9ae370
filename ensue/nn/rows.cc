// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/internal/rows.h"

#include <cstdint>
#include <vector>

#include "ensue/kernels/train_rows.h"
#include "ensue/nn/internal/parallel.h"

namespace ensue::nn {

void add_rows(Parameter& table, std::span<const RowTerm> terms) {
  const std::size_t width = table.row_size();
  // A term costs about as much as 16 multiply-adds more, for its cache miss.
  const auto workers =
      static_cast<std::uint32_t>(workers_for(terms.size() * (width + 16)));
  std::vector<std::vector<std::uint32_t>> fresh(workers);
  at::parallel_for(0, workers, 1, [&](std::int64_t begin, std::int64_t end) {
    auto& mine = fresh[static_cast<std::size_t>(begin)];
    for (const RowTerm& term : terms) {
      const auto owner = static_cast<std::uint32_t>(term.row) % workers;
      if (owner < begin || owner >= end) continue;
      const auto row = static_cast<std::size_t>(term.row);
      float* to = table.slope() + row * width;
      kernels::add_scaled(term.from, term.scale, to, width);
      if (table.by_row && table.marks.mark_only(row)) {
        mine.push_back(static_cast<std::uint32_t>(row));
      }
    }
  });
  for (const auto& rows : fresh) table.marks.add_fresh(rows);
}

}  // namespace ensue::nn
