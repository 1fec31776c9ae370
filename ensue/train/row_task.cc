// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/row_task.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/classic/uplift.h"
#include "ensue/data/label_values.h"
#include "ensue/judge/label_leaks.h"
#include "ensue/tasks/row_model.h"
#include "ensue/train/asked_tables.h"
#include "ensue/train/internal/asked_column.h"

namespace ensue::train {
namespace {

data::LabelValues labels_of(const events::Table& rows,
                            const RowTaskOptions& asked) {
  if (asked.target.empty()) {
    invalid("task.target: expected the column of " + asked.table +
            " that is asked for");
  }
  const events::Column& column =
      internal::asked_column(rows, asked.target, asked.table, "target");
  const std::string source = asked.table + " column '" + asked.target + "'";
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < column.size(); ++row) {
    texts.push_back(column.show(row));
  }
  auto out = data::read_label_values(texts, asked.kind, source);
  data::check_vary(out, source, " labels");
  return out;
}

// Everything but the target, what was dropped, and the order: what comes later
// has values of it that training never saw.
events::Table features_of(const events::Table& rows,
                          const RowTaskOptions& asked,
                          std::vector<std::string>& ignored) {
  ignored = asked.drop;
  for (const std::string& name : ignored)
    internal::asked_column(rows, name, asked.table, "drop");
  ignored.push_back(asked.target);
  if (!asked.auxiliary.empty()) ignored.push_back(asked.auxiliary);
  if (!asked.order.empty()) {
    internal::asked_column(rows, asked.order, asked.table, "order");
    ignored.push_back(asked.order);
  }
  events::Table out;
  for (const events::Column& column : rows.columns) {
    if (std::ranges::find(ignored, column.name) == ignored.end()) {
      out.columns.push_back(column);
    }
  }
  if (out.columns.empty()) invalid(asked.table + ": no column to predict from");
  return out;
}

// A number of each row; none where nothing is asked for.
std::vector<double> auxiliary_of(const events::Table& rows,
                                 const RowTaskOptions& asked) {
  if (asked.auxiliary.empty()) return {};
  const events::Column& column =
      internal::asked_column(rows, asked.auxiliary, asked.table, "auxiliary");
  const std::string source = asked.table + " column '" + asked.auxiliary + "'";
  if (column.is_text()) invalid(source + ": holds text, expected numbers");
  const auto& out = std::get<std::vector<double>>(column.cells);
  for (std::size_t row = 0; row < out.size(); ++row) {
    if (std::isfinite(out[row])) continue;
    invalid(source + " row " + std::to_string(row + 1) + ": '" +
            column.show(row) + "', expected a number");
  }
  return out;
}

}  // namespace

void check_task_name(const std::string& name) {
  const bool good =
      !name.empty() && name.size() <= 60 &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") ==
          std::string::npos;
  if (!good) {
    invalid("task.name: '" + name.substr(0, 60) +
            "', expected a word of small letters, digits, _ and -");
  }
}

RowTaskResult fit_rows(const RowTaskInput& input) {
  const RowTaskOptions& asked = input.asked;
  check_task_name(asked.name);
  const data::LabelValues labels = labels_of(input.rows, asked);
  const std::vector<double> auxiliary = auxiliary_of(input.rows, asked);
  std::vector<std::string> ignored;
  const events::Table features = features_of(input.rows, asked, ignored);
  const judge::RowSplit split =
      judge::split_rows(input.rows, labels, asked.order, asked.table,
                        asked.split_seed, input.shares);
  const auto part = [&](const std::vector<std::size_t>& places) {
    const data::LabelValues own = labels.rows(places);
    if (&places != &split.train) {
      data::check_seen(labels.rows(split.train), own, asked.table);
    }
    classic::TablePart out{
        classic::rows_at(features, places),
        {classic_label(own.kind), own.values, own.classes, {}}};
    for (const std::size_t row : places) {
      if (auxiliary.empty()) break;
      out.labels.auxiliary.push_back(auxiliary[row]);
    }
    return out;
  };
  const classic::TablePart train = part(split.train),
                           validation = part(split.validation),
                           test = part(split.test);
  RowTaskResult out{
      classic::hold_contest(train, validation, test, input.contest),
      classic::judge_constant(train.labels, validation.labels, test.labels),
      split};
  out.leaks = judge::find_label_leaks(
      train.rows, train.labels.values,
      /*classes=*/train.labels.kind == classic::Label::kClass);
  tasks::RowShape shape;
  for (const events::Column& column : features.columns) {
    shape.columns.push_back({column.name, column.is_text()});
  }
  shape.ignored = std::move(ignored);
  tasks::RowModel::describe(out.contest.draft, asked.name, asked.target, shape);
  out.contest.draft.description().metrics = out.contest.metrics();
  return out;
}

}  // namespace ensue::train
