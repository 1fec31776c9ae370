// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/table.h"

#include <charconv>
#include <cmath>

namespace ensue::events {

std::size_t Column::size() const noexcept {
  return std::visit([](const auto& list) { return list.size(); }, cells);
}

std::string Column::show(std::size_t row) const {
  if (is_text()) return text(row);
  if (std::isnan(number(row))) return "";
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number(row));
  return {buffer, end.ptr};
}

const Column* Table::find(std::string_view name) const noexcept {
  for (const Column& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

}  // namespace ensue::events
