// SPDX-License-Identifier: Apache-2.0
// The head label: answers to questions about a user at an instant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/runtime/engine.h"
#include "ensue/runtime/table_model.h"

namespace ensue::runtime {

/// Answers from a label head of an engine's artifact, which must outlive it.
/// Immutable, thread-safe.
class LabelHead {
 public:
  /// Null when the model has no head for the task.
  /// @throws Error(kCorrupt) when a tensor's shape does not fit.
  static std::unique_ptr<const LabelHead> of(const Engine& engine,
                                             std::string_view task);
  ~LabelHead();

  TableLabel kind() const noexcept;
  std::size_t outputs() const noexcept;

  /// Margins, which the kind's link makes an answer of (TableLabel).
  /// @param gap_ms  from the user's last event to the instant that is asked
  ///   about.
  /// @param out  [outputs()].
  void margins(const State& state, std::int64_t gap_ms,
               std::span<double> out) const;

 private:
  struct Impl;
  explicit LabelHead(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

/// The tasks that an artifact's label heads answer.
std::vector<std::string> label_tasks(const artifact::Description& about);

}  // namespace ensue::runtime
