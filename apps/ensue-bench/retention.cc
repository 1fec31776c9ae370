// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/retention.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "ensue/artifact/artifact.h"
#include "ensue/classic/table_fit.h"
#include "ensue/classic/table_refit.h"
#include "ensue/data/features.h"
#include "ensue/features/defaults.h"
#include "ensue/features/live.h"
#include "ensue/metrics/binary.h"
#include "ensue/metrics/calibration.h"
#include "ensue/runtime/table_model.h"

namespace ensue::apps {
namespace {

using events::Log, events::Millis;

constexpr int kSpacing = 30;     // days between instants that are learnt from
constexpr int kValidations = 2;  // instants before the test's that choose
constexpr char kRecency[] = "rfm_recency_days";

// As-of features, whether there is a purchase in the window, and beside that
// log(1 + days with one).
using Rows = classic::TablePart;

Millis shifted(Millis time, int days) {
  return Millis{count(time) + days * events::kDayMs};
}

// Distinct days in [time, end) on which the user did the aim's action.
std::size_t days_of(const Log& log, events::ActionId aim,
                    const data::AsOf& pair, Millis end) {
  const auto history = log.history(pair.user);
  std::set<std::int64_t> out;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (history.actions[i] == aim && history.times[i] >= pair.time &&
        history.times[i] < end) {
      out.insert(count(history.times[i]) / events::kDayMs);
    }
  }
  return out.size();
}

// What comes of everyone within the horizon; the features are another's.
Rows labels_at(const Log& log, Millis time, int horizon) {
  const events::ActionId aim{static_cast<std::uint8_t>(
      *log.action_names().find(features::main_action(log, time)))};
  Rows out;
  for (const data::AsOf& pair : data::everyone_at(log, time)) {
    const auto days = days_of(log, aim, pair, shifted(time, horizon));
    out.labels.values.push_back(days > 0 ? 1 : 0);
    out.labels.auxiliary.push_back(std::log1p(static_cast<double>(days)));
  }
  return out;
}

// Recency, frequency and money over windows, as the floors know them.
std::vector<features::Definition> rfm_definitions(const std::string& aim,
                                                  bool values) {
  std::vector<features::Definition> out = {
      {.name = kRecency, .kind = "recency", .action = aim},
      {.name = "rfm_age_days", .kind = "age", .action = aim}};
  for (const int days : {30, 90, 180, 365, 0}) {
    const std::string window = "_" + std::to_string(days);
    out.push_back({.name = "rfm_frequency" + window,
                   .kind = "instants",
                   .action = aim,
                   .window_days = double(days)});
    if (!values) continue;
    out.push_back({.name = "rfm_money" + window,
                   .kind = "sum",
                   .action = aim,
                   .window_days = double(days),
                   .column = "value"});
  }
  return out;
}

// One way to answer: what is fitted, on rows of instants so far apart.
struct Setting {
  std::string name, model;
  int spacing_days = kSpacing;
  double l2 = 1000;
  bool days = false;  // learns on how many days they bought, too
  int depth = 4;
  /// Parts of the horizon: the mean margin of models that each look as far. A
  /// shorter look is known of later instants.
  std::vector<int> parts = {1};

  classic::TableFitOptions options(std::uint64_t seed) const {
    classic::TableFitOptions out;
    out.model = model;
    out.l2 = l2;
    out.rounds = 200;
    out.patience = 0;
    out.depth = depth;
    out.eta = 0.04;
    out.rows_share = 0.6;
    out.columns_share = 0.3;
    out.leaf_weight = 20;
    out.leaf_l2 = 5;
    out.calibration = "none";  // all it would change is the scale
    out.blend = "equal";  // rows of one user at several instants are no folds
    out.seed = seed;
    return out;
  }
};

std::vector<Setting> settings(int horizon_days) {
  return {
      {"linear, l2 100", "linear", kSpacing, 100},
      {"linear, l2 1000", "linear", kSpacing, 1000},
      {"trees, a horizon apart", "trees", horizon_days},
      {"trees", "trees"},
      {"linear + trees, l2 100", "linear+trees", kSpacing, 100},
      {"linear + trees, l2 1000", "linear+trees", kSpacing, 1000},
      {"the same, and days", "linear+trees", kSpacing, 1000, true},
      {"linear + trees of depth 3", "linear+trees", kSpacing, 1000, false, 3},
      {"the same, and a third of the horizon",
       "linear+trees",
       kSpacing,
       1000,
       false,
       3,
       {1, 3}},
      {"with both, and days", "linear+trees", kSpacing, 1000, true, 3, {1, 3}}};
}

std::vector<double> margins(const Rows& train, const Rows& asked,
                            const Setting& setting, int seed) {
  classic::TableLabels labels = train.labels;
  if (!setting.days) labels.auxiliary.clear();
  const auto draft =
      classic::fit_table(train.rows, labels, {}, {},
                         setting.options(static_cast<std::uint64_t>(seed)));
  const runtime::TableModel model(
      artifact::Artifact::from_bytes(draft.bytes(), "retention"));
  return model.margins(asked.rows);
}

void add(std::vector<double> scores, const Rows& rows, double share,
         double& auc, double& ap) {
  auc += share * metrics::auc(scores, rows.labels.values);
  ap += share * metrics::average_precision(scores, rows.labels.values);
}

// Rows of every instant that is asked about, made once.
class Instants {
 public:
  Instants(const Log& log, std::vector<features::Definition> definitions,
           const RetentionOptions& options)
      : log_(log), definitions_(std::move(definitions)), options_(options) {}

