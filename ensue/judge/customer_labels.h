// SPDX-License-Identifier: Apache-2.0
// Labels of customers as a task declares them, at rolling cuts.
#pragma once

#include <span>
#include <vector>

#include "ensue/data/labels.h"
#include "ensue/events/log.h"
#include "ensue/tasks/customer_task.h"

namespace ensue::judge {

/// [task] beside tasks::CustomerTaskOptions: which instants are asked about.
struct CutOptions {
  int cuts = 8;        // instants to learn from, before the validation's
  int step_days = 30;  // between two of them
  std::string test_from = {};  // ISO 8601; empty: the last that has its horizon
  void visit(auto&& field) {
    field("cuts", cuts, "instants to learn from, at most");
    field("step_days", step_days, "days between two of them");
    field("test_from", test_from, "instant of the test; empty: the latest");
  }
};

/// Instants that are asked about. The horizon of every training instant ends
/// at the validation's instant or before, that one's at the test's: nothing
/// that is learnt from or chosen by lies behind the test's instant.
struct Cuts {
  std::vector<events::Millis> train;  // rising
  events::Millis validation{0}, test{0};
};

/// @throws Error(kInvalidArgument) when the log has no clock or spans too
///   little time for the horizon, saying what would fit.
Cuts choose_cuts(const events::Log& log, std::int64_t horizon_ms,
                 const CutOptions& options);

/// The same instants of a question that looks `horizon_ms` ahead and no longer,
/// and those that its answers are known of besides.
struct ShorterCuts {
  std::vector<events::Millis> train;       // known at the validation's instant
  std::vector<events::Millis> validation;  // only known at the test's
  std::vector<events::Millis> test;        // only known when the test's are
};

/// @param horizon_ms  of the question that the cuts were chosen for.
/// @param shorter_ms  less than that.
ShorterCuts shorter_cuts(const Cuts& cuts, std::int64_t horizon_ms,
                         std::int64_t shorter_ms, const CutOptions& options);

/// Everybody who is asked at these instants, with what came true.
/// @throws Error(kInvalidArgument) when nobody is, or all labels are equal.
data::LabelTable labels_at(const events::Log& log,
                           const tasks::CustomerLabel& task,
                           std::span<const events::Millis> instants);

}  // namespace ensue::judge
