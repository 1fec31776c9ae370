// SPDX-License-Identifier: Apache-2.0
// A model that answers from rows of named columns.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/table.h"
#include "ensue/runtime/calibration.h"
#include "ensue/runtime/table_columns.h"
#include "ensue/runtime/table_scorer.h"

namespace ensue::runtime {

/// What an answer is, and the link from margins to it.
enum class TableLabel {
  kBinary,  // a probability: logistic(margin)
  kClass,   // probabilities of classes: softmax(margins)
  kNumber,  // the margin
  kCount,   // an expected count: exp(margin)
};
std::string_view name_of(TableLabel label);
/// @throws Error(kInvalidArgument) listing the known ones.
TableLabel table_label(std::string_view name);

/// Margins of several members, summed with their weights; the link; the
/// calibration. Fitted by classic/table_fit.h. Immutable, thread-safe.
class TableModel {
 public:
  struct Member {
    TableColumns columns;
    std::unique_ptr<const TableScorer> scorer;
    double weight = 1;
    std::string origin = {};  // how it was fitted: carried, not read
  };

  /// @throws Error(kNotFound), Error(kCorrupt).
  static std::shared_ptr<const TableModel> load(const std::string& path);
  /// @throws Error(kCorrupt) when it holds no table model or parts of it do
  ///   not fit together.
  explicit TableModel(std::shared_ptr<const artifact::Artifact> artifact);
  /// From parts: what training does before it writes them.
  TableModel(TableLabel label, std::vector<std::string> classes,
             std::vector<Member> members, Calibration calibration);

  TableLabel label() const noexcept { return label_; }
  /// 1 for binary, number and count; classes otherwise.
  std::size_t outputs() const noexcept;
  const std::vector<std::string>& classes() const noexcept { return classes_; }
  std::span<const Member> members() const noexcept { return members_; }
  /// Out of a model that is no longer needed.
  std::vector<Member> take_members() && { return std::move(members_); }
  const Calibration& calibration() const noexcept { return calibration_; }

  /// [rows, outputs]: calibrated probabilities, or numbers. Columns are found
  /// by name; one row costs some ten microseconds, many are shared out over
  /// the threads. @throws Error(kInvalidArgument) as TableColumns::prepare.
  std::vector<double> predict(const events::Table& rows) const;
  /// [rows, outputs]: before link and calibration.
  std::vector<double> margins(const events::Table& rows) const;
  /// Margins [rows, outputs] become answers, in place.
  void answer(std::span<double> margins) const noexcept;

  /// All of it, as blocks and tensors of an artifact that the constructor
  /// reads. `draft` has no heads yet.
  void add_to(artifact::Draft& draft) const;

 private:
  TableLabel label_ = TableLabel::kBinary;
  std::vector<std::string> classes_;
  std::vector<Member> members_;
  Calibration calibration_;
};

}  // namespace ensue::runtime
