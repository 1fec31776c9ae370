// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/row_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ensue/base/error.h"

namespace ensue::tasks {
namespace {

// In Description::training.
constexpr const char *kKey = "row_task", *kShape = "row_shape";
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::string names_of(const RowShape& shape) {
  std::string out;
  for (const auto& column : shape.columns) {
    out += (out.empty() ? "" : ", ") + column.name;
  }
  return out;
}

bool knows(const RowShape& shape, std::string_view name) {
  return std::ranges::find(shape.columns, name, &RowShape::Column::name) !=
             shape.columns.end() ||
         std::ranges::find(shape.ignored, name) != shape.ignored.end();
}

// The cells of a column of a file, as a column of text or of numbers.
events::Column as_text(const events::Column& column) {
  if (column.is_text()) return column;
  std::vector<std::string> cells;
  for (std::size_t row = 0; row < column.size(); ++row) {
    cells.push_back(column.show(row));
  }
  return {column.name, std::move(cells)};
}

events::Column as_numbers(const events::Column& column,
                          const std::string& source) {
  if (!column.is_text()) return column;
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (column.text(row).empty()) continue;
    invalid(source + " row " + std::to_string(row + 1) + " column '" +
            column.name + "': '" + column.text(row).substr(0, 60) +
            "', expected a number");
  }
  return {column.name, std::vector<double>(column.size(), kMissing)};
}

std::string text_of(const Json& cell, const std::string& place) {
  if (cell.is_null()) return "";
  if (cell.is_string()) return std::string(cell.as_string());
  if (cell.is_bool()) return cell.as_bool() ? "true" : "false";
  if (cell.is_number()) {
    const events::Column number{"", std::vector{cell.to_number<double>()}};
    return number.show(0);
  }
  invalid(place + ": expected a text");
}

double number_of(const Json& cell, const std::string& place) {
  if (cell.is_null()) return kMissing;
  if (cell.is_bool()) return cell.as_bool() ? 1 : 0;
  if (cell.is_number()) return cell.to_number<double>();
  invalid(place + ": " + to_text(cell).substr(0, 60) + ", expected a number");
}

// A member of an object of a training.
const Json& part(const JsonObject& training, const char* object,
                 const char* name) {
  const Json* said = training.if_contains(object);
  const Json* found = said != nullptr && said->is_object()
                          ? said->as_object().if_contains(name)
                          : nullptr;
  if (found != nullptr) return *found;
  throw Error(Code::kCorrupt, std::string(object) + ": no '" + name + "'");
}

std::string text_part(const JsonObject& training, const char* name) {
  const Json& found = part(training, kKey, name);
  if (found.is_string()) return std::string(found.as_string());
  throw Error(Code::kCorrupt, std::string(kKey) + "." + name + ": no text");
}

std::vector<std::string> list_part(const JsonObject& training,
                                   const char* object, const char* name) {
  const Json& found = part(training, object, name);
  std::vector<std::string> out;
  const auto refuse = [&] {
    throw Error(Code::kCorrupt,
                std::string(object) + "." + name + ": no list of texts");
  };
  if (!found.is_array()) refuse();
  for (const Json& one : found.as_array()) {
    if (!one.is_string()) refuse();
    out.emplace_back(one.as_string());
  }
  return out;
}

}  // namespace

events::Table RowShape::check(const events::Table& rows,
                              const std::string& source) const {
  for (const events::Column& column : rows.columns) {
    if (knows(*this, column.name)) continue;
    invalid(source + ": unknown column '" + column.name +
            "', expected: " + names_of(*this));
  }
  events::Table out;
  for (const Column& wanted : columns) {
    const events::Column* column = rows.find(wanted.name);
    if (column == nullptr) {
      invalid(source + ": no column '" + wanted.name + "'");
    }
    out.columns.push_back(wanted.text ? as_text(*column)
                                      : as_numbers(*column, source));
  }
  return out;
}

