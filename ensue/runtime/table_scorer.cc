// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/table_scorer.h"

#include <string>

#include "ensue/base/error.h"
#include "ensue/base/threads.h"
#include "ensue/runtime/dense_scorer.h"
#include "ensue/runtime/linear_scorer.h"
#include "ensue/runtime/neighbours_scorer.h"
#include "ensue/runtime/trees.h"

namespace ensue::runtime {

std::unique_ptr<const TableScorer> read_scorer(
    const artifact::Artifact& artifact, std::size_t place) {
  const std::string& type = artifact.description().model.heads.at(place).type;
  if (type == "table_linear") return LinearScorer::read(artifact, place);
  if (type == "table_trees") return Trees::read(artifact, place);
  if (type == "table_dense") return DenseScorer::read(artifact, place);
  if (type == "table_neighbours") {
    return NeighboursScorer::read(artifact, place);
  }
  throw Error(Code::kCorrupt,
              "head '" + type + "' is no member of a table model");
}

void each_row(const FeatureRows& rows,
              const std::function<void(std::size_t)>& body) {
  parallel_for(rows.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) body(row);
  });
}

}  // namespace ensue::runtime
