// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/customers.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/data/features.h"
#include "ensue/features/defaults.h"
#include "ensue/judge/label_leaks.h"
#include "ensue/metrics/binary.h"
#include "ensue/metrics/numbers.h"
#include "ensue/runtime/table_model.h"
#include "ensue/tasks/customer_model.h"

namespace ensue::train {
namespace {

using runtime::TableLabel;

struct Part {
  data::LabelTable labels;
  events::Table features;
};

class Work {
 public:
  explicit Work(const CustomersInput& input)
      : input_(input),
        asked_(with_action(input)),
        task_(asked_, features::names_of(input.log), input.log.item_names()),
        cuts_(judge::choose_cuts(input.log, task_.horizon_ms(), input.cuts)),
        definitions_(features::default_definitions(
            input.log, {.until = cuts_.validation})) {}

  CustomersResult run() {
    const Part train = part(cuts_.train);
    const Part validation = part({&cuts_.validation, 1});
    const Part test = part({&cuts_.test, 1});
    CustomersResult out{.draft = artifact::Draft({}),
                        .cuts = cuts_,
                        .train_rows = train.labels.size(),
                        .validation_rows = validation.labels.size(),
                        .test_rows = test.labels.size()};
    out.leaks = judge::find_label_leaks(train.features, train.labels.values);
    const std::string metric = choosing_metric(kind());
    double best = 0;
    for (const std::string& name : input_.models) {
      auto [draft, judged] = fit(name, train, validation, test);
      const double loss = judged.validation.at(metric);
      if (out.models.empty() || loss < best) {
        best = loss;
        out.best = name;
        out.draft = std::move(draft);
      }
      out.models.push_back(std::move(judged));
    }
    out.baselines = baselines(train, validation, test);
    describe(out);
    return out;
  }

 private:
  static tasks::CustomerTaskOptions with_action(const CustomersInput& input) {
    tasks::CustomerTaskOptions out = input.asked;
    if (out.action.empty()) out.action = features::main_action(input.log);
    return out;
  }
  TableLabel kind() const { return task_.task().kind; }

  Part part(std::span<const events::Millis> instants) const {
    Part out{judge::labels_at(input_.log, task_, instants), {}};
    out.features =
        data::compute_features(input_.log, definitions_, out.labels.pairs,
                               {.progress = input_.progress});
    return out;
  }

  classic::TableLabels labels(const Part& part) const {
    classic::Label label = classic::Label::kBinary;
    if (kind() == TableLabel::kNumber) label = classic::Label::kNumber;
    if (kind() == TableLabel::kCount) label = classic::Label::kCount;
    return {.kind = label, .values = part.labels.values};
  }

  std::pair<artifact::Draft, JudgedTable> fit(const std::string& name,
                                              const Part& train,
                                              const Part& validation,
                                              const Part& test) const {
    classic::TableFitOptions options = input_.table;
    options.model = name;
    artifact::Draft draft =
        classic::fit_table(train.features, labels(train), validation.features,
                           labels(validation), options);
    const runtime::TableModel model(
        artifact::Artifact::from_bytes(draft.bytes(), name));
    JudgedTable judged{
        name,
        figures(model.predict(validation.features), validation.labels.values),
        figures(model.predict(test.features), test.labels.values)};
    return {std::move(draft), std::move(judged)};
  }

  Figures figures(const std::vector<double>& said,
                  const std::vector<double>& truth) const {
    if (kind() == TableLabel::kBinary) {
      return {{"auc", metrics::auc(said, truth)},
              {"ap", metrics::average_precision(said, truth)},
              {"logloss", metrics::logloss_of(said, truth)},
              {"brier", metrics::brier(said, truth)},
              {"ece", metrics::ece(said, truth)}};
    }
    const double all = std::accumulate(truth.begin(), truth.end(), 0.0);
    return {
        {"mae", metrics::mae(said, truth)},
        {"rmse", metrics::rmse(said, truth)},
        {"wape", metrics::wape(said, truth)},
        {"total",
         all == 0 ? 0 : std::accumulate(said.begin(), said.end(), 0.0) / all}};
  }

  // Of a binary task: each way of ordering customers that needs no model.
  // Others: the mean of training, said of everybody.
  std::vector<JudgedTable> baselines(const Part& train, const Part& validation,
                                     const Part& test) const {
    if (kind() != TableLabel::kBinary) {
      const auto& known = train.labels.values;
      const double mean = std::accumulate(known.begin(), known.end(), 0.0) /
                          static_cast<double>(known.size());
      const auto of = [&](const Part& part) {
        return figures(std::vector<double>(part.labels.size(), mean),
                       part.labels.values);
      };
      return {{"mean", of(validation), of(test)}};
    }
    std::vector<JudgedTable> out;
    for (const char* kind : {"recency", "count"}) {
      const auto found = std::ranges::find_if(
          definitions_, [&](const features::Definition& d) {
            return d.kind == kind && d.action == asked_.action &&
                   d.window_days == 0 && d.edges.empty();
          });
      if (found == definitions_.end()) continue;
      const double sign = std::string_view(kind) == "recency" ? -1 : 1;
      const auto of = [&](const Part& part) {
        const auto& cells = std::get<std::vector<double>>(
            part.features.find(found->name)->cells);
        std::vector<double> scores;
        for (const double cell : cells) {
          scores.push_back(cell == cell ? sign * cell : -1e300);
        }
        return Figures{
            {"auc", metrics::auc(scores, part.labels.values)},
            {"ap", metrics::average_precision(scores, part.labels.values)}};
      };
      out.push_back({found->name + " alone", of(validation), of(test)});
    }
    return out;
  }

  void describe(CustomersResult& out) const {
    artifact::Description& about = out.draft.description();
    about.items = input_.log.item_names();
    about.actions = input_.log.action_names();
    about.item_table = input_.log.item_table();
    about.context = input_.log.context();
    about.schema = input_.log.schema();
    about.model.name = asked_.name;
    about.data["log"] = std::to_string(input_.log.fingerprint());
    about.data["until_ms"] = count(cuts_.validation) + task_.horizon_ms();
    tasks::CustomerModel::describe(out.draft, asked_, definitions_);
    for (const JudgedTable& judged : out.models) {
      if (judged.name != out.best) continue;
      JsonObject test, validation;
      for (const auto& [name, value] : judged.test) test[name] = value;
      for (const auto& [name, value] : judged.validation) {
        validation[name] = value;
      }
      about.metrics["test"] = std::move(test);
      about.metrics["validation"] = std::move(validation);
    }
  }

  const CustomersInput& input_;
  tasks::CustomerTaskOptions asked_;
  tasks::CustomerLabel task_;
  judge::Cuts cuts_;
  std::vector<features::Definition> definitions_;
};

}  // namespace

std::string choosing_metric(TableLabel kind) {
  return kind == TableLabel::kBinary ? "logloss" : "rmse";
}

CustomersResult fit_customers(const CustomersInput& input) {
  if (input.models.empty()) invalid("models: empty, expected at least one");
  return Work(input).run();
}

}  // namespace ensue::train
