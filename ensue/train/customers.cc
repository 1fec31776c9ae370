// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/customers.h"

#include <utility>

#include "ensue/features/defaults.h"
#include "ensue/tasks/customer_model.h"
#include "ensue/train/asked_tables.h"

namespace ensue::train {
namespace {

tasks::CustomerTaskOptions with_action(const CustomersInput& input) {
  tasks::CustomerTaskOptions out = input.asked;
  if (out.action.empty()) out.action = features::main_action(input.log);
  return out;
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
  AskedResult fitted =
      fit_asked({.log = input.log,
                 .tables = tables,
                 .definitions = definitions,
                 .aim = asked.action,
                 .contest = {.models = input.models, .table = input.table},
                 .sequence = &sequence,
                 .progress = input.progress});
  out.draft = std::move(fitted.contest.draft);
  out.kind = fitted.contest.kind;
  out.best = std::move(fitted.contest.best);
  out.models = std::move(fitted.contest.models);
  out.baselines = std::move(fitted.baselines);
  out.leaks = std::move(fitted.leaks);
  out.train_rows = tables.train.size();
  out.validation_rows = tables.validation.size();
  out.test_rows = tables.test.size();
  artifact::Description& about = out.draft.description();
  about.data["until_ms"] = count(out.cuts.validation) + task.horizon_ms();
  tasks::CustomerModel::describe(out.draft, asked, definitions);
  if (!fitted.sequence.empty()) {
    tasks::CustomerModel::add_sequence(out.draft, fitted.sequence);
  }
  return out;
}

}  // namespace ensue::train
