// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/item_encoder.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/train/text_pieces.h"

namespace ensue::train {
namespace {

using runtime::ColumnKind;
using EncoderColumn = runtime::ItemEncoder::Column;

constexpr std::size_t kRowsOfAValue = 4;  // on average, of a category

std::vector<std::string> filled_cells(const events::Column& column) {
  std::vector<std::string> out;
  for (std::size_t row = 0; row < column.size(); ++row) {
    std::string cell = column.show(row);
    if (!cell.empty()) out.push_back(std::move(cell));
  }
  return out;
}

bool are_vectors(const std::vector<std::string>& cells) {
  const std::size_t size = runtime::numbers_in(cells[0]).size();
  return size >= 2 && std::ranges::all_of(cells, [size](const auto& cell) {
           return runtime::numbers_in(cell).size() == size;
         });
}

ColumnKind guess(const events::Column& column,
                 const std::vector<std::string>& cells) {
  if (!column.is_text()) return ColumnKind::kNumber;
  if (are_vectors(cells)) return ColumnKind::kVector;
  const std::set<std::string_view> values(cells.begin(), cells.end());
  return kRowsOfAValue * values.size() <= cells.size() ? ColumnKind::kCategory
                                                       : ColumnKind::kText;
}

// Means, then deviations (1 where all numbers are one).
std::vector<float> moments_of(const std::vector<std::vector<float>>& rows) {
  const std::size_t size = rows[0].size();
  const auto count = static_cast<double>(rows.size());
  std::vector<float> out(2 * size);
  for (std::size_t i = 0; i < size; ++i) {
    double sum = 0, square = 0;
    for (const auto& row : rows) sum += row[i];
    const double mean = sum / count;
    for (const auto& row : rows) square += (row[i] - mean) * (row[i] - mean);
    const double deviation = std::sqrt(square / count);
    out[i] = static_cast<float>(mean);
    out[size + i] = deviation > 1e-6 ? static_cast<float>(deviation) : 1.0F;
  }
  return out;
}

std::vector<std::vector<float>> rows_of_numbers(
    const std::vector<std::string>& cells, ColumnKind kind,
    const std::string& where) {
  const bool one = kind == ColumnKind::kNumber;
  std::vector<std::vector<float>> out;
  for (const std::string& cell : cells) {
    auto numbers = runtime::numbers_in(cell);
    const std::size_t wanted = one ? 1 : out.empty() ? 0 : out[0].size();
    if (numbers.empty() || (wanted > 0 && numbers.size() != wanted)) {
      invalid(where + ": '" + cell.substr(0, 60) + "', expected " +
              (one           ? "a number"
               : wanted == 0 ? "numbers"
                             : std::to_string(wanted) +
                                   " numbers as in the cells before"));
    }
    if (one) numbers[0] = runtime::compressed(numbers[0]);
    out.push_back(std::move(numbers));
  }
  return out;
}

EncoderColumn fit_column(EncoderColumn out,
                         const std::vector<std::string>& cells, int pieces,
                         const std::string& where) {
  switch (out.kind) {
    case ColumnKind::kCategory: {
      const std::set<std::string> values(cells.begin(), cells.end());
      out.values = events::Vocabulary::from_names(
          std::vector<std::string>(values.begin(), values.end()));
      break;
    }
    case ColumnKind::kText:
      out.values = learn_pieces(cells, static_cast<std::size_t>(pieces));
      if (out.values.size() == 0) invalid(where + ": no word in its cells");
      break;
    case ColumnKind::kNumber:
    case ColumnKind::kVector:
      out.moments = moments_of(rows_of_numbers(cells, out.kind, where));
  }
  return out;
}

// log(rows / rows that have it) of every value and piece (Sparck Jones 1972).
void weigh(std::vector<EncoderColumn>& columns, const events::Table& table) {
  const auto features = runtime::ItemEncoder(columns).encode(table);
  std::vector<double> rows_with(features.columns);
  for (const std::uint32_t place : features.places) ++rows_with[place];
  const auto rows = static_cast<double>(features.items());
  std::size_t first = 0;
  for (EncoderColumn& column : columns) {
    const std::size_t size = column.features();
    if (column.moments.empty()) {
      for (std::size_t i = 0; i < size; ++i) {
        const double with = std::max(1.0, rows_with[first + i]);
        column.rarity.push_back(static_cast<float>(std::log(rows / with)));
      }
    }
    first += size;
  }
}

const events::Column& find_column(const events::Table& table,
                                  const std::string& name) {
  if (const events::Column* found = table.find(name)) return *found;
  std::string known;
  for (const auto& column : table.columns) {
    known += (known.empty() ? "" : ", ") + column.name;
  }
  invalid("content: '" + name + "', expected a column of the item table: " +
          (known.empty() ? "the log has none" : known));
}

}  // namespace

runtime::ItemEncoder fit_item_encoder(
    const events::Table& table, const artifact::ItemContentConfig& config) {
  if (config.pieces < 1) {
    invalid("item_content.pieces: " + std::to_string(config.pieces) +
            ", expected at least 1");
  }
  std::vector<EncoderColumn> out;
  for (const std::string& text : config.columns) {
    const auto named = table.find(text) != nullptr
                           ? runtime::NamedColumn{text}
                           : runtime::parse_column(text);
    const events::Column& column = find_column(table, named.name);
    const std::string where = "content: column '" + named.name + "'";
    const auto cells = filled_cells(column);
    if (cells.empty()) invalid(where + ": all cells are empty");
    EncoderColumn made;
    made.name = named.name;
    made.kind = named.has_kind ? named.kind : guess(column, cells);
    out.push_back(fit_column(std::move(made), cells, config.pieces, where));
  }
  weigh(out, table);
  return runtime::ItemEncoder(std::move(out));
}

}  // namespace ensue::train
