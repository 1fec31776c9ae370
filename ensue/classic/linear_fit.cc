// SPDX-License-Identifier: Apache-2.0
// Logistic regression by LIBLINEAR, Fan et al. 2008 (JMLR 9).
#include <linear.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/classic/internal/linear_newton.h"
#include "ensue/classic/internal/member_fit.h"
#include "ensue/runtime/linear_scorer.h"

namespace ensue::classic {
namespace {

using runtime::FeatureRows;

constexpr double kTolerance = 1e-5;
constexpr double kRatioSmoothing = 1;
// What is tried where the penalty is to be chosen, strongest first.
constexpr std::array kPath = {3000.0, 1000.0, 300.0, 100.0, 30.0,
                              10.0,   3.0,    1.0,   0.3};
// Numbers and counts: each step of a path takes as long as all other members.
constexpr double kPenaltyOfNumbers = 1;

void say_nothing(const char*) {}

// Rows as LIBLINEAR wants them: places from 1, a last feature that is 1 for
// the bias, then -1.
class Nodes {
 public:
  Nodes(const FeatureRows& rows, const std::vector<double>& scale) {
    nodes_.reserve(rows.places.size() + 2 * rows.size());
    std::vector<std::size_t> begin;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      begin.push_back(nodes_.size());
      for (std::size_t i = rows.begin[row]; i < rows.begin[row + 1]; ++i) {
        const std::uint32_t place = rows.places[i];
        nodes_.push_back({static_cast<int>(place) + 1,
                          static_cast<double>(rows.values[i]) * scale[place]});
      }
      nodes_.push_back({static_cast<int>(rows.width) + 1, 1});
      nodes_.push_back({-1, 0});
    }
    for (const std::size_t at : begin) rows_.push_back(nodes_.data() + at);
  }
  feature_node** rows() { return rows_.data(); }

 private:
  std::vector<feature_node> nodes_;
  std::vector<feature_node*> rows_;
};

// Log-count ratios of a feature in rows with and without the label (Wang &
// Manning 2012, "Baselines and Bigrams", NBSVM), of values instead of counts.
std::vector<double> count_ratios(const FeatureRows& rows,
                                 const std::vector<double>& y) {
  std::vector<double> with(rows.width, kRatioSmoothing), without = with;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t i = rows.begin[row]; i < rows.begin[row + 1]; ++i) {
      auto& side = y[row] > 0 ? with : without;
      side[rows.places[i]] += std::abs(static_cast<double>(rows.values[i]));
    }
  }
  double all_with = 0, all_without = 0;
  for (const double x : with) all_with += x;
  for (const double x : without) all_without += x;
  std::vector<double> out(rows.width);
  for (std::size_t f = 0; f < out.size(); ++f) {
    out[f] = std::log(with[f] / all_with) - std::log(without[f] / all_without);
  }
  return out;
}

struct Weights {
  std::vector<double> of_features;
  double bias = 0;
};

// y is 1 or -1.
Weights logistic(const FeatureRows& rows, std::vector<double> y,
                 const TableFitOptions& options, bool bayes) {
  const std::vector<double> scale =
      bayes ? count_ratios(rows, y) : std::vector<double>(rows.width, 1);
  Nodes nodes(rows, scale);
  problem task{};
  task.l = static_cast<int>(rows.size());
  task.n = static_cast<int>(rows.width) + 1;
  task.y = y.data();
  task.x = nodes.rows();
  task.bias = 1;
  parameter how{};
  how.solver_type = options.l1 > 0 ? L1R_LR : L2R_LR;
  how.C = 1 / (options.l1 > 0 ? options.l1 : options.l2);
  how.eps = kTolerance;
  how.p = 0.1;
  set_print_string_function(say_nothing);
  // LIBLINEAR orders coordinates of L1 by the C library's numbers.
  std::srand(static_cast<unsigned>(options.seed));
  if (const char* wrong = check_parameter(&task, &how)) {
    invalid(std::string("linear: ") + wrong);
  }
  model* fitted = train(&task, &how);
  Weights out;
  for (std::size_t f = 0; f < rows.width; ++f) {
    out.of_features.push_back(fitted->w[f] * scale[f]);
  }
  out.bias = fitted->w[rows.width];
  free_and_destroy_model(&fitted);
  return out;
}

