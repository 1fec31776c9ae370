// SPDX-License-Identifier: Apache-2.0
// A model of whom a campaign changes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/runtime/uplift_model.h"
#include "ensue/tasks/response.h"
#include "ensue/tasks/row_model.h"

namespace ensue::tasks {

/// Which campaign, and what it is meant to bring.
struct Campaign {
  std::string task = "response";
  std::string treatment;         // the column that says who got what
  std::string treated, control;  // its two values that are compared
  std::string target;            // what came out
};

/// What ensue train --task response writes. Immutable, thread-safe.
class ResponseModel {
 public:
  /// Customers of the experiment that the model has not learnt from.
  struct Tested {
    std::vector<double> effects, outcomes;  // predicted, true
    std::vector<std::uint8_t> treated;
  };

  /// @throws Error(kCorrupt) when the artifact is no such model.
  explicit ResponseModel(std::shared_ptr<const artifact::Artifact> artifact);
  static bool is_one(const artifact::Description& about);
  /// What the constructor reads.
  static artifact::Draft draft(const runtime::UpliftModel& model,
                               const Campaign& campaign, const RowShape& shape,
                               const Tested& tested);

  const Campaign& campaign() const noexcept { return campaign_; }
  const RowShape& shape() const noexcept { return shape_; }
  const runtime::UpliftModel& uplift() const noexcept { return model_; }
  const artifact::Description& about() const noexcept {
    return artifact_->description();
  }

  /// A row each, in units of the target. @param rows  as shape() makes them.
  std::vector<double> effects(const events::Table& rows) const {
    return model_.effects(rows);
  }
  /// Whom to write to, and what that is worth: see tasks::plan_budget().
  BudgetPlan plan(const std::vector<double>& effects, std::size_t most) const;

 private:
  std::shared_ptr<const artifact::Artifact> artifact_;
  runtime::UpliftModel model_;
  Campaign campaign_;
  RowShape shape_;
  Tested tested_;
};

}  // namespace ensue::tasks
