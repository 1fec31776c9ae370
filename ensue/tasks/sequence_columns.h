// SPDX-License-Identifier: Apache-2.0
// What a sequence model says of a customer, as columns of a table.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/events/history.h"
#include "ensue/events/table.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/label_head.h"

namespace ensue::tasks {

/// "embedding_0", … : what reaches the heads of a sequence model after the
/// events before an instant; and, where it has a label head for the task,
/// "head" (of classes "head_0", …): that head's margins.
///
/// The model reads as many of the latest events as a sequence of its training
/// had (`max_length`), so an answer costs no more however long the history.
/// Immutable, thread-safe.
class SequenceColumns {
 public:
  /// @param from  what the ids of histories mean.
  /// @throws Error(kInvalidArgument) for a model that makes no embedding, and
  ///   for a context column that it reads and `from` does not have.
  SequenceColumns(std::shared_ptr<const runtime::Engine> engine,
                  std::string_view task, const runtime::HistoryNames& from);

  const std::vector<std::string>& names() const noexcept { return names_; }
  /// Of these, how many are the embedding; the rest is the head.
  std::size_t embedding() const noexcept { return engine_->width(); }
  const std::shared_ptr<const runtime::Engine>& engine() const noexcept {
    return engine_;
  }

  /// [names()] of a customer with these events, as of `at`: later events change
  /// nothing. Zeros where the model knows no event; some 2 us per event that is
  /// read.
  std::vector<double> values(const events::History& history,
                             events::Millis at) const;

 private:
  std::shared_ptr<const runtime::Engine> engine_;
  std::unique_ptr<const runtime::LabelHead> head_;
  runtime::Translation translation_;
  std::size_t events_;  // read at most
  std::vector<std::string> names_;
};

/// The columns that a model made, of several rows: [rows][names()].
void add_columns(const SequenceColumns& columns,
                 const std::vector<std::vector<double>>& rows,
                 events::Table& table);

}  // namespace ensue::tasks
