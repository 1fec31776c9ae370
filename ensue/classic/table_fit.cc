// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/table_fit.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <set>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/threads.h"
#include "ensue/classic/internal/calibration_fit.h"
#include "ensue/classic/internal/column_fit.h"
#include "ensue/classic/internal/table_part.h"
#include "ensue/classic/table_blend.h"
#include "ensue/runtime/table_model.h"

namespace ensue::classic {
namespace {

using events::Table;

void check_label(const TableLabels& labels, std::size_t row) {
  const double y = labels.values[row];
  const auto classes = static_cast<double>(labels.classes.size());
  const bool whole = y == std::floor(y);
  const bool good = labels.kind == Label::kBinary ? y == 0 || y == 1
                    : labels.kind == Label::kClass
                        ? whole && y >= 0 && y < classes
                    : labels.kind == Label::kCount ? whole && y >= 0
                                                   : std::isfinite(y);
  if (good) return;
  const char* expected = labels.kind == Label::kBinary  ? "0 or 1"
                         : labels.kind == Label::kClass ? "place of a class"
                         : labels.kind == Label::kCount ? "a count"
                                                        : "a number";
  invalid("label of row " + std::to_string(row + 1) + ": " + std::to_string(y) +
          ", expected " + expected);
}

void check_rows(const Table& table, const TableLabels& labels,
                const char* part) {
  if (table.rows() != labels.values.size()) {
    invalid(std::string(part) + ": " + std::to_string(table.rows()) +
            " rows, " + std::to_string(labels.values.size()) + " labels");
  }
  if (!labels.auxiliary.empty() &&
      labels.auxiliary.size() != labels.values.size()) {
    invalid(std::string(part) + ": " + std::to_string(labels.values.size()) +
            " labels, " + std::to_string(labels.auxiliary.size()) +
            " auxiliary numbers");
  }
  for (std::size_t row = 0; row < labels.values.size(); ++row) {
    check_label(labels, row);
  }
}

void check_training(const Table& table, const TableLabels& labels) {
  check_rows(table, labels, "training");
  if (labels.values.empty()) invalid("training: no rows");
  const std::set<double> seen(labels.values.begin(), labels.values.end());
  if (seen.size() == 1) {
    invalid("training: all " + std::to_string(labels.values.size()) +
            " labels are " + std::to_string(*seen.begin()) +
            "; nothing to tell apart");
  }
  for (std::size_t c = 0; c < labels.classes.size(); ++c) {
    if (labels.kind == Label::kClass &&
        !seen.contains(static_cast<double>(c))) {
      invalid("class '" + labels.classes[c] + "': no row of training has it");
    }
  }
}

void check_auxiliary(const TableLabels& train, const TableLabels& validation) {
  if (train.auxiliary.empty()) return;
  if (train.kind == Label::kClass) {
    invalid("auxiliary numbers beside classes: expected another kind of label");
  }
  if (validation.auxiliary.size() != validation.values.size()) {
    invalid("validation: expected an auxiliary number of each row");
  }
}

// A member to fit: its model, and what it learns (learnt_labels()).
struct Entry {
  std::string model, learns = {};
};

// What is no yes or no is nothing for bayes.
std::vector<Entry> entries_of(const TableFitOptions& options,
                              const TableLabels& train) {
  const auto besides = auxiliary_names(train);
  std::vector<Entry> out;
  for (const std::string& model : members_of(options.model)) {
    out.push_back({model});
    for (const std::string& what : besides) {
      const auto kind = learnt_labels(train, {}, what).kind;
      if (model == "bayes" && kind != Label::kBinary) continue;
      out.push_back({model, what});
    }
  }
  return out;
}

class Fit {
 public:
  Fit(const Table& train, const TableLabels& labels,
      const TableFitOptions& options)
      : train_(train),
        labels_(labels),
        options_(options),
        entries_(entries_of(options, labels)) {}

  runtime::TableModel run(const Table& held, const TableLabels& held_labels) {
    const bool decides = held.rows() > 0;
    std::vector<runtime::TableModel::Member> members;
    std::vector<std::vector<double>> margins;
    for (const Entry& entry : entries_) {
      int length = 0;
      Part part =
          decides ? fit_part(entry.model, train_, learnt_by(entry), held,
                             learnt_labels(labels_, held_labels, entry.learns),
                             0, options_)
                  : whole(entry, margins, length);
      if (decides) {
        length = part.fitted.length;
        margins.push_back(part.margins(held, outputs_of(labels_)));
      }
      members.push_back(
          {std::move(part.columns), std::move(part.fitted.scorer), 1,
           MemberOrigin{entry.model, length, entry.learns}.text()});
    }
    return finish(std::move(members), decides ? held_labels : labels_, margins);
  }

 private:
  // A fit on all rows; its margins of them come from fits on other folds.
  Part whole(const Entry& entry, std::vector<std::vector<double>>& margins,
             int& length) const {
    if (needs_folds()) {
      margins.push_back(out_of_fold(entry, length));
    }
    return fit_part(entry.model, train_, learnt_by(entry), {}, {}, length,
                    options_);
  }

  TableLabels learnt_by(const Entry& entry) const {
    return learnt_labels(labels_, labels_, entry.learns);
  }

