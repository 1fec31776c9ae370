// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/xgboost_model.h"

#include <gtest/gtest.h>
#include <xgboost/c_api.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::classic {
namespace {

constexpr std::size_t kRows = 400, kWidth = 5;
using Parameters = std::vector<std::pair<std::string, std::string>>;

std::vector<float> random_rows() {
  Rng rng(3);
  std::vector<float> out(kRows * kWidth);
  for (float& x : out) {
    x = rng.chance(0.1) ? std::numeric_limits<float>::quiet_NaN()
                        : static_cast<float>(rng.normal());
  }
  return out;
}

struct Trained {
  std::string json;
  std::vector<float> margins;  // of xgboost itself
};

// Straight through xgboost's own interface.
Trained train(const std::vector<float>& x, const std::vector<float>& y,
              const Parameters& parameters, int rounds) {
  DMatrixHandle rows = nullptr;
  BoosterHandle booster = nullptr;
  EXPECT_EQ(
      XGDMatrixCreateFromMat(x.data(), kRows, kWidth,
                             std::numeric_limits<float>::quiet_NaN(), &rows),
      0);
  XGDMatrixSetFloatInfo(rows, "label", y.data(), y.size());
  XGBoosterCreate(&rows, 1, &booster);
  for (const auto& [name, value] : parameters) {
    XGBoosterSetParam(booster, name.c_str(), value.c_str());
  }
  for (int i = 0; i < rounds; ++i) XGBoosterUpdateOneIter(booster, i, rows);
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0, size = 0;
  const float* margins = nullptr;
  XGBoosterPredictFromDMatrix(
      booster, rows,
      R"({"type": 1, "training": false, "iteration_begin": 0,
          "iteration_end": 0, "strict_shape": true})",
      &shape, &dimensions, &margins);
  Trained out;
  out.margins.assign(margins, margins + shape[0] * shape[1]);
  const char* bytes = nullptr;
  XGBoosterSaveModelToBuffer(booster, R"({"format": "json"})", &size, &bytes);
  out.json.assign(bytes, size);
  XGBoosterFree(booster);
  XGDMatrixFree(rows);
  return out;
}

void expect_same_margins(const Parameters& parameters, int rounds,
                         int classes) {
  const std::vector<float> x = random_rows();
  std::vector<float> y;
  for (std::size_t row = 0; row < kRows; ++row) {
    const float a = x[row * kWidth], b = x[row * kWidth + 1];
    const int label = (a > 0) + (b > 0.5F);
    y.push_back(static_cast<float>(label % classes));
  }
  const Trained trained = train(x, y, parameters, rounds);
  const runtime::Trees trees(read_xgboost(trained.json), kWidth);
  runtime::FeatureRows rows;
  rows.width = kWidth;
  for (std::size_t i = 0; i < x.size(); ++i) {
    rows.places.push_back(static_cast<std::uint32_t>(i % kWidth));
    rows.values.push_back(x[i]);
    if (i % kWidth == kWidth - 1) rows.begin.push_back(i + 1);
  }
  std::vector<double> margins(trained.margins.size());
  ASSERT_EQ(margins.size(), kRows * trees.outputs());
  trees.margins(rows, margins);
  for (std::size_t i = 0; i < margins.size(); ++i) {
    const auto expected = static_cast<double>(trained.margins[i]);
    ASSERT_NEAR(margins[i], expected, 1e-6 * std::max(1.0, std::abs(expected)))
        << "row " << i / trees.outputs();
  }
}

TEST(XgboostModel, BinaryMarginsAreXgboosts) {
  expect_same_margins({{"objective", "binary:logistic"},
                       {"base_score", "0.3"},
                       {"tree_method", "hist"}},
                      /*rounds=*/60, /*classes=*/2);
}

TEST(XgboostModel, ClassMarginsAreXgboosts) {
  expect_same_margins({{"objective", "multi:softprob"}, {"num_class", "3"}},
                      /*rounds=*/20, /*classes=*/3);
}

TEST(XgboostModel, NumbersAndCountsAreXgboosts) {
  expect_same_margins({{"objective", "reg:squarederror"},
                       {"base_score", "2.5"},
                       {"tree_method", "hist"}},
                      /*rounds=*/30, /*classes=*/3);
  expect_same_margins({{"objective", "count:poisson"}, {"base_score", "1.5"}},
                      /*rounds=*/30, /*classes=*/3);
}

TEST(XgboostModel, ForestMarginsAreXgboosts) {
  expect_same_margins({{"objective", "binary:logistic"},
                       {"num_parallel_tree", "50"},
                       {"eta", "1"},
                       {"subsample", "0.8"},
                       {"colsample_bynode", "0.5"},
                       {"tree_method", "hist"}},
                      /*rounds=*/1, /*classes=*/2);
}

TEST(XgboostModel, RefusesWhatItDidNotWrite) {
  for (const char* text : {"", "{}", "{\"learner\": 3}"}) {
    EXPECT_THROW(read_xgboost(text), Error) << text;
  }
}

}  // namespace
}  // namespace ensue::classic
