// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/customers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/features/defaults.h"
#include "ensue/tasks/customer_model.h"
#include "ensue/train/asked_tables.h"
#include "ensue/train/candidates.h"

namespace ensue::train {
namespace {

tasks::CustomerTaskOptions with_action(const CustomersInput& input) {
  tasks::CustomerTaskOptions out = input.asked;
  if (out.action.empty()) out.action = features::main_action(input.log);
  return out;
}

// What comes within a third of the horizon; none of what is no yes or no, or
// where that is too short or the same for everybody.
std::optional<AskedTables> shorter_tables(
    const CustomersInput& input, const tasks::CustomerTaskOptions& asked,
    const judge::Cuts& cuts) {
  tasks::CustomerTaskOptions shorter = asked;
  shorter.horizon_days = asked.horizon_days / 3;
  if (shorter.horizon_days < 1) return std::nullopt;
  const tasks::CustomerLabel task(shorter, features::names_of(input.log),
                                  input.log.item_names());
  if (task.task().kind != runtime::TableLabel::kBinary) return std::nullopt;
  const auto at = judge::shorter_cuts(
      cuts, std::int64_t{asked.horizon_days} * events::kDayMs,
      task.horizon_ms(), input.cuts);
  try {
    return AskedTables{judge::labels_at(input.log, task, at.train),
                       judge::labels_at(input.log, task, at.validation),
                       judge::labels_at(input.log, task, at.test)};
  } catch (const Error&) {
    return std::nullopt;  // all labels are equal
  }
}

}  // namespace

CustomersResult fit_customers(const CustomersInput& input) {
  const tasks::CustomerTaskOptions asked = with_action(input);
  const tasks::CustomerLabel task(asked, features::names_of(input.log),
                                  input.log.item_names());
  CustomersResult out{
      .draft = artifact::Draft({}),
      .cuts = judge::choose_cuts(input.log, task.horizon_ms(), input.cuts)};
  const auto definitions =
      features::default_definitions(input.log, {.until = out.cuts.validation});
  const AskedTables tables = {
      judge::labels_at(input.log, task, out.cuts.train),
      judge::labels_at(input.log, task, {&out.cuts.validation, 1}),
      judge::labels_at(input.log, task, {&out.cuts.test, 1})};
  const AskedSequence sequence{asked.name, out.cuts.validation, input.sequence};
  const bool asks_shorter =
      std::ranges::any_of(input.contest.models, wants_shorter);
  const auto shorter =
      asks_shorter ? shorter_tables(input, asked, out.cuts) : std::nullopt;
  AskedResult fitted = fit_asked({.log = input.log,
                                  .tables = tables,
                                  .definitions = definitions,
                                  .aim = asked.action,
                                  .contest = input.contest,
                                  .sequence = &sequence,
                                  .shorter = shorter ? &*shorter : nullptr,
                                  .progress = input.progress});
  out.draft = std::move(fitted.contest.draft);
  out.kind = fitted.contest.kind;
  out.best = std::move(fitted.contest.best);
  out.models = std::move(fitted.contest.models);
  out.refitted = std::move(fitted.contest.refitted);
  out.baselines = std::move(fitted.baselines);
  out.leaks = std::move(fitted.leaks);
  out.train_rows = tables.train.size();
  out.validation_rows = tables.validation.size();
  out.test_rows = tables.test.size();
  artifact::Description& about = out.draft.description();
  about.data["until_ms"] =
      count(out.cuts.test) +
      (input.contest.refit == "all" ? task.horizon_ms() : 0);
  tasks::CustomerModel::describe(out.draft, asked, definitions);
  if (!fitted.sequence.empty()) {
    tasks::CustomerModel::add_sequence(out.draft, fitted.sequence);
  }
  return out;
}

}  // namespace ensue::train
