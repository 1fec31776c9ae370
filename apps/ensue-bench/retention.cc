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

struct Rows {
  events::Table table;
  std::vector<double> labels;
  std::vector<double> days;  // log(1 + days with a purchase in the window)

  void append(const Rows& more) {
    if (table.columns.empty())
      table.columns = more.table.columns;
    else {
      for (std::size_t c = 0; c < table.columns.size(); ++c) {
        auto& to = std::get<1>(table.columns[c].cells);
        const auto& from = std::get<1>(more.table.columns[c].cells);
        to.insert(to.end(), from.begin(), from.end());
      }
    }
    labels.insert(labels.end(), more.labels.begin(), more.labels.end());
    days.insert(days.end(), more.days.begin(), more.days.end());
  }
};

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

Rows rows_at(const Log& log,
             const std::vector<features::Definition>& definitions, Millis time,
             int horizon) {
  const events::ActionId aim{static_cast<std::uint8_t>(
      *log.action_names().find(features::main_action(log, time)))};
  const auto pairs = data::everyone_at(log, time);
  Rows out{data::compute_features(log, definitions, pairs), {}, {}};
  for (const data::AsOf& pair : pairs) {
    const auto days = days_of(log, aim, pair, shifted(time, horizon));
    out.labels.push_back(days > 0 ? 1 : 0);
    out.days.push_back(std::log1p(static_cast<double>(days)));
  }
  return out;
}

