// SPDX-License-Identifier: Apache-2.0
// A model that answers one question about a customer at an instant.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/history.h"
#include "ensue/features/live.h"
#include "ensue/runtime/table_model.h"
#include "ensue/tasks/customer_task.h"
#include "ensue/tasks/sequence_columns.h"

namespace ensue::tasks {

/// A table model over as-of features, and the question that it was fitted for:
/// what `ensue train --task` writes and the server answers /v1/predict/TASK
/// with. A sequence model may lie inside, whose columns (sequence_columns.h)
/// then stand behind the features. Immutable, thread-safe.
class CustomerModel {
 public:
  /// @throws what Artifact::load throws; Error(kCorrupt) when the artifact is
  ///   no such model.
  static std::shared_ptr<const CustomerModel> load(const std::string& path);
  explicit CustomerModel(std::shared_ptr<const artifact::Artifact> artifact);
  CustomerModel(const CustomerModel&) = delete;  // task() looks into it

  /// Whether an artifact holds one.
  static bool is_one(const artifact::Description& about);
  /// Says in the draft of a table model what its columns are made of.
  /// @param question  of a name that is none of customer_tasks(), such as a
  ///   label table's; its horizon_days may be 0: nobody said.
  static void describe(artifact::Draft& draft, const CustomerTaskOptions& asked,
                       std::span<const features::Definition> definitions,
                       const std::string& question = "");

  /// Puts a sequence model's artifact into the draft.
  static void add_sequence(artifact::Draft& draft,
                           std::span<const std::byte> sequence);

  const artifact::Description& about() const noexcept {
    return artifact_->description();
  }
  const CustomerTaskOptions& asked() const noexcept { return asked_; }
  const CustomerTask& task() const noexcept { return task_; }
  const runtime::TableModel& table() const noexcept { return table_; }
  /// Why a customer with these events is not asked as of `at`; "" when asked.
  std::string not_asked(const events::History& history,
                        events::Millis at) const;
  std::span<const features::Definition> definitions() const noexcept {
    return definitions_;
  }

  /// What the sequence model inside says; null: there is none.
  const SequenceColumns* sequence() const noexcept { return sequence_.get(); }

  /// The features of a customer, as the model reads them: one row.
  events::Table features(const events::History& history,
                         events::Millis at) const;
  /// [outputs()] of a customer with these events (ids as of about(); an item
  /// that it does not know has an id behind those it does), as of `at`: later
  /// events change nothing. Some 20 us for 100 events and 100 features.
  std::vector<double> answer(const events::History& history,
                             events::Millis at) const;

 private:
  std::shared_ptr<const artifact::Artifact> artifact_;
  runtime::TableModel table_;
  CustomerTaskOptions asked_;
  std::string question_;  // of its own
  CustomerTask task_;
  std::vector<features::Definition> definitions_;
  std::unique_ptr<const features::Live> live_;
  std::unique_ptr<const SequenceColumns> sequence_;
};

}  // namespace ensue::tasks
