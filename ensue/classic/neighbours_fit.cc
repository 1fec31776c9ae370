// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/classic/internal/member_fit.h"
#include "ensue/runtime/neighbours_scorer.h"

namespace ensue::classic {
namespace {

constexpr std::size_t kWidest = 1024;  // features of a row that is kept

}  // namespace

Fitted fit_neighbours(const MemberTask& task) {
  const std::size_t count = task.train.y.size();
  if (task.options.neighbours < 1) {
    invalid("neighbours: " + std::to_string(task.options.neighbours) +
            ", expected 1 or more");
  }
  if (task.train.x.width > kWidest) {
    invalid("neighbours: " + std::to_string(task.train.x.width) +
            " features, at most " + std::to_string(kWidest) +
            "; take principal components");
  }
  runtime::NeighbourTables tables;
  tables.k = std::min(static_cast<std::size_t>(task.options.neighbours), count);
  tables.kind = task.kind == Label::kNumber  ? runtime::NeighbourLabel::kMean
                : task.kind == Label::kCount ? runtime::NeighbourLabel::kLogMean
                                             : runtime::NeighbourLabel::kShares;
  tables.width = task.train.x.width;
  tables.rows = task.train.x.dense();
  tables.labels.assign(task.train.y.begin(), task.train.y.end());
  std::vector<double> sums(task.outputs);
  for (const double y : task.train.y) {
    if (task.kind == Label::kClass) {
      sums[static_cast<std::size_t>(y)] += 1;
    } else {
      sums[0] += y;
    }
  }
  for (const double sum : sums) {
    tables.prior.push_back(
        static_cast<float>(sum / static_cast<double>(count)));
  }
  return {std::make_unique<runtime::NeighboursScorer>(std::move(tables))};
}

}  // namespace ensue::classic
