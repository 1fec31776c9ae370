// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/item_rows.h"

#include <limits>
#include <utility>

namespace ensue::serve {
namespace {

const Json* first_of(const JsonObject& document, const std::string& name) {
  const Json* cell = document.if_contains(name);
  if (cell == nullptr || !cell->is_array()) return cell;
  return cell->as_array().empty() ? nullptr : &cell->as_array()[0];
}

std::string text_of(const Json* cell) {
  if (cell == nullptr || cell->is_null()) return "";
  if (cell->is_string()) return std::string(cell->as_string());
  return cell->is_object() || cell->is_array() ? "" : to_text(*cell);
}

double number_of(const Json* cell) {
  return cell != nullptr && cell->is_number()
             ? cell->to_number<double>()
             : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

events::Table table_of(std::span<const JsonObject> documents,
                       const events::Table& like) {
  events::Table out;
  for (const events::Column& column : like.columns) {
    if (column.is_text()) {
      std::vector<std::string> cells;
      for (const JsonObject& document : documents) {
        cells.push_back(text_of(first_of(document, column.name)));
      }
      out.columns.push_back({column.name, std::move(cells)});
    } else {
      std::vector<double> cells;
      for (const JsonObject& document : documents) {
        cells.push_back(number_of(first_of(document, column.name)));
      }
      out.columns.push_back({column.name, std::move(cells)});
    }
  }
  return out;
}

}  // namespace ensue::serve
