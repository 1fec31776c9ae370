// SPDX-License-Identifier: Apache-2.0
// From the columns of an item table to features.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/item_features.h"
#include "ensue/events/table.h"
#include "ensue/events/vocabulary.h"

namespace ensue::runtime {

/// How one column becomes features. Missing cells have none.
enum class ColumnKind {
  kCategory,  // one feature per value; a new value has none
  kText,      // counts of pieces of words, weighted, of length 1 together
  kNumber,    // sign(x) log(1 + |x|), mean 0 and deviation 1 in training
  kVector,    // text that holds numbers: mean 0 and deviation 1 / sqrt(size)
};
std::string_view name_of(ColumnKind kind);

/// sign(x) log(1 + |x|): prices and counts spread over decades.
float compressed(double number) noexcept;

/// The numbers in a cell such as "0.5 -1 2e-3" or "[0.5, -1, 2e-3]"; empty
/// when it holds anything else.
std::vector<float> numbers_in(std::string_view cell);

/// What training learnt of the columns. Immutable once made; thread-safe.
class ItemEncoder {
 public:
  struct Column {
    std::string name;
    ColumnKind kind = ColumnKind::kCategory;
    events::Vocabulary values;   // kCategory: values; kText: pieces
    std::vector<float> moments;  // kNumber, kVector: means, then deviations
    std::vector<float> rarity;   // weight per value or piece; empty: 1 each

    std::size_t features() const noexcept;
  };

  explicit ItemEncoder(std::vector<Column> columns);

  /// @param columns  Names as in ItemContentConfig.
  /// @param prefix   "inputs.0": where the block's tensors are.
  /// @throws Error(kCorrupt) naming the tensor.
  static ItemEncoder read(const artifact::Artifact& artifact,
                          const std::vector<std::string>& columns,
                          const std::string& prefix);
  void write(artifact::Draft& draft, const std::string& prefix) const;

  const std::vector<Column>& columns() const noexcept { return columns_; }
  /// Columns of encode()'s matrix.
  std::size_t features() const noexcept;

  /// One row per row of `table`.
  /// @throws Error(kInvalidArgument) when the table lacks a column.
  artifact::ItemFeatures encode(const events::Table& table) const;

  /// What items can be compared by: values and pieces alone, each weighted by
  /// its rarity, a row of length 1 (or empty) per row of `table`.
  /// @throws Error(kInvalidArgument) when the table lacks a column.
  artifact::ItemFeatures compare(const events::Table& table) const;

 private:
  std::vector<const events::Column*> cells_of(const events::Table& table) const;
  std::vector<Column> columns_;
};

/// "title:text" -> "title" and its kind; a name alone has none. A kind that
/// is none of category, text, number and vector belongs to the name.
struct NamedColumn {
  std::string name;
  bool has_kind = false;
  ColumnKind kind = ColumnKind::kCategory;
};
NamedColumn parse_column(const std::string& text);

}  // namespace ensue::runtime