  // Of all members or of none, as their margins are summed.
  bool needs_folds() const {
    const bool chooses = std::ranges::any_of(entries_, [&](const Entry& entry) {
      return ((entry.model == "linear" || entry.model == "bayes") &&
              chooses_penalty(options_, labels_.kind)) ||
             (entry.model == "trees" && options_.patience > 0) ||
             (entry.model == "dense" && options_.dense_patience > 0);
    });
    const bool curve =
        options_.calibration != "none" &&
        (labels_.kind == Label::kBinary || labels_.kind == Label::kClass);
    const bool weighed = options_.blend == "fitted" && entries_.size() > 1;
    return chooses || curve || weighed;
  }

  // The rows that stop a member are those it is then asked about: a little
  // rosy, the same for every member that is stopped.
  std::vector<double> out_of_fold(const Entry& entry, int& length) const {
    const TableLabels labels = learnt_by(entry);
    const std::size_t outputs = outputs_of(labels_);
    std::vector<double> out(labels_.values.size() * outputs);
    const std::vector<int> fold =
        fold_of_rows(labels_, options_.folds, options_.seed);
    std::vector<int> lengths(static_cast<std::size_t>(options_.folds));
    const auto one = [&](std::size_t f) {
      std::vector<std::size_t> own, others;
      for (std::size_t row = 0; row < fold.size(); ++row) {
        (fold[row] == static_cast<int>(f) ? own : others).push_back(row);
      }
      const Table held = rows_of(train_, own);
      const Part part = fit_part(entry.model, rows_of(train_, others),
                                 rows_of(labels, others), held,
                                 rows_of(labels, own), 0, options_);
      lengths[f] = part.fitted.length;
      const std::vector<double> margins = part.margins(held, outputs);
      for (std::size_t i = 0; i < own.size() * outputs; ++i) {
        out[own[i / outputs] * outputs + i % outputs] = margins[i];
      }
    };
    // LIBLINEAR's random numbers for L1 are one stream of the whole process.
    const std::size_t grain = options_.l1 > 0 ? lengths.size() : 1;
    parallel_for(lengths.size(), grain,
                 [&](std::size_t begin, std::size_t end) {
                   for (std::size_t f = begin; f < end; ++f) one(f);
                 });
    const int total = std::accumulate(lengths.begin(), lengths.end(), 0);
    length = (total + options_.folds - 1) / options_.folds;
    return out;
  }

  runtime::TableModel finish(std::vector<runtime::TableModel::Member> members,
                             const TableLabels& labels,
                             const std::vector<std::vector<double>>& margins) {
    runtime::Calibration calibration;
    const bool equal = options_.blend == "equal";
    const double share = 1 / static_cast<double>(members.size());
    for (auto& member : members) member.weight = equal ? share : 1;
    if (!margins.empty()) {
      const std::vector<double> weights =
          equal
              ? std::vector<double>(members.size(), share)
              : blend_weights(labels, margins, options_.calibration != "none");
      std::vector<double> sum(margins[0].size());
      for (std::size_t m = 0; m < members.size(); ++m) {
        members[m].weight = weights[m];
        for (std::size_t i = 0; i < sum.size(); ++i) {
          sum[i] += weights[m] * margins[m][i];
        }
      }
      calibration =
          fit_calibration(options_.calibration, labels, sum, options_.seed);
    }
    std::erase_if(members,
                  [](const auto& member) { return member.weight == 0; });
    return {static_cast<runtime::TableLabel>(labels_.kind), labels_.classes,
            std::move(members), std::move(calibration)};
  }

  const Table& train_;
  const TableLabels& labels_;
  const TableFitOptions& options_;
  const std::vector<Entry> entries_;
};

void check_options(const TableFitOptions& options, std::size_t rows) {
  if (options.folds < 2 || static_cast<std::size_t>(options.folds) > rows) {
    invalid("folds: " + std::to_string(options.folds) +
            ", expected 2 or more and at most the rows, " +
            std::to_string(rows));
  }
  if (options.blend != "fitted" && options.blend != "equal") {
    invalid("blend: '" + options.blend + "', expected fitted or equal");
  }
  if (options.terms < 1 || options.principal < 0) {
    invalid("terms must be 1 or more, principal 0 or more");
  }
}

}  // namespace

std::size_t outputs_of(const TableLabels& labels) {
  return labels.kind == Label::kClass ? labels.classes.size() : 1;
}

double margin_loss(Label kind, std::size_t outputs,
                   std::span<const double> margins, std::span<const double> y) {
  double sum = 0;
  for (std::size_t row = 0; row < y.size(); ++row) {
    const auto own = margins.subspan(row * outputs, outputs);
    const double m = own[0];
    if (kind == Label::kBinary) {
      sum += std::max(m, 0.0) + std::log1p(std::exp(-std::abs(m))) - y[row] * m;
    } else if (kind == Label::kNumber) {
      sum += (y[row] - m) * (y[row] - m);
    } else if (kind == Label::kCount) {
      sum += std::exp(m) - y[row] * m;
    } else {
      const double most = *std::ranges::max_element(own);
      double all = 0;
      for (const double other : own) all += std::exp(other - most);
      sum += most + std::log(all) - own[static_cast<std::size_t>(y[row])];
    }
  }
  return sum / static_cast<double>(y.size());
}

artifact::Draft fit_table(const Table& train, const TableLabels& labels,
                          const Table& validation,
                          const TableLabels& validation_labels,
                          const TableFitOptions& options) {
  check_training(train, labels);
  check_rows(validation, validation_labels, "validation");
  check_auxiliary(labels, validation_labels);
  check_options(options, train.rows());
  const runtime::TableModel model =
      Fit(train, labels, options).run(validation, validation_labels);
  return draft_of(model, options);
}

}  // namespace ensue::classic
