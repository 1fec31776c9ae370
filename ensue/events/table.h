// SPDX-License-Identifier: Apache-2.0
// Named columns about items or users: title, category, price, …
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ensue::events {

/// One column, a row per id. Text "" and NaN mean missing.
struct Column {
  std::string name;
  std::variant<std::vector<std::string>, std::vector<double>> cells;

  bool is_text() const noexcept { return cells.index() == 0; }
  std::size_t size() const noexcept;
  const std::string& text(std::size_t row) const {
    return std::get<0>(cells)[row];
  }
  double number(std::size_t row) const { return std::get<1>(cells)[row]; }
  /// As shown to people: the text, or the number in its shortest form.
  std::string show(std::size_t row) const;
};

/// Columns of equal length; row i describes id i.
struct Table {
  std::vector<Column> columns;
  /// Name of the column that says when a row became known (as text, ISO 8601);
  /// empty: none. Used to catch item tables from the future.
  std::string known_since;

  const Column* find(std::string_view name) const noexcept;
  std::size_t rows() const noexcept {
    return columns.empty() ? 0 : columns[0].size();
  }
};

}  // namespace ensue::events
