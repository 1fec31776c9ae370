// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/reasons_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "apps/ensue/plot.h"
#include "apps/ensue/terminal.h"
#include "ensue/explain/rules.h"

namespace ensue::apps {

std::string with_sign(double value) {
  return (value > 0 ? "+" : "") + fixed(value, 3);
}

std::string shown_cell(const std::string& cell) {
  if (cell.empty()) return "unknown";
  char* end = nullptr;
  const double number = std::strtod(cell.c_str(), &end);
  if (*end != 0) return clip(cell, 30);
  char text[32];
  std::snprintf(text, sizeof text, "%.5g", number);
  return text;
}

const char* unit_of(runtime::TableLabel kind) {
  switch (kind) {
    case runtime::TableLabel::kNumber:
      return "number";
    case runtime::TableLabel::kCount:
      return "logarithm of the count";
    default:
      return "log-odds";
  }
}

std::vector<SignedRow> signed_rows(const explain::TableReasons& reasons) {
  std::vector<SignedRow> out;
  for (const explain::Reason& reason : reasons.reasons) {
    out.push_back({reason.column, shown_cell(reason.value), reason.added});
  }
  return out;
}

std::vector<SignedRow> chart_rows(const explain::TableReasons& reasons) {
  std::vector<SignedRow> out = signed_rows(reasons);
  for (SignedRow& row : out) row.name += " = " + row.note;
  return out;
}

std::string signed_table(const std::vector<SignedRow>& rows, std::size_t shown,
                         std::vector<std::string> header) {
  header.emplace_back();
  TextTable table(std::move(header));
  const double largest = rows.empty() ? 0 : std::abs(rows[0].value);
  if (largest == 0) return "  none of " + grouped(rows.size()) + "\n";
  for (std::size_t i = 0; i < std::min(shown, rows.size()); ++i) {
    table.add({rows[i].name, rows[i].note, with_sign(rows[i].value),
               signed_bar(rows[i].value, largest)});
  }
  std::string out = table.text();
  if (rows.size() > shown) {
    out += "  and " + std::to_string(rows.size() - shown) +
           " that moved it less\n";
  }
  return out;
}

std::string rules_text(const events::Table (&halves)[2],
                       const std::vector<double> (&answers)[2], int depth,
                       std::string_view whom) {
  explain::RuleOptions options;
  options.depth = depth;
  const explain::Rules rules(halves[0], answers[0], options);
  return "as " + std::to_string(rules.size()) + " rules, made of " +
         grouped(answers[0].size()) + " " + std::string(whom) + "; on " +
         grouped(answers[1].size()) +
         " others they follow the model's answers with R2 " +
         fixed(rules.fidelity(halves[1], answers[1]), 3) + ":\n" +
         rules.text() + "\n";
}

}  // namespace ensue::apps
