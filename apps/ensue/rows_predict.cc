// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "apps/ensue/answers_text.h"
#include "apps/ensue/rows.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/data/export.h"
#include "ensue/data/read_table.h"
#include "ensue/tasks/row_model.h"

namespace ensue::apps {
namespace {

constexpr std::size_t kShown = 10;

// The rows as they came, their answers behind them.
events::Table with_answers(events::Table rows, const events::Table& answers,
                           const std::string& file) {
  for (const events::Column& column : answers.columns) {
    if (rows.find(column.name) != nullptr) {
      invalid(file + ": column '" + column.name +
              "' is the name of an answer; rename it");
    }
    rows.columns.push_back(column);
  }
  return rows;
}

}  // namespace

int predict_rows(const TaskQuestion& question, const Settings&) {
  if (question.rows.empty()) {
    invalid("predict " + question.task +
            ": expected --rows FILE, a table as it was trained on");
  }
  const auto model = tasks::RowModel::load(question.model);
  const events::Table rows = data::read_table(question.rows);
  const events::Table answers = tasks::answer_columns(
      model->table(),
      model->table().predict(model->shape().check(rows, question.rows)));
  std::printf("%s\n%s", styled(Style::kBold, model->target()).c_str(),
              first_rows_text(answers, kShown, /*numbered=*/true).c_str());
  if (!question.out.empty()) {
    data::write_table(question.out, with_answers(rows, answers, question.rows),
                      whole_columns(rows));
    std::printf("\n%s: every row with its answer\n", question.out.c_str());
  }
  return 0;
}

}  // namespace ensue::apps
