// SPDX-License-Identifier: Apache-2.0
// A model that answers one question about rows which are no events: sessions,
// reviews, forms.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/json.h"
#include "ensue/events/table.h"
#include "ensue/runtime/table_model.h"

namespace ensue::tasks {

/// What the rows of a question look like.
struct RowShape {
  struct Column {
    std::string name;
    bool text = false;
  };
  std::vector<Column> columns;       // that are read
  std::vector<std::string> ignored;  // that may stand there: target, dropped

  /// Rows of a file as the model reads them: its columns in order. Whole empty
  /// columns and numbers in columns of text are taken as what they should be.
  /// @param source  names the rows in errors.
  /// @throws Error(kInvalidArgument) naming an unknown or a missing column, or
  ///   the row of a text where a number is expected.
  events::Table check(const events::Table& rows,
                      const std::string& source) const;
  /// Rows as JSON objects; null is a missing cell.
  /// @throws Error(kInvalidArgument) likewise, "body.rows[3].price: …".
  events::Table read(std::span<const JsonObject> rows,
                     const std::string& where) const;

  /// As artifacts carry it, under a name of their training.
  JsonObject json() const;
  /// @throws Error(kCorrupt).
  static RowShape of_json(const JsonObject& training, const char* name);
};

/// What ensue train --task NAME --task.table writes. Immutable, thread-safe.
class RowModel {
 public:
  /// @throws what Artifact::load throws; Error(kCorrupt) when the artifact is
  ///   no such model.
  explicit RowModel(std::shared_ptr<const artifact::Artifact> artifact);
  static std::shared_ptr<const RowModel> load(const std::string& path);
  static bool is_one(const artifact::Description& about);
  /// Says in the draft of a table model what it is asked.
  static void describe(artifact::Draft& draft, const std::string& task,
                       const std::string& target, const RowShape& shape);

  const artifact::Description& about() const noexcept {
    return artifact_->description();
  }
  const std::string& task() const noexcept { return task_; }
  const std::string& target() const noexcept { return target_; }
  const RowShape& shape() const noexcept { return shape_; }
  const runtime::TableModel& table() const noexcept { return table_; }

 private:
  std::shared_ptr<const artifact::Artifact> artifact_;
  runtime::TableModel table_;
  std::string task_, target_;
  RowShape shape_;
};

/// {"answer": …} as people and programs read it; of classes the most probable
/// one and "probabilities". @param outputs  one row of TableModel::predict().
JsonObject answer_json(const runtime::TableModel& table,
                       std::span<const double> outputs);
/// The same as columns: "predicted", of classes also "p CLASS" each.
/// @param outputs  [rows, outputs].
events::Table answer_columns(const runtime::TableModel& table,
                             std::span<const double> outputs);

}  // namespace ensue::tasks