// Classes against the rest; a binary label is one class.
Fitted fit_logistic(const MemberTask& task, bool bayes) {
  std::vector<float> weights, bias;
  for (std::size_t o = 0; o < task.outputs; ++o) {
    std::vector<double> y;
    for (const double label : task.train.y) {
      const bool own =
          task.outputs == 1 ? label > 0.5 : label == static_cast<double>(o);
      y.push_back(own ? 1 : -1);
    }
    const Weights one =
        logistic(task.train.x, std::move(y), task.options, bayes);
    weights.insert(weights.end(), one.of_features.begin(),
                   one.of_features.end());
    bias.push_back(static_cast<float>(one.bias));
  }
  return {std::make_unique<runtime::LinearScorer>(std::move(weights),
                                                  std::move(bias))};
}

bool has_classes(Label kind) {
  return kind == Label::kBinary || kind == Label::kClass;
}

void check_penalties(const TableFitOptions& options) {
  if (!(options.l2 >= 0) || !(options.l1 >= 0)) {
    invalid("linear: l2 " + std::to_string(options.l2) + " and l1 " +
            std::to_string(options.l1) + ", expected 0 or more");
  }
}

Fitted fit_at(const MemberTask& task, bool bayes, double l2) {
  TableFitOptions options = task.options;
  options.l2 = l2;
  return fit_logistic({task.kind, task.outputs, task.train, task.held,
                       task.length, options, task.threads},
                      bayes);
}

// Down the path of penalties as long as that suits the rows held back; without
// such rows, as far as told.
Fitted fit_down_the_path(const MemberTask& task, bool bayes) {
  if (task.held.x.size() == 0) {
    const int steps = std::clamp(task.length, 1, int{kPath.size()});
    Fitted out =
        fit_at(task, bayes, kPath[static_cast<std::size_t>(steps - 1)]);
    out.length = steps;
    return out;
  }
  Fitted best;
  double least = 0;
  std::vector<double> margins(task.held.x.size() * task.outputs);
  for (const double l2 : kPath) {
    Fitted one = fit_at(task, bayes, l2);
    one.length = best.length + 1;
    one.scorer->margins(task.held.x, margins);
    const double loss =
        margin_loss(task.kind, task.outputs, margins, task.held.y);
    if (one.length > 1 && !(loss < least)) break;
    least = loss;
    best = std::move(one);
  }
  return best;
}

Fitted fit_classes(const MemberTask& task, bool bayes) {
  return chooses_penalty(task.options, task.kind)
             ? fit_down_the_path(task, bayes)
             : fit_logistic(task, bayes);
}

}  // namespace

bool chooses_penalty(const TableFitOptions& options, Label kind) {
  return options.l2 == 0 && options.l1 == 0 && has_classes(kind);
}

Fitted fit_linear(const MemberTask& task) {
  const TableFitOptions& options = task.options;
  check_penalties(options);
  if (has_classes(task.kind)) return fit_classes(task, /*bayes=*/false);
  if (options.l1 > 0) invalid("linear: l1 is for binary and class labels");
  const NewtonWeights found =
      fit_newton(task.train, task.kind == Label::kCount,
                 options.l2 > 0 ? options.l2 : kPenaltyOfNumbers);
  return {std::make_unique<runtime::LinearScorer>(
      std::vector<float>(found.weights.begin(), found.weights.end()),
      std::vector<float>{static_cast<float>(found.bias)})};
}

Fitted fit_bayes(const MemberTask& task) {
  check_penalties(task.options);
  if (!has_classes(task.kind)) {
    invalid("model 'bayes' is for binary and class labels");
  }
  return fit_classes(task, /*bayes=*/true);
}

}  // namespace ensue::classic