  /// Whether they purchase within the horizon, and these columns.
  Rows at(Millis time, const std::vector<std::string>& of) {
    return at(time, of, options_.horizon_days);
  }

  /// Rows of the instants so far apart of which it is known by `end` what came
  /// within `days`.
  Rows before(Millis end, int spacing_days, int days,
              const std::vector<std::string>& of) {
    Rows out;
    const Millis first = shifted(
        options_.test, -options_.cuts * options_.horizon_days - kSpacing);
    for (Millis time = shifted(end, -days); time > first;
         time = shifted(time, -spacing_days)) {
      classic::append_rows(out, at(time, of, days));
    }
    return out;
  }

 private:
  Rows at(Millis time, const std::vector<std::string>& of, int days) {
    const events::Table& all = features(time);
    Rows out = labels_at(log_, time, days);
    for (const std::string& name : of) {
      out.rows.columns.push_back(*all.find(name));
    }
    return out;
  }

  const events::Table& features(Millis time) {
    const auto found = tables_.find(count(time));
    if (found != tables_.end()) return found->second;
    if (options_.progress) {
      options_.progress({"features", double(tables_.size()), 20, ""});
    }
    return tables_
        .emplace(count(time),
                 data::compute_features(log_, definitions_,
                                        data::everyone_at(log_, time)))
        .first->second;
  }

  const Log& log_;
  std::vector<features::Definition> definitions_;
  const RetentionOptions& options_;
  std::map<std::int64_t, events::Table> tables_;
};

// What is known of a setting from validation: margins and what came true.
struct Seen {
  std::vector<double> margins, labels;
};

// Probabilities of margins: a logistic regression on them (Platt).
std::vector<double> calibrated(const Seen& seen,
                               const std::vector<double>& margins) {
  classic::TableFitOptions options;
  options.model = "linear";
  options.columns = {"margin=number"};
  options.calibration = "none";
  options.l2 = 1e-3;
  const auto draft = classic::fit_table({{{"margin", seen.margins}}, ""},
                                        {classic::Label::kBinary, seen.labels},
                                        {}, {}, options);
  return runtime::TableModel(
             artifact::Artifact::from_bytes(draft.bytes(), "calibration"))
      .predict({{{"margin", margins}}, ""});
}

// One setting on all instants.
class Trial {
 public:
  Trial(Instants& instants, const RetentionOptions& options,
        std::vector<std::string> columns)
      : instants_(instants), options_(options), columns_(std::move(columns)) {}

  // Fitted on what was known before each validation instant.
  Seen validate(const Setting& setting, RetentionRow& row) const {
    const double share = 1.0 / (options_.seeds * kValidations);
    Seen out;
    for (int back = 1; back <= kValidations; ++back) {
      const Millis time = shifted(options_.test, -back * options_.horizon_days);
      const auto train = training(time, setting);
      const Rows asked = instants_.at(time, columns_);
      for (int seed = 1; seed <= options_.seeds; ++seed) {
        const auto scores = answers(train, asked, setting, seed);
        add(scores, asked, share, row.validation_auc, row.validation_ap);
        out.margins.insert(out.margins.end(), scores.begin(), scores.end());
        out.labels.insert(out.labels.end(), asked.labels.values.begin(),
                          asked.labels.values.end());
      }
    }
    return out;
  }

