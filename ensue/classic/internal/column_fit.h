// SPDX-License-Identifier: Apache-2.0
// What columns teach: scales, categories, label means, terms, components.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ensue/classic/table_fit.h"
#include "ensue/runtime/feature_rows.h"
#include "ensue/runtime/table_columns.h"

namespace ensue::classic {

/// What a member does with features, when nobody says how to make them.
enum class FeatureUse {
  kSplit,     // compares each with a cut: numbers raw, missing ones missing
  kWeighed,   // sums: numbers scaled and binned
  kMeasured,  // takes distances: numbers scaled
};

/// Columns learnt on training rows, and those rows prepared. Label means
/// (target encoding) of a training row come from the other folds, so that a
/// row does not see its own label; later rows get the means of all.
struct FittedColumns {
  runtime::TableColumns columns;
  runtime::FeatureRows rows;
};

FittedColumns fit_columns(const events::Table& train, const TableLabels& labels,
                          const TableFitOptions& options, FeatureUse use);

/// The `count` directions of largest variance (principal component analysis)
/// of sparse rows that are not centred first, by orthogonal iteration; each
/// has its largest entry above 0.
runtime::Principal principal_components(const runtime::FeatureRows& rows,
                                        std::size_t count, std::uint64_t seed);

/// Rows [chosen] of a table, and of labels.
events::Table rows_of(const events::Table& table,
                      std::span<const std::size_t> chosen);
TableLabels rows_of(const TableLabels& labels,
                    std::span<const std::size_t> chosen);

/// A part in [0, folds) for every row, the parts of equal size to 1, shares
/// of classes and of the 0s and 1s alike.
std::vector<int> fold_of_rows(const TableLabels& labels, int folds,
                              std::uint64_t seed);

}  // namespace ensue::classic
