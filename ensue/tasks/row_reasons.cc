// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/row_reasons.h"

#include <algorithm>
#include <span>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/explain/effect_reasons.h"

namespace ensue::tasks {
namespace {

// The classes that there are a probability of each.
std::vector<std::string> classes_of(const runtime::TableModel& table) {
  if (table.label() != runtime::TableLabel::kClass) return {};
  return table.classes();
}

std::size_t output_of(const std::vector<std::string>& classes,
                      std::span<const double> outputs,
                      std::string_view of_class) {
  if (of_class.empty()) {
    return static_cast<std::size_t>(std::ranges::max_element(outputs) -
                                    outputs.begin());
  }
  const auto found = std::ranges::find(classes, of_class);
  if (found != classes.end()) {
    return static_cast<std::size_t>(found - classes.begin());
  }
  std::string known;
  for (const std::string& name : classes) {
    known += (known.empty() ? "" : ", ") + name;
  }
  invalid("class '" + std::string(of_class.substr(0, 60)) + "': expected " +
          (known.empty() ? "none, the answer is a number" : "one of " + known));
}

JsonArray columns_json(const explain::TableReasons& why) {
  JsonArray out;
  for (const explain::Reason& reason : why.reasons) {
    out.push_back(JsonObject{{"column", reason.column},
                             {"value", reason.value},
                             {"added", reason.added}});
  }
  return out;
}

}  // namespace

RowReasons explain_row(const RowModel& model, const events::Table& rows,
                       std::size_t row, std::string_view of_class) {
  const events::Table one = explain::only_row(rows, row);
  RowReasons out;
  out.outputs = model.table().predict(one);
  const auto classes = classes_of(model.table());
  const std::size_t output = output_of(classes, out.outputs, of_class);
  if (!classes.empty()) out.of_class = classes[output];
  out.columns = explain::explain_row(model.table(), one, 0, output);
  return out;
}

explain::TableReasons explain_effect(const ResponseModel& model,
                                     const events::Table& rows,
                                     std::size_t row) {
  const Campaign& campaign = model.campaign();
  auto out = explain::explain_effect(model.uplift(), rows, row);
  for (explain::Reason& reason : out.reasons) {
    if (reason.column != runtime::kTreatmentColumn) continue;
    reason.column = campaign.treatment;
    reason.value = campaign.treated + ", not " + campaign.control;
  }
  return out;
}

JsonObject to_json(const RowReasons& why, const RowModel& model) {
  JsonObject out = answer_json(model.table(), why.outputs);
  if (!why.of_class.empty()) out["class"] = why.of_class;
  out["margin"] = why.columns.margin;
  out["base"] = why.columns.base;
  out["columns"] = columns_json(why.columns);
  return out;
}

JsonObject effect_json(const explain::TableReasons& why) {
  return {{"effect", why.margin},
          {"base", why.base},
          {"columns", columns_json(why)}};
}

}  // namespace ensue::tasks
