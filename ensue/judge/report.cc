// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/report.h"

#include <utility>

#include "ensue/base/error.h"
#include "ensue/metrics/catalog.h"

namespace ensue::judge {
namespace {

std::optional<Report::Cell> cell_of(const Evaluation& evaluation,
                                    const std::string& metric) {
  if (const auto found = evaluation.metrics.find(metric);
      found != evaluation.metrics.end()) {
    return Report::Cell{found->second.mean, found->second, false};
  }
  if (const auto found = evaluation.totals.find(metric);
      found != evaluation.totals.end()) {
    return Report::Cell{found->second, std::nullopt, false};
  }
  return std::nullopt;
}

bool is_better(double a, double b, bool higher_is_better) {
  return higher_is_better ? a > b : a < b;
}

void mark_best(Report& report, std::size_t column) {
  const bool higher =
      metrics::metric_of(report.metrics[column]).higher_is_better;
  std::optional<double> best;
  for (const Report::Row& row : report.rows) {
    const auto& cell = row.cells[column];
    if (cell && (!best || is_better(cell->value, *best, higher))) {
      best = cell->value;
    }
  }
  for (Report::Row& row : report.rows) {
    auto& cell = row.cells[column];
    if (cell) cell->best = cell->value == *best;
  }
}

// The row with the best first metric among the models.
std::size_t best_of(const Report& report, std::size_t models) {
  const bool higher = metrics::metric_of(report.metrics[0]).higher_is_better;
  const std::size_t end = models > 0 ? models : report.rows.size();
  std::size_t best = 0;
  for (std::size_t row = 0; row < end; ++row) {
    const auto &cell = report.rows[row].cells[0],
               &other = report.rows[best].cells[0];
    if (!cell) {
      invalid("report: '" + report.rows[row].model + "' has no " +
              report.metrics[0]);
    }
    if (is_better(cell->value, other->value, higher)) best = row;
  }
  return best;
}

}  // namespace

Report make_report(std::span<const Evaluation> models,
                   std::span<const Evaluation> baselines,
                   std::vector<std::string> metrics, std::uint64_t seed) {
  if (metrics.empty()) invalid("report: no metric, expected at least one");
  std::vector<const Evaluation*> all;
  for (const Evaluation& e : models) all.push_back(&e);
  for (const Evaluation& e : baselines) all.push_back(&e);
  if (all.empty()) invalid("report: no evaluation, expected at least one");

  Report out;
  out.metrics = std::move(metrics);
  for (std::size_t i = 0; i < all.size(); ++i) {
    Report::Row& row = out.rows.emplace_back();
    row.model = all[i]->model;
    row.baseline = i >= models.size();
    for (const std::string& metric : out.metrics) {
      row.cells.push_back(cell_of(*all[i], metric));
    }
  }
  for (std::size_t c = 0; c < out.metrics.size(); ++c) mark_best(out, c);
  out.best = best_of(out, models.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i == out.best) continue;
    out.rows[i].best_minus_this =
        compare(*all[out.best], *all[i], out.metrics[0], seed);
  }
  return out;
}

bool is_clear(const Comparison& comparison) {
  return comparison.difference.low > 0 || comparison.difference.high < 0;
}

}  // namespace ensue::judge
