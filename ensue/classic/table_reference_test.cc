// SPDX-License-Identifier: Apache-2.0
// Coefficients and predictions against scikit-learn, statsmodels and xgboost
// in Python, on the same data; skipped where they are not installed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/classic/internal/calibration_fit.h"
#include "ensue/classic/internal/column_fit.h"
#include "ensue/classic/table_fit.h"
#include "ensue/runtime/linear_scorer.h"
#include "ensue/runtime/table_model.h"

namespace ensue::classic {
namespace {

using events::Table;

constexpr std::size_t kTrain = 400, kAsked = 100;

// What tools/setup fetched beside the system's own packages.
const std::string kPython =
    "PYTHONPATH=\"$PYTHONPATH:" ENSUE_SOURCE_FOLDER
    "/third_party/python/usr/lib/python3/dist-packages\" "
    "LD_LIBRARY_PATH=\"$LD_LIBRARY_PATH:" ENSUE_SOURCE_FOLDER
    "/third_party/python/usr/lib/x86_64-linux-gnu\" /usr/bin/python3 -B ";

bool can_import(const std::string& modules) {
  const std::string command =
      kPython + "-c 'import " + modules + "' >/dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

/// Rows of training, then those that are asked about.
struct Data {
  Table train, asked;
  TableLabels labels;
  std::string file;

  std::vector<double> reference(const std::string& what) const {
    const std::string command = kPython + ENSUE_SOURCE_FOLDER +
                                "/tests/reference/table_reference.py " + what +
                                " '" + file + "'";
    std::vector<double> out;
    FILE* pipe = ::popen(command.c_str(), "r");
    for (double number = 0; std::fscanf(pipe, "%lf", &number) == 1;) {
      out.push_back(number);
    }
    EXPECT_EQ(::pclose(pipe), 0);
    return out;
  }
};

Data numbers(Label kind) {
  Rng rng(4);
  Data out;
  out.labels.kind = kind;
  out.file = (std::filesystem::path(testing::TempDir()) /
              ("table" + std::to_string(static_cast<int>(kind)) + "_" +
               std::to_string(::getpid()) + ".csv"))
                 .string();
  std::ofstream file(out.file);
  file.precision(17);
  file << "part,label,x0,x1,x2\n";
  std::vector<std::vector<double>> train(3), asked(3);
  for (std::size_t row = 0; row < kTrain + kAsked; ++row) {
    // Numbers that fp32 holds exactly.
    const double x0 = std::round(rng.normal() * 1024) / 1024;
    const double x1 = std::round(rng.normal() * 3 * 1024) / 1024;
    const double x2 = std::round((x0 + rng.normal()) * 1024) / 1024;
    const double m = x0 - 0.3 * x1;
    const double y = kind == Label::kBinary ? rng.chance(1 / (1 + std::exp(-m)))
                     : kind == Label::kCount
                         ? std::floor(std::exp(0.4 * m) + rng.uniform())
                         : 5 + 2 * m + rng.normal();
    const bool is_asked = row >= kTrain;
    file << is_asked << ',' << y << ',' << x0 << ',' << x1 << ',' << x2 << '\n';
    auto& to = is_asked ? asked : train;
    to[0].push_back(x0), to[1].push_back(x1), to[2].push_back(x2);
    if (!is_asked) out.labels.values.push_back(y);
  }
  for (std::size_t c = 0; c < 3; ++c) {
    out.train.columns.push_back({"x" + std::to_string(c), train[c]});
    out.asked.columns.push_back({"x" + std::to_string(c), asked[c]});
  }
  return out;
}

Data texts() {
  Rng rng(5);
  const char* words[] = {"nice", "poor", "it's", "a",    "mug",
                         "Fit",  "size", "x-l",  "very", "blue"};
  Data out;
  out.file = (std::filesystem::path(testing::TempDir()) /
              ("texts_" + std::to_string(::getpid()) + ".csv"))
                 .string();
  std::ofstream file(out.file);
  file << "part,label,text\n";
  std::vector<std::string> train, asked;
  for (std::size_t row = 0; row < kTrain + kAsked; ++row) {
    std::string text;
    int good = 0;
    for (int w = 0; w < 12; ++w) {
      const auto word = rng.below(10);
      good += (word == 0) - (word == 1);
      text += std::string(w > 0 ? " " : "") + words[word];
    }
    const double y = good + rng.normal() > 0;
    const bool is_asked = row >= kTrain;
    file << is_asked << ',' << y << ",\"" << text << "\"\n";
    (is_asked ? asked : train).push_back(text);
    if (!is_asked) out.labels.values.push_back(y);
  }
  out.train.columns = {{"text", train}};
  out.asked.columns = {{"text", asked}};
  return out;
}

TableFitOptions plain(const std::string& model, const std::string& encoding) {
  TableFitOptions out;
  out.model = model;
  out.calibration = "none";
  out.patience = 0;
  for (const char* column : {"x0", "x1", "x2"}) {
    out.columns.push_back(std::string(column) + "=" + encoding);
  }
  return out;
}

runtime::TableModel fitted(const Data& data, const TableFitOptions& options) {
  const auto draft = fit_table(data.train, data.labels, {}, {}, options);
  return runtime::TableModel(
      artifact::Artifact::from_bytes(draft.bytes(), "test"));
}

void expect_near(const std::vector<double>& found,
                 const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_NEAR(found[i], expected[i],
                tolerance * std::max(1.0, std::abs(expected[i])))
        << i;
  }
}

// Coefficients, intercept, then predictions.
void expect_linear(const Data& data, const TableFitOptions& options,
                   const std::string& what, double tolerance) {
  const auto model = fitted(data, options);
  const auto& linear =
      dynamic_cast<const runtime::LinearScorer&>(*model.members()[0].scorer);
  std::vector<double> found(linear.weights().begin(), linear.weights().end());
  found.push_back(static_cast<double>(linear.bias()[0]));
  for (const double p : model.predict(data.asked)) found.push_back(p);
  expect_near(found, data.reference(what), tolerance);
}

TEST(Reference, LogisticRegressionIsScikitLearns) {
  if (!can_import("sklearn")) GTEST_SKIP() << "no scikit-learn";
  const Data data = numbers(Label::kBinary);
  TableFitOptions options = plain("linear", "number");
  options.l2 = 2;
  expect_linear(data, options, "logistic_l2", 1e-4);
  options.l1 = 2;
  expect_linear(data, options, "logistic_l1", 2e-3);
}

TEST(Reference, UnpenalisedLogisticRegressionIsStatsmodels) {
  if (!can_import("statsmodels.api")) GTEST_SKIP() << "no statsmodels";
  TableFitOptions options = plain("linear", "number");
  options.l2 = 1e-6;
  expect_linear(numbers(Label::kBinary), options, "logit", 1e-3);
}

TEST(Reference, RidgeIsScikitLearns) {
  if (!can_import("sklearn")) GTEST_SKIP() << "no scikit-learn";
  TableFitOptions options = plain("linear", "number");
  options.l2 = 2;
  expect_linear(numbers(Label::kNumber), options, "ridge", 1e-5);
}

TEST(Reference, PoissonRegressionIsStatsmodels) {
  if (!can_import("statsmodels.api")) GTEST_SKIP() << "no statsmodels";
  TableFitOptions options = plain("linear", "number");
  options.l2 = 1e-9;
  expect_linear(numbers(Label::kCount), options, "poisson", 1e-5);
}

TEST(Reference, NeighboursAreScikitLearns) {
  if (!can_import("sklearn")) GTEST_SKIP() << "no scikit-learn";
  const Data data = numbers(Label::kBinary);
  TableFitOptions options = plain("neighbours", "number");
  options.neighbours = 7;
  expect_near(fitted(data, options).predict(data.asked),
              data.reference("neighbours"), 1e-6);
}

TEST(Reference, ComponentsAreScikitLearns) {
  if (!can_import("sklearn")) GTEST_SKIP() << "no scikit-learn";
  const Data data = numbers(Label::kBinary);
  TableFitOptions options = plain("linear", "number");
  options.principal = 2;
  const auto made =
      fit_columns(data.train, data.labels, options, FeatureUse::kWeighed);
  const auto& directions = made.columns.principal().directions;
  expect_near({directions.begin(), directions.end()},
              data.reference("components"), 1e-5);
}

TEST(Reference, TfIdfOfWordsAndLettersIsScikitLearns) {
  if (!can_import("sklearn")) GTEST_SKIP() << "no scikit-learn";
  const Data data = texts();
  TableFitOptions options;
  options.model = "linear";
  options.calibration = "none";
  options.l2 = 0.5;
  options.columns = {"text=words:2"};
  expect_near(fitted(data, options).predict(data.asked),
              data.reference("words"), 1e-4);
  options.columns = {"text=letters:2-4"};
  expect_near(fitted(data, options).predict(data.asked),
              data.reference("letters"), 1e-4);
}

TEST(Reference, TreesGrownHereAreThoseOfPythonsXgboost) {
  if (!can_import("xgboost")) GTEST_SKIP() << "no xgboost";
  const Data data = numbers(Label::kBinary);
  TableFitOptions options = plain("trees", "raw");
  options.rounds = 40, options.depth = 3, options.eta = 0.1;
  expect_near(fitted(data, options).margins(data.asked),
              data.reference("trees"), 1e-6);
}

TEST(Reference, PlattsCurveIsScikitLearns) {
  if (!can_import("sklearn")) GTEST_SKIP() << "no scikit-learn";
  const Data data = numbers(Label::kBinary);
  TableFitOptions options = plain("linear", "number");
  const auto made =
      fit_columns(data.train, data.labels, options, FeatureUse::kWeighed);
  HeldScores scores{{}, data.labels.values};
  for (std::size_t row = 0; row < kTrain; ++row) {
    scores.margins.push_back(static_cast<double>(made.rows.values_of(row)[0]));
  }
  const auto curve = fit_platt(scores);
  expect_near({curve.slope, curve.offset}, data.reference("platt"), 1e-3);
}

}  // namespace
}  // namespace ensue::classic