  // Fitted on all that was known before the test's instant. @return rows.
  std::size_t test(const Setting& setting, const Seen& seen,
                   RetentionRow& row) const {
    const auto train = training(options_.test, setting);
    const Rows asked = instants_.at(options_.test, columns_);
    row.lowest_auc = 1;
    for (int seed = 1; seed <= options_.seeds; ++seed) {
      const auto scores = answers(train, asked, setting, seed);
      const double share = 1.0 / options_.seeds;
      const double auc = metrics::auc(scores, asked.labels.values);
      add(scores, asked, share, row.auc, row.ap);
      row.ece +=
          share * metrics::ece(calibrated(seen, scores), asked.labels.values);
      row.lowest_auc = std::min(row.lowest_auc, auc);
      row.highest_auc = std::max(row.highest_auc, auc);
    }
    return train[0].labels.values.size();
  }

 private:
  // Of each part of the horizon.
  std::vector<Rows> training(Millis end, const Setting& setting) const {
    std::vector<Rows> out;
    for (const int part : setting.parts) {
      out.push_back(instants_.before(end, setting.spacing_days,
                                     options_.horizon_days / part, columns_));
    }
    return out;
  }

  // The mean margin over how far the models look.
  static std::vector<double> answers(const std::vector<Rows>& train,
                                     const Rows& asked, const Setting& setting,
                                     int seed) {
    std::vector<double> out(asked.labels.values.size());
    for (const Rows& rows : train) {
      const auto own = margins(rows, asked, setting, seed);
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] += own[i] / static_cast<double>(train.size());
      }
    }
    return out;
  }

  Instants& instants_;
  const RetentionOptions& options_;
  std::vector<std::string> columns_;
};

RetentionRow recency_floor(Instants& instants,
                           const RetentionOptions& options) {
  RetentionRow row{"recency"};
  const auto scores = [](const Rows& rows) {
    std::vector<double> out;
    const auto* column = rows.rows.find(kRecency);
    for (std::size_t i = 0; i < column->size(); ++i) {
      const double days = column->number(i);
      out.push_back(std::isnan(days) ? -1e9 : -days);
    }
    return out;
  };
  for (int back = 1; back <= kValidations; ++back) {
    const Rows rows = instants.at(
        shifted(options.test, -back * options.horizon_days), {kRecency});
    add(scores(rows), rows, 1.0 / kValidations, row.validation_auc,
        row.validation_ap);
  }
  const Rows test = instants.at(options.test, {kRecency});
  add(scores(test), test, 1, row.auc, row.ap);
  row.lowest_auc = row.highest_auc = row.auc;
  row.ece = std::nan("");
  return row;
}

std::vector<std::string> names_of(
    const std::vector<features::Definition>& definitions) {
  std::vector<std::string> out;
  for (const features::Definition& d : definitions) out.push_back(d.name);
  return out;
}

}  // namespace

Retention judge_retention(const Log& log, const RetentionOptions& options) {
  // What the definitions say of the log comes from before every label.
  const Millis first =
      shifted(options.test, -options.cuts * options.horizon_days);
  auto all = features::default_definitions(log, {.until = first});
  const auto rfm = rfm_definitions(features::main_action(log, first), true);
  all.insert(all.end(), rfm.begin(), rfm.end());
  Instants instants(log, all, options);
  Retention out;
  const Rows test = instants.at(options.test, {});
  out.users = test.labels.values.size();
  out.features = all.size();
  for (const double label : test.labels.values) {
    out.rate += label / static_cast<double>(out.users);
  }
  out.floors = {recency_floor(instants, options)};
  const Trial narrow(instants, options, names_of(rfm));
  for (const Setting& floor :
       {Setting{"logistic, RFM windows", "linear", options.horizon_days, 30},
        Setting{"XGBoost, RFM windows", "trees", options.horizon_days}}) {
    RetentionRow row{floor.name};
    narrow.test(floor, narrow.validate(floor, row), row);
    out.floors.push_back(row);
  }
  const Trial wide(instants, options, names_of(all));
  const auto choices = settings(options.horizon_days);
  std::vector<Seen> seen;
  for (const Setting& choice : choices) {
    out.models.push_back({choice.name});
    seen.push_back(wide.validate(choice, out.models.back()));
    if (out.models.back().validation_auc >
        out.models[out.best].validation_auc) {
      out.best = out.models.size() - 1;
    }
  }
  out.rows = wide.test(choices[out.best], seen[out.best], out.models[out.best]);
  return out;
}

}  // namespace ensue::apps
