// SPDX-License-Identifier: Apache-2.0
#include "ensue/explain/table_reasons.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <variant>

#include "ensue/base/error.h"
#include "ensue/explain/tree_shap.h"
#include "ensue/runtime/linear_scorer.h"

namespace ensue::explain {
namespace {

using runtime::TableModel;

constexpr double kRounding = 1e-4;

// Of every feature and, last, what no feature added.
std::vector<double> shares(const TableModel::Member& member,
                           const runtime::FeatureRows& x, std::size_t output) {
  const runtime::TableScorer& scorer = *member.scorer;
  if (const auto* trees = dynamic_cast<const runtime::Trees*>(&scorer)) {
    return tree_shap(*trees, x.dense(), output);
  }
  const auto* linear = dynamic_cast<const runtime::LinearScorer*>(&scorer);
  if (linear == nullptr) {
    invalid("member '" + std::string(scorer.type()) +
            "' has no contributions of columns; rules can imitate it");
  }
  std::vector<double> out(x.width + 1);
  for (std::size_t i = 0; i < x.places.size(); ++i) {
    out[x.places[i]] =
        static_cast<double>(linear->weights()[output * x.width + x.places[i]]) *
        static_cast<double>(x.values[i]);
  }
  out.back() = static_cast<double>(linear->bias()[output]);
  return out;
}

}  // namespace

events::Table only_row(const events::Table& rows, std::size_t row) {
  if (row >= rows.rows()) {
    invalid("row " + std::to_string(row) + ": the table has " +
            std::to_string(rows.rows()) + " rows");
  }
  events::Table out;
  for (const events::Column& column : rows.columns) {
    events::Column one{column.name, {}};
    if (column.is_text()) {
      one.cells = std::vector<std::string>{column.text(row)};
    } else {
      one.cells = std::vector<double>{column.number(row)};
    }
    out.columns.push_back(std::move(one));
  }
  return out;
}

TableReasons explain_row(const TableModel& model, const events::Table& rows,
                         std::size_t row, std::size_t output) {
  if (output >= model.outputs()) {
    invalid("output " + std::to_string(output) + ": the model has " +
            std::to_string(model.outputs()) + " outputs");
  }
  const events::Table one = only_row(rows, row);
  TableReasons out;
  std::map<std::string, double> added;
  for (const TableModel::Member& member : model.members()) {
    if (!member.columns.principal().directions.empty()) {
      invalid("the model reads components, which are no columns");
    }
    const auto sources = member.columns.feature_sources();
    const auto found = shares(member, member.columns.prepare(one), output);
    for (std::size_t f = 0; f < sources.size(); ++f) {
      added[sources[f]] += member.weight * found[f];
    }
    out.base += member.weight * found.back();
  }
  out.margin = model.margins(one)[output];
  double left = out.margin - out.base;
  for (const auto& [column, share] : added) {
    out.reasons.push_back({column, one.find(column)->show(0), share});
    left -= share;
  }
  // Trees add up in fp32: what rounding leaves is no column's.
  if (std::abs(left) < kRounding * std::max(1.0, std::abs(out.margin))) {
    out.base += left;
  }
  std::ranges::stable_sort(out.reasons, [](const Reason& a, const Reason& b) {
    return std::abs(a.added) > std::abs(b.added);
  });
  return out;
}

std::string to_text(const TableReasons& reasons, std::size_t most) {
  char line[64];
  std::snprintf(line, sizeof line, "margin %+.4f = base %+.4f", reasons.margin,
                reasons.base);
  std::string out = line;
  for (std::size_t i = 0; i < std::min(most, reasons.reasons.size()); ++i) {
    const Reason& reason = reasons.reasons[i];
    std::snprintf(line, sizeof line, "\n  %+.4f  ", reason.added);
    out += line + reason.column + " = " +
           (reason.value.empty() ? "(missing)" : reason.value.substr(0, 60));
  }
  return out + "\n";
}

}  // namespace ensue::explain
