// SPDX-License-Identifier: Apache-2.0
// A member of a table model: features in, margins out.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "ensue/artifact/artifact.h"
#include "ensue/runtime/feature_rows.h"

namespace ensue::runtime {

/// A margin is what comes before the link of the label: log-odds of a binary
/// label, log-probabilities up to a constant of classes, the number itself,
/// the logarithm of an expected count. Immutable, thread-safe.
class TableScorer {
 public:
  virtual ~TableScorer() = default;
  /// Its block: "table_linear", "table_trees", ….
  virtual std::string_view type() const noexcept = 0;
  virtual std::size_t width() const noexcept = 0;
  virtual std::size_t outputs() const noexcept = 0;
  /// @param rows  as wide as width().
  /// @param out   [rows, outputs()]. On several threads.
  virtual void margins(const FeatureRows& rows,
                       std::span<double> out) const = 0;
  /// Writes the tensors that read_scorer() reads.
  virtual void add_to(artifact::Draft& draft, std::size_t place) const = 0;
};

/// Head number `place` of an artifact. Copies what it needs.
/// @throws Error(kCorrupt) when a tensor is missing or does not fit.
std::unique_ptr<const TableScorer> read_scorer(
    const artifact::Artifact& artifact, std::size_t place);

/// body(row) for all rows, on several threads.
void each_row(const FeatureRows& rows,
              const std::function<void(std::size_t)>& body);

}  // namespace ensue::runtime
