// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/answers_text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "apps/ensue/terminal.h"

namespace ensue::apps {
namespace {

constexpr std::size_t kClasses = 3;  // shown

}  // namespace

std::string answer_text(const runtime::TableModel& table,
                        std::span<const double> outputs) {
  if (table.label() != runtime::TableLabel::kClass) return fixed(outputs[0], 4);
  std::vector<std::size_t> order(outputs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return outputs[a] > outputs[b];
  });
  std::string shares;
  for (std::size_t i = 0; i < std::min(kClasses, order.size()); ++i) {
    shares += (i == 0 ? "" : ", ") + clip(table.classes()[order[i]], 30) + " " +
              fixed(outputs[order[i]], 4);
  }
  return table.classes()[order[0]] + "  (" + shares + ")";
}

std::string first_rows_text(const events::Table& rows, std::size_t most,
                            bool numbered) {
  std::vector<std::string> head;
  if (numbered) head.emplace_back("row");
  for (const auto& column : rows.columns) head.push_back(column.name);
  TextTable table(head);
  for (std::size_t row = 0; row < std::min(most, rows.rows()); ++row) {
    std::vector<std::string> cells;
    if (numbered) cells.push_back(std::to_string(row + 1));
    for (const auto& column : rows.columns) {
      cells.push_back(column.is_text() ? clip(column.text(row), 40)
                                       : fixed(column.number(row), 4));
    }
    table.add(cells);
  }
  std::string out = table.text();
  if (rows.rows() > most) out += "  … of " + grouped(rows.rows()) + "\n";
  return out;
}

std::vector<std::string> whole_columns(const events::Table& rows) {
  constexpr double kMost = 9e15;  // doubles hold whole numbers up to there
  const auto whole = [](double x) {
    return x != x || (std::floor(x) == x && std::abs(x) < kMost);
  };
  std::vector<std::string> out;
  for (const auto& column : rows.columns) {
    const auto* cells = std::get_if<std::vector<double>>(&column.cells);
    if (cells != nullptr && std::ranges::all_of(*cells, whole)) {
      out.push_back(column.name);
    }
  }
  return out;
}

}  // namespace ensue::apps