events::Table RowShape::read(std::span<const JsonObject> rows,
                             const std::string& where) const {
  const auto place = [&](std::size_t row, std::string_view name) {
    return where + (rows.size() > 1 ? "[" + std::to_string(row) + "]" : "") +
           (name.empty() ? "" : "." + std::string(name));
  };
  events::Table out;
  for (const Column& column : columns) {
    if (column.text) {
      out.columns.push_back({column.name, std::vector<std::string>()});
    } else {
      out.columns.push_back({column.name, std::vector<double>()});
    }
  }
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (const auto& member : rows[row]) {
      if (knows(*this, member.key())) continue;
      invalid(place(row, member.key().substr(0, 60)) +
              ": unknown column, expected: " + names_of(*this));
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string at = place(row, columns[c].name);
      const Json* cell = rows[row].if_contains(columns[c].name);
      if (cell == nullptr) invalid(at + ": missing; null says unknown");
      auto& cells = out.columns[c].cells;
      if (columns[c].text) {
        std::get<0>(cells).push_back(text_of(*cell, at));
      } else {
        std::get<1>(cells).push_back(number_of(*cell, at));
      }
    }
  }
  return out;
}

JsonObject RowShape::json() const {
  JsonArray numbers, texts;
  for (const Column& column : columns) {
    (column.text ? texts : numbers).push_back(Json(column.name));
  }
  return {{"numbers", std::move(numbers)},
          {"texts", std::move(texts)},
          {"ignored", JsonArray(ignored.begin(), ignored.end())}};
}

RowShape RowShape::of_json(const JsonObject& training, const char* name) {
  RowShape out;
  for (auto& column : list_part(training, name, "numbers")) {
    out.columns.push_back({std::move(column), false});
  }
  for (auto& column : list_part(training, name, "texts")) {
    out.columns.push_back({std::move(column), true});
  }
  out.ignored = list_part(training, name, "ignored");
  return out;
}

bool RowModel::is_one(const artifact::Description& about) {
  return about.training.contains(kKey);
}

void RowModel::describe(artifact::Draft& draft, const std::string& task,
                        const std::string& target, const RowShape& shape) {
  draft.description().model.name = task;
  draft.description().training[kKey] =
      JsonObject{{"task", task}, {"target", target}};
  draft.description().training[kShape] = shape.json();
}

RowModel::RowModel(std::shared_ptr<const artifact::Artifact> artifact)
    : artifact_(std::move(artifact)),
      table_(artifact_),
      task_(text_part(about().training, "task")),
      target_(text_part(about().training, "target")),
      shape_(RowShape::of_json(about().training, kShape)) {}

std::shared_ptr<const RowModel> RowModel::load(const std::string& path) {
  return std::make_shared<const RowModel>(artifact::Artifact::load(path));
}

JsonObject answer_json(const runtime::TableModel& table,
                       std::span<const double> outputs) {
  if (table.label() != runtime::TableLabel::kClass) {
    return {{"answer", outputs[0]}};
  }
  const auto best = std::ranges::max_element(outputs) - outputs.begin();
  JsonObject shares;
  for (std::size_t c = 0; c < outputs.size(); ++c) {
    shares[table.classes()[c]] = outputs[c];
  }
  return {{"answer", table.classes()[static_cast<std::size_t>(best)]},
          {"probabilities", std::move(shares)}};
}

events::Table answer_columns(const runtime::TableModel& table,
                             std::span<const double> outputs) {
  events::Table out;
  if (table.label() != runtime::TableLabel::kClass) {
    out.columns = {
        {"predicted", std::vector<double>(outputs.begin(), outputs.end())}};
    return out;
  }
  const std::size_t classes = table.outputs();
  std::vector<std::string> named;
  std::vector<std::vector<double>> shares(classes);
  for (std::size_t i = 0; i < outputs.size(); i += classes) {
    const auto row = outputs.subspan(i, classes);
    named.push_back(table.classes()[static_cast<std::size_t>(
        std::ranges::max_element(row) - row.begin())]);
    for (std::size_t c = 0; c < classes; ++c) shares[c].push_back(row[c]);
  }
  out.columns.push_back({"predicted", std::move(named)});
  for (std::size_t c = 0; c < classes; ++c) {
    out.columns.push_back({"p " + table.classes()[c], std::move(shares[c])});
  }
  return out;
}

}  // namespace ensue::tasks