// Recency, frequency and money over windows, as the floors know them.
std::vector<features::Definition> rfm_definitions(const std::string& aim,
                                                  bool values) {
  std::vector<features::Definition> out = {
      {.name = "rfm_recency_days", .kind = "recency", .action = aim},
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

  classic::TableFitOptions options(std::uint64_t seed) const {
    classic::TableFitOptions out;
    out.model = model;
    out.l2 = l2;
    out.rounds = 200;
    out.patience = 0;
    out.depth = 4;
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
  return {{"linear, l2 100", "linear", kSpacing, 100},
          {"linear, l2 1000", "linear", kSpacing, 1000},
          {"trees, a horizon apart", "trees", horizon_days},
          {"trees", "trees"},
          {"linear + trees, l2 100", "linear+trees", kSpacing, 100},
          {"linear + trees, l2 1000", "linear+trees", kSpacing, 1000},
          {"the same, and days", "linear+trees", kSpacing, 1000, true}};
}

std::vector<double> answers(const Rows& train, const Rows& asked,
                            const Setting& setting, int seed) {
  classic::TableLabels labels{classic::Label::kBinary, train.labels};
  if (setting.days) labels.auxiliary = train.days;
  const auto draft =
      classic::fit_table(train.table, labels, {}, {},
                         setting.options(static_cast<std::uint64_t>(seed)));
  const runtime::TableModel model(
      artifact::Artifact::from_bytes(draft.bytes(), "retention"));
  return model.predict(asked.table);
}

Rows only(const Rows& rows, const std::vector<std::string>& wanted) {
  Rows out;
  out.labels = rows.labels;
  out.days = rows.days;
  for (const std::string& name : wanted) {
    out.table.columns.push_back(*rows.table.find(name));
  }
  return out;
}

void add(std::vector<double> scores, const Rows& rows, double share,
         double& auc, double& ap) {
  auc += share * metrics::auc(scores, rows.labels);
  ap += share * metrics::average_precision(scores, rows.labels);
}

// Rows of every instant that is asked about, made once.
class Instants {
 public:
  Instants(const Log& log, std::vector<features::Definition> definitions,
           const RetentionOptions& options)
      : log_(log), definitions_(std::move(definitions)), options_(options) {}

  const Rows& at(Millis time) {
    const auto found = rows_.find(count(time));
    if (found != rows_.end()) return found->second;
    if (options_.progress) {
      options_.progress({"features", double(rows_.size()), 20, ""});
    }
    return rows_
        .emplace(count(time),
                 rows_at(log_, definitions_, time, options_.horizon_days))
        .first->second;
  }

  /// Rows of the instants so far apart whose horizons end by `end`.
  Rows before(Millis end, int spacing_days,
              const std::vector<std::string>& of) {
    Rows out;
    const Millis first = shifted(
        options_.test, -options_.cuts * options_.horizon_days - kSpacing);
    for (Millis time = shifted(end, -options_.horizon_days); time > first;
         time = shifted(time, -spacing_days)) {
      out.append(only(at(time), of));
    }
    return out;
  }

 private:
  const Log& log_;
  std::vector<features::Definition> definitions_;
  const RetentionOptions& options_;
  std::map<std::int64_t, Rows> rows_;
};

// One setting on all instants.
class Trial {
 public:
  Trial(Instants& instants, const RetentionOptions& options,
        std::vector<std::string> columns)
      : instants_(instants), options_(options), columns_(std::move(columns)) {}

  // Fitted on what was known before each validation instant.
  void validate(const Setting& setting, RetentionRow& row) const {
    const double share = 1.0 / (options_.seeds * kValidations);
    for (int back = 1; back <= kValidations; ++back) {
      const Millis time = shifted(options_.test, -back * options_.horizon_days);
      const Rows train = instants_.before(time, setting.spacing_days, columns_);
      const Rows asked = only(instants_.at(time), columns_);
      for (int seed = 1; seed <= options_.seeds; ++seed) {
        add(answers(train, asked, setting, seed), asked, share,
            row.validation_auc, row.validation_ap);
      }
    }
  }

  // Fitted on all that was known before the test's instant. @return rows.
  std::size_t test(const Setting& setting, RetentionRow& row) const {
    const Rows train =
        instants_.before(options_.test, setting.spacing_days, columns_);
    const Rows asked = only(instants_.at(options_.test), columns_);
    row.lowest_auc = 1;
    for (int seed = 1; seed <= options_.seeds; ++seed) {
      const auto scores = answers(train, asked, setting, seed);
      const double share = 1.0 / options_.seeds;
      const double auc = metrics::auc(scores, asked.labels);
      add(scores, asked, share, row.auc, row.ap);
      row.ece += share * metrics::ece(scores, asked.labels);
      row.lowest_auc = std::min(row.lowest_auc, auc);
      row.highest_auc = std::max(row.highest_auc, auc);
    }
    return train.labels.size();
  }

 private:
  Instants& instants_;
  const RetentionOptions& options_;
  std::vector<std::string> columns_;
};

RetentionRow recency_floor(Instants& instants,
                           const RetentionOptions& options) {
  RetentionRow row{"recency"};
  const auto scores = [](const Rows& rows) {
    std::vector<double> out;
    const auto* column = rows.table.find("rfm_recency_days");
    for (std::size_t i = 0; i < column->size(); ++i) {
      const double days = column->number(i);
      out.push_back(std::isnan(days) ? -1e9 : -days);
    }
    return out;
  };
  for (int back = 1; back <= kValidations; ++back) {
    const Rows& rows =
        instants.at(shifted(options.test, -back * options.horizon_days));
    add(scores(rows), rows, 1.0 / kValidations, row.validation_auc,
        row.validation_ap);
  }
  const Rows& test = instants.at(options.test);
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
  const Rows& test = instants.at(options.test);
  out.users = test.labels.size();
  out.features = all.size();
  for (const double label : test.labels) {
    out.rate += label / static_cast<double>(out.users);
  }
  out.floors = {recency_floor(instants, options)};
  const Trial narrow(instants, options, names_of(rfm));
  for (const Setting& floor :
       {Setting{"logistic, RFM windows", "linear", options.horizon_days, 30},
        Setting{"XGBoost, RFM windows", "trees", options.horizon_days}}) {
    RetentionRow row{floor.name};
    narrow.validate(floor, row);
    narrow.test(floor, row);
    out.floors.push_back(row);
  }
  const Trial wide(instants, options, names_of(all));
  const auto choices = settings(options.horizon_days);
  for (const Setting& choice : choices) {
    out.models.push_back({choice.name});
    wide.validate(choice, out.models.back());
    if (out.models.back().validation_auc >
        out.models[out.best].validation_auc) {
      out.best = out.models.size() - 1;
    }
  }
  out.rows = wide.test(choices[out.best], out.models[out.best]);
  return out;
}

}  // namespace ensue::apps
