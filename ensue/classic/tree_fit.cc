// SPDX-License-Identifier: Apache-2.0
// Boosted trees and forests, grown by xgboost.
#include <xgboost/c_api.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/json.h"
#include "ensue/classic/internal/member_fit.h"
#include "ensue/classic/internal/xgboost_model.h"
#include "ensue/runtime/trees.h"

namespace ensue::classic {
namespace {

constexpr std::size_t kWidest = 8192;   // features of a dense row
constexpr double kForestLeafL2 = 1e-5;  // as xgboost's own forest

void must(int status) {
  if (status != 0) {
    throw Error(Code::kUnavailable,
                std::string("xgboost: ") + XGBGetLastError());
  }
}

/// Dense rows with labels; zeros are zeros, NaN is missing.
class Matrix {
 public:
  explicit Matrix(const MemberRows& rows) : size_(rows.x.size()) {
    const std::vector<float> dense = rows.x.dense();
    must(XGDMatrixCreateFromMat(dense.data(), rows.x.size(), rows.x.width,
                                std::numeric_limits<float>::quiet_NaN(),
                                &handle_));
    const std::vector<float> labels(rows.y.begin(), rows.y.end());
    must(XGDMatrixSetFloatInfo(handle_, "label", labels.data(), labels.size()));
  }
  ~Matrix() { XGDMatrixFree(handle_); }
  Matrix(const Matrix&) = delete;
  DMatrixHandle handle() const { return handle_; }
  std::size_t size() const { return size_; }

 private:
  DMatrixHandle handle_ = nullptr;
  std::size_t size_;
};

class Booster {
 public:
  explicit Booster(std::vector<DMatrixHandle> cached) {
    must(XGBoosterCreate(cached.data(), cached.size(), &handle_));
  }
  ~Booster() { XGBoosterFree(handle_); }
  Booster(const Booster&) = delete;

  void set(const char* name, const std::string& value) {
    must(XGBoosterSetParam(handle_, name, value.c_str()));
  }
  void set(const char* name, double value) {
    set(name, to_plain_text(Json(value)));
  }
  void grow(const Matrix& train, int round) {
    must(XGBoosterUpdateOneIter(handle_, round, train.handle()));
  }
  std::vector<double> margins(const Matrix& rows) {
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* found = nullptr;
    must(XGBoosterPredictFromDMatrix(
        handle_, rows.handle(),
        R"({"type": 1, "training": false, "iteration_begin": 0,
            "iteration_end": 0, "strict_shape": true})",
        &shape, &dimensions, &found));
    std::size_t size = 1;
    for (bst_ulong d = 0; d < dimensions; ++d) size *= shape[d];
    return {found, found + size};
  }
  std::string json() {
    bst_ulong size = 0;
    const char* bytes = nullptr;
    must(XGBoosterSaveModelToBuffer(handle_, R"({"format": "json"})", &size,
                                    &bytes));
    return {bytes, size};
  }

 private:
  BoosterHandle handle_ = nullptr;
};

const char* objective_of(Label kind) {
  switch (kind) {
    case Label::kBinary:
      return "binary:logistic";
    case Label::kClass:
      return "multi:softprob";
    case Label::kNumber:
      return "reg:squarederror";
    case Label::kCount:
      return "count:poisson";
  }
  return "?";
}

void describe(const MemberTask& task, Booster& out) {
  const bool numbers =
      task.kind == Label::kNumber || task.kind == Label::kCount;
  const double mean =
      std::accumulate(task.train.y.begin(), task.train.y.end(), 0.0) /
      static_cast<double>(task.train.y.size());
  out.set("verbosity", "0");
  out.set("objective", objective_of(task.kind));
  if (task.kind == Label::kClass) {
    out.set("num_class", std::to_string(task.outputs));
  }
  out.set("base_score", numbers ? mean : 0.5);
  out.set("tree_method", "hist");
  out.set("nthread", std::to_string(task.threads));
  // xgboost's seed is 31 bits wide.
  out.set("seed", std::to_string(task.options.seed & 0x7FFFFFFF));
  out.set("subsample", task.options.rows_share);
  out.set("min_child_weight", task.options.leaf_weight);
}

void check(const MemberTask& task) {
  const TableFitOptions& options = task.options;
  if (task.train.x.width > kWidest) {
    invalid("trees: " + std::to_string(task.train.x.width) +
            " features, at most " + std::to_string(kWidest) +
            "; take principal components");
  }
  const auto share = [](double x) { return x > 0 && x <= 1; };
  if (options.rounds < 1 || options.depth < 1 || options.forest < 1 ||
      options.forest_depth < 1 || !share(options.rows_share) ||
      !share(options.columns_share) || !share(options.forest_columns) ||
      !share(options.eta) || options.leaf_l2 < 0 || options.leaf_weight < 0) {
    invalid(
        "trees: rounds, depth and forest must be 1 or more, shares and eta in "
        "(0, 1], penalties 0 or more");
  }
}

// Rounds until the held-back rows gain nothing any more.
int boost(const MemberTask& task, const Matrix& train, const Matrix* held,
          Booster& booster) {
  const int most =
      held == nullptr && task.length > 0 ? task.length : task.options.rounds;
  double best = std::numeric_limits<double>::infinity();
  int best_rounds = most;
  for (int round = 0; round < most; ++round) {
    booster.grow(train, round);
    if (held == nullptr) continue;
    const double loss = margin_loss(task.kind, task.outputs,
                                    booster.margins(*held), task.held.y);
    if (loss < best) {
      best = loss;
      best_rounds = round + 1;
    } else if (round + 1 - best_rounds >= task.options.patience) {
      break;
    }
  }
  return best_rounds;
}

}  // namespace

Fitted fit_trees(const MemberTask& task) {
  check(task);
  const Matrix train(task.train);
  const bool decides = !task.held.y.empty() && task.options.patience > 0;
  std::unique_ptr<const Matrix> held;
  if (decides) held = std::make_unique<const Matrix>(task.held);
  std::vector<DMatrixHandle> cached = {train.handle()};
  if (held) cached.push_back(held->handle());
  Booster booster(cached);
  describe(task, booster);
  booster.set("max_depth", std::to_string(task.options.depth));
  booster.set("eta", task.options.eta);
  booster.set("colsample_bytree", task.options.columns_share);
  booster.set("lambda", task.options.leaf_l2);
  const int rounds = boost(task, train, held.get(), booster);
  return {std::make_unique<runtime::Trees>(
              read_xgboost(booster.json(), static_cast<std::size_t>(rounds)),
              task.train.x.width),
          rounds};
}

Fitted fit_forest(const MemberTask& task) {
  check(task);
  const Matrix train(task.train);
  Booster booster({train.handle()});
  describe(task, booster);
  booster.set("num_parallel_tree", std::to_string(task.options.forest));
  booster.set("max_depth", std::to_string(task.options.forest_depth));
  booster.set("eta", 1);
  booster.set("colsample_bynode", task.options.forest_columns);
  booster.set("lambda", kForestLeafL2);
  booster.grow(train, 0);
  return {std::make_unique<runtime::Trees>(read_xgboost(booster.json()),
                                           task.train.x.width)};
}

}  // namespace ensue::classic
