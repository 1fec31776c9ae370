// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/retention.h"

#include <algorithm>
#include <cmath>
#include <memory>
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

struct Rows {
  events::Table table;
  std::vector<double> labels;

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
  }
};

Millis shifted(Millis time, int days) {
  return Millis{count(time) + days * events::kDayMs};
}

// Did the user do the aim's action in [time, end)?
bool purchases(const Log& log, events::ActionId aim, const data::AsOf& pair,
               Millis end) {
  const auto history = log.history(pair.user);
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (history.actions[i] == aim && history.times[i] >= pair.time &&
        history.times[i] < end) {
      return true;
    }
  }
  return false;
}

Rows rows_at(const Log& log,
             const std::vector<features::Definition>& definitions, Millis time,
             int horizon) {
  const events::ActionId aim{static_cast<std::uint8_t>(
      *log.action_names().find(features::main_action(log, time)))};
  const auto pairs = data::everyone_at(log, time);
  Rows out{data::compute_features(log, definitions, pairs), {}};
  for (const data::AsOf& pair : pairs) {
    out.labels.push_back(purchases(log, aim, pair, shifted(time, horizon)) ? 1
                                                                           : 0);
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

struct Candidate {
  std::string name;
  classic::TableFitOptions options;
};

classic::TableFitOptions gentle_trees(std::uint64_t seed) {
  classic::TableFitOptions out;
  out.rounds = 200;
  out.patience = 0;
  out.depth = 4;
  out.eta = 0.04;
  out.rows_share = 0.6;
  out.columns_share = 0.3;
  out.leaf_weight = 20;
  out.leaf_l2 = 5;
  out.seed = seed;
  return out;
}

Candidate candidate(const std::string& name, const std::string& model,
                    std::uint64_t seed, double l2 = 30) {
  Candidate out{name, gentle_trees(seed)};
  out.options.model = model;
  out.options.l2 = l2;
  return out;
}

std::vector<double> answers(const Rows& train, const Rows& asked,
                            const classic::TableFitOptions& options) {
  const classic::TableLabels labels{classic::Label::kBinary, train.labels};
  const auto draft = classic::fit_table(train.table, labels, {}, {}, options);
  const runtime::TableModel model(
      artifact::Artifact::from_bytes(draft.bytes(), "retention"));
  return model.predict(asked.table);
}

Rows only(const Rows& rows, const std::vector<features::Definition>& wanted) {
  Rows out;
  out.labels = rows.labels;
  for (const features::Definition& d : wanted) {
    out.table.columns.push_back(*rows.table.find(d.name));
  }
  return out;
}

struct Parts {
  Rows before;      // cuts before the validation cut
  Rows validation;  // the last cut before the test
  Rows all;         // both
  Rows test;
};

Parts select(const Parts& parts,
             const std::vector<features::Definition>& wanted) {
  return {only(parts.before, wanted), only(parts.validation, wanted),
          only(parts.all, wanted), only(parts.test, wanted)};
}

void add(std::vector<double> scores, const Rows& rows, double share,
         double& auc, double& ap) {
  auc += share * metrics::auc(scores, rows.labels);
  ap += share * metrics::average_precision(scores, rows.labels);
}

RetentionRow judge(const std::string& name, const std::string& model,
                   const Parts& parts, int seeds) {
  RetentionRow row{name, 0, 0, 0, 0, 0, 1, 0};
  const double share = 1.0 / seeds;
  for (int seed = 1; seed <= seeds; ++seed) {
    const auto fit =
        candidate(name, model, static_cast<std::uint64_t>(seed)).options;
    add(answers(parts.before, parts.validation, fit), parts.validation, share,
        row.validation_auc, row.validation_ap);
    const auto scores = answers(parts.all, parts.test, fit);
    const double auc = metrics::auc(scores, parts.test.labels);
    add(scores, parts.test, share, row.auc, row.ap);
    row.ece += share * metrics::ece(scores, parts.test.labels);
    row.lowest_auc = std::min(row.lowest_auc, auc);
    row.highest_auc = std::max(row.highest_auc, auc);
  }
  return row;
}

RetentionRow recency_floor(const Parts& parts) {
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
  add(scores(parts.validation), parts.validation, 1, row.validation_auc,
      row.validation_ap);
  add(scores(parts.test), parts.test, 1, row.auc, row.ap);
  row.lowest_auc = row.highest_auc = row.auc;
  row.ece = std::nan("");
  return row;
}

Parts make_parts(const Log& log,
                 const std::vector<features::Definition>& definitions,
                 const RetentionOptions& options) {
  Parts out;
  for (int cut = options.cuts; cut >= 0; --cut) {
    if (options.progress) {
      options.progress({"features", double(options.cuts - cut),
                        double(options.cuts + 1), ""});
    }
    const Rows rows = rows_at(
        log, definitions, shifted(options.test, -cut * options.horizon_days),
        options.horizon_days);
    if (cut == 0) out.test = rows;
    if (cut == 1) out.validation = rows;
    if (cut > 1) out.before.append(rows);
    if (cut > 0) out.all.append(rows);
  }
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
  const Parts parts = make_parts(log, all, options);
  Retention out;
  out.users = parts.test.labels.size();
  out.features = all.size();
  out.rows = parts.all.labels.size();
  for (const double label : parts.test.labels) {
    out.rate += label / static_cast<double>(out.users);
  }
  const Parts narrow = select(parts, rfm);
  out.floors = {recency_floor(parts),
                judge("logistic, RFM windows", "linear", narrow, 1),
                judge("XGBoost, RFM windows", "trees", narrow, options.seeds)};
  for (const char* model : {"linear", "trees", "linear+trees"}) {
    out.models.push_back(judge(model, model, parts, options.seeds));
    if (out.models.back().validation_auc >
        out.models[out.best].validation_auc) {
      out.best = out.models.size() - 1;
    }
  }
  return out;
}

}  // namespace ensue::apps
