// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/context.h"

#include <string_view>

namespace ensue::data {
namespace {

using events::Cell, events::ContextKind;

// In DuckDB's words.
ContextKind kind_of(std::string_view type) {
  const bool number = type.ends_with("INT") || type == "INTEGER" ||
                      type == "UINTEGER" || type == "DOUBLE" ||
                      type == "FLOAT" || type.starts_with("DECIMAL");
  return number ? ContextKind::kNumber : ContextKind::kCategory;
}

}  // namespace

ContextReader::ContextReader(Connection& database, const std::string& from,
                             const std::vector<std::string>& names)
    : names_(names), values_(names.size()) {
  for (const std::string& name : names_) {
    const std::string type =
        database
            .value("SELECT column_type FROM (DESCRIBE SELECT " +
                   sql_name(name) + from + ")")
            .value_or("");
    kinds_.push_back(kind_of(type));
    selection_ +=
        ", CAST(" + sql_name(name) + " AS " +
        (kinds_.back() == ContextKind::kNumber ? "DOUBLE" : "VARCHAR") +
        ") AS " + sql_name(name);
  }
}

void ContextReader::append(const Chunk& chunk, std::size_t first,
                           std::vector<Cell>& out) {
  const std::size_t width = names_.size(), begin = out.size();
  out.resize(begin + chunk.size() * width);
  for (std::size_t c = 0; c < width; ++c) {
    const Vector& cells = chunk[first + c];
    const bool number = kinds_[c] == ContextKind::kNumber;
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      if (!cells.has(i)) continue;
      Cell& cell = out[begin + i * width + c];
      if (number) {
        cell = Cell::of_number(static_cast<float>(cells.number(i)));
      } else if (!cells.text(i).empty()) {
        cell = Cell::of_code(values_[c].id(cells.text(i)));
      }
    }
  }
}

std::vector<events::ContextColumn> ContextReader::columns() const {
  std::vector<events::ContextColumn> out;
  for (std::size_t c = 0; c < names_.size(); ++c) {
    std::vector<std::string_view> values;
    for (std::uint32_t id = 0; id < values_[c].size(); ++id) {
      values.push_back(values_[c].name(id));
    }
    out.push_back(
        {names_[c], kinds_[c], events::Vocabulary::from_names(values)});
  }
  return out;
}

}  // namespace ensue::data
