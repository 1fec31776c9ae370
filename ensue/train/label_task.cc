// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/label_task.h"

#include <utility>

#include "ensue/base/error.h"
#include "ensue/features/defaults.h"
#include "ensue/tasks/customer_model.h"
#include "ensue/train/row_task.h"

namespace ensue::train {

LabelTaskResult fit_labels(const LabelTaskInput& input) {
  check_task_name(input.name);
  if (input.horizon_days < 0 || input.horizon_days > 36'500) {
    invalid("task.horizon_days: " + std::to_string(input.horizon_days) +
            ", expected 0 to 36500");
  }
  const std::int64_t horizon_ms = input.horizon_days * events::kDayMs;
  judge::LabelSplit split =
      judge::split_labels(input.labels, horizon_ms, input.shares, input.known);
  auto definitions = features::default_definitions(
      input.log, {.until = split.validation_from});
  definitions.insert(definitions.end(), input.more.begin(), input.more.end());
  const std::string aim =
      input.action.empty()
          ? features::main_action(input.log, split.validation_from)
          : input.action;
  const AskedTables tables = {split.train, split.validation, split.test};
  LabelTaskResult out{fit_asked({.log = input.log,
                                 .tables = tables,
                                 .definitions = definitions,
                                 .aim = aim,
                                 .contest = input.contest,
                                 .progress = input.progress}),
                      std::move(split)};
  artifact::Draft& draft = out.fitted.contest.draft;
  draft.description().data["until_ms"] = count(out.split.test_from);
  tasks::CustomerTaskOptions asked;
  asked.name = input.name;
  asked.horizon_days = input.horizon_days;
  asked.action = aim;
  tasks::CustomerModel::describe(draft, asked, definitions, input.question);
  return out;
}

}  // namespace ensue::train
