// SPDX-License-Identifier: Apache-2.0
#include "ensue/explain/effect_reasons.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace ensue::explain {
namespace {

using runtime::TableModel;
using runtime::UpliftPart;

// Below, a secant is rounding.
constexpr double kLeast = 1e-6, kStep = 1e-4;

double answer_of(const TableModel& model, double margin) {
  model.answer({&margin, 1});
  return margin;
}

// How far the answer moves per unit of margin, on the way between two margins.
double slope_between(const TableModel& model, double from, double to) {
  if (std::abs(to - from) < kLeast) {
    from -= kStep;
    to += kStep;
  }
  return (answer_of(model, to) - answer_of(model, from)) / (to - from);
}

// What columns add to weighted answers.
struct Added {
  double base = 0;
  std::map<std::string, Reason> reasons;

  void add(const TableModel& model, const events::Table& rows, std::size_t row,
           double weight) {
    const TableReasons own = explain_row(model, rows, row);
    base += weight * answer_of(model, own.base);
    add(own, weight * slope_between(model, own.base, own.margin));
  }

  void add(const TableReasons& own, double weight) {
    for (const Reason& reason : own.reasons) {
      Reason& sum = reasons[reason.column];
      sum.column = reason.column;
      sum.value = reason.value;
      sum.added += weight * reason.added;
    }
  }
};

// Each score moves straight from its base to the row's value; on that way a
// quadratic's mean slope is its slope half way, and a column's share of a score
// is what it adds to that model's margin.
void add_scores(const runtime::EffectScores& scores, const events::Table& rows,
                std::size_t row, double weight, Added& added) {
  const std::size_t n = scores.scores().size();
  std::vector<TableReasons> whys;
  std::vector<double> from(n), half(n), moved(n);
  for (std::size_t s = 0; s < n; ++s) {
    const runtime::EffectScore& score = scores.scores()[s];
    whys.push_back(explain_row(*score.model, rows, row));
    from[s] = score.of(whys[s].base);
    const double to = score.of(whys[s].margin),
                 way = whys[s].margin - whys[s].base;
    half[s] = (from[s] + to) / 2;
    moved[s] = std::abs(way) < kLeast ? 1 / score.scale : (to - from[s]) / way;
  }
  const auto slopes = scores.gradient(half);
  added.base += weight * scores.effect(from);
  for (std::size_t s = 0; s < n; ++s) {
    added.add(whys[s], weight * slopes[s] * moved[s]);
  }
}

events::Table with_treatment(events::Table rows, double treated) {
  rows.columns.push_back({std::string(runtime::kTreatmentColumn),
                          std::vector<double>(rows.rows(), treated)});
  return rows;
}

void add_part(const UpliftPart& part, const events::Table& rows,
              std::size_t row, double weight, Added& added) {
  using Kind = UpliftPart::Kind;
  switch (part.kind) {
    case Kind::kSingle:  // the treated row last: its value is shown
      added.add(*part.first, with_treatment(rows, 0), row, -weight);
      added.add(*part.first, with_treatment(rows, 1), row, weight);
      return;
    case Kind::kTwo:
      added.add(*part.first, rows, row, weight);
      added.add(*part.second, rows, row, -weight);
      return;
    case Kind::kEffect:
      added.add(*part.first, rows, row, weight);
      return;
    case Kind::kCross:
      added.add(*part.first, rows, row, weight * (1 - part.share));
      added.add(*part.second, rows, row, weight * part.share);
      return;
    case Kind::kScores:
      add_scores(*part.scores, rows, row, weight, added);
      return;
  }
}

}  // namespace

TableReasons explain_effect(const runtime::UpliftModel& model,
                            const events::Table& rows, std::size_t row) {
  const events::Table one = only_row(rows, row);
  Added added;
  const double weight = 1 / static_cast<double>(model.parts().size());
  for (const UpliftPart& part : model.parts()) {
    add_part(part, one, 0, weight, added);
  }
  TableReasons out{
      .margin = model.effects(one)[0], .base = added.base, .reasons = {}};
  for (auto& [column, reason] : added.reasons) {
    out.reasons.push_back(std::move(reason));
  }
  std::ranges::stable_sort(out.reasons, [](const Reason& a, const Reason& b) {
    return std::abs(a.added) > std::abs(b.added);
  });
  return out;
}

}  // namespace ensue::explain
