// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/read_table.h"

#include <limits>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/data/internal/label_rows.h"

namespace ensue::data {
namespace {

using events::Column;

// What is neither number nor text is read as text; wide whole numbers and
// decimals as doubles.
std::string plain_columns(Connection& connection, const std::string& sql) {
  Rows rows = connection.run("DESCRIBE " + sql);
  std::string out;
  while (const auto chunk = rows.next()) {
    for (std::size_t row = 0; row < chunk->size(); ++row) {
      const std::string name = sql_name((*chunk)[0].text(row));
      const std::string type((*chunk)[1].text(row));
      const bool plain = type.ends_with("INT") || type == "INTEGER" ||
                         type == "DOUBLE" || type == "FLOAT" ||
                         type == "BOOLEAN" || type.starts_with("DECIMAL");
      out += (out.empty() ? "" : ", ") + std::string("CAST(") + name +
             (plain ? " AS DOUBLE) AS " : " AS VARCHAR) AS ") + name;
    }
  }
  return out;
}

void append(const Vector& cells, std::size_t rows, Column& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (!out.is_text()) {
      std::get<std::vector<double>>(out.cells).push_back(
          cells.has(row) ? cells.number(row)
                         : std::numeric_limits<double>::quiet_NaN());
    } else {
      auto& texts = std::get<std::vector<std::string>>(out.cells);
      texts.emplace_back(cells.has(row) ? cells.text(row) : "");
    }
  }
}

}  // namespace

events::Table read_table(const std::string& file_or_select) {
  const bool select = is_select(file_or_select);
  const std::string sql =
      select ? file_or_select : "SELECT * FROM " + sql_text(file_or_select);
  Connection connection;
  Rows rows = connection.run("SELECT " + plain_columns(connection, sql) +
                             " FROM (" + sql + ")");
  events::Table out;
  for (std::size_t c = 0; c < rows.names().size(); ++c) {
    if (rows.types()[c] == capi::Type::kVarchar) {
      out.columns.push_back({rows.names()[c], std::vector<std::string>()});
    } else {
      out.columns.push_back({rows.names()[c], std::vector<double>()});
    }
  }
  bool any = false;
  while (const auto chunk = rows.next()) {
    any = any || chunk->size() > 0;
    for (std::size_t c = 0; c < out.columns.size(); ++c) {
      append((*chunk)[c], chunk->size(), out.columns[c]);
    }
  }
  // What DuckDB calls the column of a file without a line.
  if (!any && !select && out.columns.size() == 1 &&
      out.columns[0].name == "column0") {
    invalid(file_or_select +
            ": is empty, expected a first line with the names of columns");
  }
  return out;
}

events::Table read_table(const std::string& file, const std::string& columns) {
  return read_table("SELECT " + columns + " FROM " + sql_text(file));
}

}  // namespace ensue::data
