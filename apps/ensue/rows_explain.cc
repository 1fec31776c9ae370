// SPDX-License-Identifier: Apache-2.0
// Why a question about a row was answered so.
#include <algorithm>
#include <cstdio>

#include "apps/ensue/answers_text.h"
#include "apps/ensue/reasons_text.h"
#include "apps/ensue/rows.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/classic/uplift.h"
#include "ensue/data/read_table.h"
#include "ensue/tasks/row_reasons.h"

namespace ensue::apps {
namespace {

constexpr std::size_t kRuleRows = 20'000;

std::string margin_text(const tasks::RowReasons& why,
                        runtime::TableLabel kind) {
  const std::string sum = fixed(why.columns.margin, 3) + " = " +
                          fixed(why.columns.base, 3) +
                          " of any row + what columns add";
  if (!why.of_class.empty()) return "score of '" + why.of_class + "' " + sum;
  const bool mended = kind == runtime::TableLabel::kBinary;
  std::string unit = unit_of(kind);
  if (mended) unit += " before calibration";
  return unit + " " + sum;
}

// Which output rules imitate.
std::size_t output_of(const runtime::TableModel& table,
                      const std::string& of_class) {
  if (table.label() != runtime::TableLabel::kClass) return 0;
  const auto& classes = table.classes();
  const auto found = std::ranges::find(classes, of_class);
  if (found == classes.end()) {
    std::string known;
    for (const std::string& name : classes) known += " " + name;
    invalid("--rules: expected --class NAME, one of" + known);
  }
  return static_cast<std::size_t>(found - classes.begin());
}

// Rules from every second row, judged on the others.
void print_rules(const tasks::RowModel& model, const events::Table& rows,
                 const WhyQuestion& question) {
  const std::size_t outputs = model.table().outputs(),
                    output = output_of(model.table(), question.of_class);
  const auto said = model.table().predict(rows);
  std::vector<std::size_t> places[2];
  std::vector<double> answers[2];
  for (std::size_t i = 0; i < std::min(rows.rows(), kRuleRows); ++i) {
    places[i % 2].push_back(i);
    answers[i % 2].push_back(said[i * outputs + output]);
  }
  if (outputs > 1) {
    std::printf("the probability of '%s' ", question.of_class.c_str());
  }
  const events::Table halves[2] = {classic::rows_at(rows, places[0]),
                                   classic::rows_at(rows, places[1])};
  std::printf("%s",
              rules_text(halves, answers, question.rules, "rows").c_str());
}

}  // namespace

AskedRows asked_rows(const WhyQuestion& question) {
  const std::string who = "explain " + question.task + ": ";
  if (question.rows.empty()) {
    invalid(who + "expected --rows FILE --row N, a table as it was trained on");
  }
  if (!question.users.empty()) invalid(who + "asks about rows, not --user");
  if (question.faithful > 0) {
    invalid(who + "asks about rows; --faithful takes events away");
  }
  AskedRows out{data::read_table(question.rows), {}};
  for (const std::size_t row : question.row) {
    if (row < 1 || row > out.rows.rows()) {
      invalid(question.rows + ": row " + std::to_string(row) +
              ", expected 1 to " + std::to_string(out.rows.rows()));
    }
    out.places.push_back(row - 1);
  }
  if (question.row.empty() && question.rules == 0) out.places = {0};
  return out;
}

void refuse_rows(const WhyQuestion& question) {
  if (question.rows.empty() && question.row.empty() &&
      question.of_class.empty()) {
    return;
  }
  invalid("explain" + (question.task.empty() ? "" : " " + question.task) +
          ": asks about customers (--user); --rows, --row and --class are "
          "asked of tables, --shown says how many reasons are shown");
}

std::vector<ReasonsSection> tell_rows(
    const WhyQuestion& question, const std::vector<std::size_t>& places,
    const std::string& title, const std::string& added,
    const std::string& chart, const std::function<RowTold(std::size_t)>& tell) {
  const auto joined = [](const std::vector<std::string>& lines,
                         const char* between) {
    std::string out;
    for (const std::string& line : lines) {
      out += (out.empty() ? "" : between) + line;
    }
    return out;
  };
  if (!question.json) {
    std::printf("%s\n\n", styled(Style::kBold, title).c_str());
  }
  std::vector<ReasonsSection> out;
  for (const std::size_t place : places) {
    const RowTold told = tell(place);
    const std::string name = "row " + std::to_string(place + 1);
    out.push_back(
        {name, joined(told.said, "; "), {{chart, chart_rows(told.columns)}}});
    if (question.json) {
      JsonObject line{{"row", place + 1}};
      for (const auto& member : told.json) line[member.key()] = member.value();
      std::printf("%s\n", to_text(line).c_str());
      continue;
    }
    std::printf("%s  %s:\n%s\n", styled(Style::kBold, name).c_str(),
                joined(told.said, "\n  ").c_str(),
                signed_table(signed_rows(told.columns), question.shown,
                             {"column", "value", added})
                    .c_str());
  }
  return out;
}

int explain_rows(const WhyQuestion& question, const Settings&) {
  const auto model = tasks::RowModel::load(question.model);
  const AskedRows asked = asked_rows(question);
  const events::Table rows = model->shape().check(asked.rows, question.rows);
  if (question.rules > 0) output_of(model->table(), question.of_class);
  const auto sections =
      tell_rows(question, asked.places, model->target(), "added",
                "what each column adds", [&](std::size_t place) -> RowTold {
                  const auto why = tasks::explain_row(*model, rows, place,
                                                      question.of_class);
                  return {{answer_text(model->table(), why.outputs),
                           margin_text(why, model->table().label())},
                          why.columns,
                          to_json(why, *model)};
                });
  if (question.rules > 0) print_rules(*model, rows, question);
  write_page(question, model->target(), sections);
  return 0;
}

}  // namespace ensue::apps
