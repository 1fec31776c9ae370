// SPDX-License-Identifier: Apache-2.0
// Named context columns of a log as a model reads them.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/block_configs.h"
#include "ensue/nn/block.h"
#include "ensue/train/corpus.h"

namespace ensue::train {

/// One column, read event by event: values get codes as they come up, numbers
/// are counted for their scale. A log's number becomes a value by its text, and
/// a log's value a number, where the model asks for it.
class ContextReading {
 public:
  /// @param place  of the log's column, which must outlive it.
  ContextReading(const events::ContextColumn& from, std::size_t place,
                 events::ContextKind kind);

  /// The column of a row of the log.
  /// @throws Error(kInvalidArgument) for a value that is no number though
  ///   numbers were asked for, and for a number too large to be a value.
  events::Cell read(std::span<const events::Cell> row);

  events::ContextColumn column() const;
  /// Of the numbers so far; deviation 1 where all are one.
  artifact::NumberScale scale() const;

 private:
  events::Cell read_value(events::Cell cell);
  events::Cell read_number(events::Cell cell);

  const events::ContextColumn* from_;
  std::size_t place_;
  events::ContextKind kind_;
  std::unordered_map<std::uint32_t, std::uint32_t>
      codes_;  // log's bits -> ours
  std::vector<std::string> values_;
  std::size_t count_ = 0;
  double mean_ = 0, squares_ = 0;  // squares around the mean
};

/// Readings of the named columns, each NAME or NAME:KIND with KIND category or
/// number; without it the log's own.
/// @throws Error(kInvalidArgument) naming a column that the log does not have,
///   with those that it has, or one that is named twice.
std::vector<ContextReading> context_readings(
    const std::vector<events::ContextColumn>& log,
    const std::vector<std::string>& named);

/// The columns that a model's inputs name.
std::vector<std::string> context_of(const artifact::ModelSpec& model);

std::vector<nn::ContextSize> context_sizes(const Corpus& corpus);

/// For every parameter of `model` that holds values of a column: the row of
/// each in `base`, -1 where it does not know the value.
/// @throws Error(kInvalidArgument) where `base` has another column in the place
///   of one of the model's.
std::map<std::string, std::vector<std::int64_t>> known_values(
    const artifact::ModelSpec& model, const Corpus& corpus,
    const artifact::Artifact& base);

}  // namespace ensue::train
