// SPDX-License-Identifier: Apache-2.0
// ensue train --task NAME --task.table FILE --task.target COLUMN
#include <cstdio>

#include "apps/ensue/contest_text.h"
#include "apps/ensue/labels.h"
#include "apps/ensue/rows.h"
#include "apps/ensue/terminal.h"
#include "ensue/data/read_table.h"
#include "ensue/tasks/row_model.h"
#include "ensue/train/row_task.h"

namespace ensue::apps {
namespace {

constexpr int kLeaky = 2;

struct RowSettings {
  train::RowTaskOptions asked;
  judge::ShareOptions shares;
  classic::ContestOptions contest;
  void visit(auto&& field) {
    asked.visit(field);
    shares.visit(field);
    contest.visit(field);
  }
};

int train_rows(const Settings& settings) {
  RowSettings task;
  read_task(task, settings);
  check_free_name(task.asked.name);
  const events::Table rows = data::read_table(task.asked.table);
  train::RowTaskInput input{.rows = rows,
                            .asked = task.asked,
                            .shares = task.shares,
                            .contest = task.contest};
  settings.read(input.contest.table, "table");
  const train::RowTaskResult result = train::fit_rows(input);
  std::printf("%s\n%s rows cut %s\n\n%s",
              styled(Style::kBold, "what will '" + task.asked.target +
                                       "' be, by the other columns?")
                  .c_str(),
              grouped(rows.rows()).c_str(), result.split.description.c_str(),
              contest_text(result.contest.kind, result.contest.best,
                           result.contest.models, result.contest.refitted,
                           {result.constant})
                  .c_str());
  if (!result.leaks.empty()) {
    std::printf(
        "%s", leaks_text(result.leaks, "; to leave it out: --task.drop COLUMN")
                  .c_str());
    return kLeaky;
  }
  const auto path = task_model_path(task.asked.name);
  std::filesystem::create_directories(path.parent_path());
  result.contest.draft.write(path);
  std::printf("\n%s: ask it with: ensue predict %s --rows FILE --out FILE\n",
              path.c_str(), task.asked.name.c_str());
  return 0;
}

}  // namespace

TaskCommand rows_command() {
  return {
      .name = "rows",
      .fields = describe_fields<RowSettings>,
      .trains =
          [](const Settings& settings) { return asks_by(settings, "table"); },
      .train = train_rows,
      .holds = tasks::RowModel::is_one,
      .predict = predict_rows,
      .explain = explain_rows};
}

}  // namespace ensue::apps
