// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/table_contest.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/classic/table_refit.h"
#include "ensue/metrics/binary.h"
#include "ensue/metrics/calibration.h"
#include "ensue/metrics/classes.h"
#include "ensue/metrics/numbers.h"

namespace ensue::classic {
namespace {

double sum_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

Figures of_binary(std::span<const double> said, std::span<const double> truth) {
  Figures out = {{"logloss", metrics::logloss_of(said, truth)},
                 {"brier", metrics::brier(said, truth)},
                 {"ece", metrics::ece(said, truth)}};
  const double yes = sum_of(truth);
  if (yes > 0 && yes < static_cast<double>(truth.size())) {
    out["auc"] = metrics::auc(said, truth);
    out["ap"] = metrics::average_precision(said, truth);
  }
  return out;
}

Figures of_classes(std::span<const double> said, const TableLabels& labels) {
  const std::vector<std::uint32_t> truth(labels.values.begin(),
                                         labels.values.end());
  const std::size_t classes = labels.classes.size();
  const auto named = metrics::most_probable(said, classes);
  return {{"logloss", metrics::class_logloss(said, classes, truth)},
          {"accuracy", metrics::class_accuracy(named, truth)},
          {"macro_f1", metrics::macro_f1(named, truth)}};
}

Figures of_numbers(std::span<const double> said,
                   std::span<const double> truth) {
  Figures out = {{"mae", metrics::mae(said, truth)},
                 {"rmse", metrics::rmse(said, truth)}};
  if (std::ranges::any_of(truth, [](double v) { return v != 0; })) {
    out["wape"] = metrics::wape(said, truth);
  }
  const double all = sum_of(truth);
  out["total"] = all == 0 ? 0 : sum_of(said) / all;
  return out;
}

JsonObject json_of(const Figures& figures) {
  JsonObject out;
  for (const auto& [name, value] : figures) out[name] = value;
  return out;
}

// One answer: the share of each class, or the mean.
std::vector<double> constant_of(const TableLabels& labels) {
  const auto rows = static_cast<double>(labels.values.size());
  if (labels.kind != Label::kClass) return {sum_of(labels.values) / rows};
  std::vector<double> out(labels.classes.size(), 0);
  for (const double v : labels.values) {
    out[static_cast<std::size_t>(v)] += 1 / rows;
  }
  return out;
}

runtime::TableModel loaded(const artifact::Draft& draft) {
  return runtime::TableModel(
      artifact::Artifact::from_bytes(draft.bytes(), "contest"));
}

// The winner fitted on all rows of these parts.
artifact::Draft again(const ContestOptions& options,
                      const artifact::Draft& winner,
                      const std::vector<const TablePart*>& parts,
                      const events::Table& level, bool with_test) {
  if (options.again != nullptr) {
    return options.again(options.table.model, loaded(winner), with_test);
  }
  TablePart all;
  for (const TablePart* part : parts) append_rows(all, *part);
  return refit_table(
      loaded(winner), options.table,
      [&](const std::string&) -> const TablePart& { return all; }, level);
}

}  // namespace

std::vector<std::string> figure_names(Label kind) {
  if (kind == Label::kBinary) return {"auc", "ap", "logloss", "brier", "ece"};
  if (kind == Label::kClass) return {"accuracy", "macro_f1", "logloss"};
  return {"mae", "rmse", "wape", "total"};
}

std::string choosing_figure(Label kind) {
  return kind == Label::kBinary || kind == Label::kClass ? "logloss" : "rmse";
}

Figures figures_of(std::span<const double> said, const TableLabels& truth) {
  if (truth.kind == Label::kBinary) return of_binary(said, truth.values);
  if (truth.kind == Label::kClass) return of_classes(said, truth);
  return of_numbers(said, truth.values);
}

const JudgedTable& ContestResult::winner() const {
  return *std::ranges::find(models, best, &JudgedTable::name);
}

JsonObject ContestResult::metrics() const {
  return {{"test", json_of(refitted.empty() ? winner().test : refitted)},
          {"validation", json_of(winner().validation)}};
}

ContestResult hold_contest(const TablePart& train, const TablePart& validation,
                           const TablePart& test,
                           const ContestOptions& options) {
  if (options.models.empty()) invalid("models: empty, expected at least one");
  if (validation.labels.values.empty() || test.labels.values.empty()) {
    invalid("models: no rows to choose by or to judge on");
  }
  if (options.refit != "none" && options.refit != "validation" &&
      options.refit != "all") {
    invalid("refit: '" + options.refit + "', expected none, validation or all");
  }
  const std::string figure = choosing_figure(train.labels.kind);
  ContestResult out{.draft = artifact::Draft({}), .kind = train.labels.kind};
  double best = 0;
  for (const std::string& name : options.models) {
    TableFitOptions table = options.table;
    table.model = name;
    artifact::Draft draft =
        options.fit != nullptr
            ? options.fit(name)
            : fit_table(train.rows, train.labels, validation.rows,
                        validation.labels, table);
    const runtime::TableModel model = loaded(draft);
    JudgedTable judged{
        name, figures_of(model.predict(validation.rows), validation.labels),
        figures_of(model.predict(test.rows), test.labels)};
    const double loss = judged.validation.at(figure);
    if (out.models.empty() || loss < best) {
      best = loss;
      out.best = name;
      out.draft = std::move(draft);
    }
    out.models.push_back(std::move(judged));
  }
  if (options.refit == "none") return out;
  ContestOptions asked = options;
  asked.table.model = out.best;
  out.draft = again(asked, out.draft, {&train, &validation}, validation.rows,
                    /*with_test=*/false);
  out.refitted = figures_of(loaded(out.draft).predict(test.rows), test.labels);
  if (options.refit == "all") {
    out.draft = again(asked, out.draft, {&train, &validation, &test},
                      validation.rows, /*with_test=*/true);
  }
  return out;
}

JudgedTable judge_constant(const TableLabels& train,
                           const TableLabels& validation,
                           const TableLabels& test) {
  const std::vector<double> one = constant_of(train);
  const auto of = [&](const TableLabels& truth) {
    std::vector<double> said;
    for (std::size_t i = 0; i < truth.values.size(); ++i) {
      said.insert(said.end(), one.begin(), one.end());
    }
    return figures_of(said, truth);
  };
  const char* name = train.kind == Label::kBinary  ? "share"
                     : train.kind == Label::kClass ? "shares"
                                                   : "mean";
  return {name, of(validation), of(test)};
}

}  // namespace ensue::classic
