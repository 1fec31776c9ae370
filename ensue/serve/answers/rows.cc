// SPDX-License-Identifier: Apache-2.0
// Questions about rows that are no events: {"row": {…}} or {"rows": [{…}]};
// why: {"row": {…}, "class": …}.
#include "ensue/serve/answers/rows.h"

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/serve/task_model.h"
#include "ensue/tasks/row_model.h"
#include "ensue/tasks/row_reasons.h"

namespace ensue::serve {
namespace {

constexpr std::size_t kMostRows = 10'000;

class Rows final : public TaskModel {
 public:
  explicit Rows(std::shared_ptr<const artifact::Artifact> artifact)
      : model_(std::move(artifact)) {}

  std::string task() const override { return model_.task(); }

  JsonObject answer(Service&, const JsonObject& body) const override {
    const AskedRows asked = asked_rows(body);
    const auto& table = model_.table();
    const std::vector<double> outputs =
        table.predict(model_.shape().read(asked.rows, asked.where()));
    JsonArray answers;
    for (std::size_t row = 0; row < asked.rows.size(); ++row) {
      answers.push_back(tasks::answer_json(
          table,
          std::span(outputs).subspan(row * table.outputs(), table.outputs())));
    }
    JsonObject out{{"task", task()}, {"target", model_.target()}};
    if (asked.single) {
      for (const auto& member : answers[0].as_object()) {
        out[member.key()] = member.value();
      }
    } else {
      out["answers"] = std::move(answers);
    }
    return out;
  }

  JsonObject explain(Service&, const JsonObject& body) const override {
    JsonObject rest = body;
    std::string of_class;
    if (const Json* said = rest.if_contains("class"); said != nullptr) {
      if (!said->is_string()) invalid("body.class: expected a text");
      of_class = said->as_string();
      rest.erase("class");
    }
    const events::Table row = asked_row(rest, model_.shape());
    JsonObject out{{"task", task()}, {"target", model_.target()}};
    for (auto& member :
         to_json(tasks::explain_row(model_, row, 0, of_class), model_)) {
      out[member.key()] = std::move(member.value());
    }
    return out;
  }

 private:
  tasks::RowModel model_;
};

}  // namespace

std::string AskedRows::where() const {
  return single ? "body.row" : "body.rows";
}

AskedRows asked_rows(const JsonObject& body) {
  for (const auto& member : body) {
    if (member.key() == "row" || member.key() == "rows") continue;
    invalid("body." + std::string(member.key().substr(0, 60)) +
            ": unknown field, expected row or rows");
  }
  const Json* row = body.if_contains("row");
  const Json* rows = body.if_contains("rows");
  if ((row == nullptr) == (rows == nullptr)) {
    invalid("body: expected {\"row\": {…}} or {\"rows\": [{…}]}");
  }
  AskedRows out;
  out.single = row != nullptr;
  if (out.single) {
    if (!row->is_object()) invalid("body.row: expected an object");
    out.rows.push_back(row->as_object());
    return out;
  }
  if (!rows->is_array() || rows->as_array().empty() ||
      rows->as_array().size() > kMostRows) {
    invalid("body.rows: expected a list of 1 to " + std::to_string(kMostRows) +
            " objects");
  }
  for (const Json& one : rows->as_array()) {
    if (!one.is_object()) invalid("body.rows: expected objects");
    out.rows.push_back(one.as_object());
  }
  return out;
}

events::Table asked_row(const JsonObject& body, const tasks::RowShape& shape) {
  const AskedRows asked = asked_rows(body);
  if (!asked.single)
    invalid("body.rows: one at a time says why: {\"row\": {…}}");
  return shape.read(asked.rows, asked.where());
}

TaskModelKind rows_kind() {
  return {"a question about rows", tasks::RowModel::is_one,
          [](std::shared_ptr<const artifact::Artifact> artifact)
              -> std::shared_ptr<const TaskModel> {
            return std::make_shared<Rows>(std::move(artifact));
          }};
}

}  // namespace ensue::serve
