// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/table_folds.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <variant>

#include "ensue/base/rng.h"
#include "ensue/metrics/binary.h"
#include "ensue/metrics/calibration.h"
#include "ensue/runtime/table_model.h"

namespace ensue::apps {
namespace {

using events::Table;

// Shares of both labels alike in every fold.
std::vector<int> folds_of(const FoldTask& task, std::uint64_t seed) {
  std::vector<std::size_t> order(task.labels.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  Rng rng(seed, /*stream=*/1);
  shuffle(order, rng);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return task.labels[a] < task.labels[b];
  });
  std::vector<int> out(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    out[order[i]] = static_cast<int>(i % static_cast<std::size_t>(task.folds));
  }
  return out;
}

std::vector<double> of_rows(const std::vector<double>& numbers,
                            const std::vector<std::size_t>& chosen) {
  std::vector<double> out;
  for (const std::size_t row : chosen) out.push_back(numbers[row]);
  return out;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

// Learns on the other folds, through the artifact, and answers for this one.
std::vector<double> answers(const FoldTask& task, const Contender& contender,
                            std::uint64_t seed,
                            const std::vector<std::size_t>& others,
                            const Table& own) {
  classic::TableFitOptions options = contender.options;
  options.seed = seed;
  classic::TableLabels labels{classic::Label::kBinary,
                              of_rows(task.labels, others)};
  if (contender.auxiliary) labels.auxiliary = of_rows(task.auxiliary, others);
  const auto draft =
      classic::fit_table(rows_of(task.rows, others), labels, {}, {}, options);
  const runtime::TableModel model(
      artifact::Artifact::from_bytes(draft.bytes(), "bench"));
  return model.predict(own);
}

// One contender on one fold: into its scores, and a line that says it.
class Judge {
 public:
  Judge(const FoldTask& task, int seed, const std::vector<std::size_t>& own,
        const std::vector<std::size_t>& others)
      : task_(task),
        seed_(seed),
        own_(own),
        others_(others),
        asked_(rows_of(task.rows, own)),
        truth_(of_rows(task.labels, own)) {}

  std::string judge(const Contender& contender, FoldScores& scores) const {
    const auto start = std::chrono::steady_clock::now();
    const auto p = answers(task_, contender, static_cast<std::uint64_t>(seed_),
                           others_, asked_);
    const double seconds = seconds_since(start);
    const double parts = task_.folds * task_.seeds;
    const double auc = metrics::auc(p, truth_);
    const double ap = metrics::average_precision(p, truth_);
    scores.auc += auc / parts;
    scores.auc_of_seed.back() += auc / task_.folds;
    scores.ap += ap / parts;
    scores.brier += metrics::brier(p, truth_) / parts;
    scores.ece += metrics::ece(p, truth_) / parts;
    scores.seconds += seconds;
    for (std::size_t i = 0; seed_ == 1 && i < own_.size(); ++i) {
      scores.answers[own_[i]] = p[i];
    }
    char line[160];
    std::snprintf(line, sizeof line, "%-8s auc %.4f ap %.4f %.1f s",
                  contender.name.c_str(), auc, ap, seconds);
    return line;
  }

 private:
  const FoldTask& task_;
  int seed_;
  const std::vector<std::size_t>&own_, &others_;
  Table asked_;
  std::vector<double> truth_;
};

}  // namespace

Table rows_of(const Table& table, const std::vector<std::size_t>& chosen) {
  Table out;
  for (const events::Column& column : table.columns) {
    events::Column part{column.name, {}};
    std::visit(
        [&](const auto& cells) {
          std::remove_cvref_t<decltype(cells)> own;
          for (const std::size_t row : chosen) own.push_back(cells[row]);
          part.cells = std::move(own);
        },
        column.cells);
    out.columns.push_back(std::move(part));
  }
  return out;
}

std::vector<FoldScores> score_folds(
    const FoldTask& task, const std::vector<Contender>& contenders,
    const std::function<void(const std::string&)>& say) {
  std::vector<FoldScores> out(contenders.size());
  for (std::size_t c = 0; c < out.size(); ++c) {
    out[c].name = contenders[c].name;
    out[c].answers.resize(task.labels.size());
  }
  for (int seed = 1; seed <= task.seeds; ++seed) {
    const std::vector<int> fold =
        folds_of(task, static_cast<std::uint64_t>(seed));
    for (FoldScores& scores : out) scores.auc_of_seed.push_back(0);
    for (int f = 0; f < task.folds; ++f) {
      std::vector<std::size_t> own, others;
      for (std::size_t row = 0; row < fold.size(); ++row) {
        (fold[row] == f ? own : others).push_back(row);
      }
      const Judge judge(task, seed, own, others);
      for (std::size_t c = 0; c < out.size(); ++c) {
        say("seed " + std::to_string(seed) + " fold " + std::to_string(f + 1) +
            "  " + judge.judge(contenders[c], out[c]));
      }
    }
  }
  return out;
}

void print_scores(const std::vector<FoldScores>& scores) {
  std::printf("%-10s %7s %7s %7s %7s %8s  AUC of each seed\n", "", "AUC", "AP",
              "Brier", "ECE", "seconds");
  for (const FoldScores& s : scores) {
    std::printf("%-10s %7.4f %7.4f %7.4f %7.4f %8.1f ", s.name.c_str(), s.auc,
                s.ap, s.brier, s.ece, s.seconds);
    for (const double auc : s.auc_of_seed) std::printf(" %.4f", auc);
    std::printf("\n");
  }
}

}  // namespace ensue::apps
