// SPDX-License-Identifier: Apache-2.0
// SHAP values against xgboost's own, on the same trees.
#include "ensue/explain/tree_shap.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/classic/table_fit.h"
#include "ensue/runtime/table_model.h"

namespace ensue {
namespace {

// What tools/setup fetched beside the system's own packages.
const std::string kPython =
    "PYTHONPATH=\"$PYTHONPATH:" ENSUE_SOURCE_FOLDER
    "/third_party/python/usr/lib/python3/dist-packages\" "
    "LD_LIBRARY_PATH=\"$LD_LIBRARY_PATH:" ENSUE_SOURCE_FOLDER
    "/third_party/python/usr/lib/x86_64-linux-gnu\" /usr/bin/python3 -B ";

std::vector<double> contributions(const std::string& file) {
  const std::string command =
      kPython +
      ENSUE_SOURCE_FOLDER
      "/tests/reference/table_reference.py contributions '" +
      file + "'";
  std::vector<double> out;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (double number = 0; std::fscanf(pipe, "%lf", &number) == 1;) {
    out.push_back(number);
  }
  EXPECT_EQ(::pclose(pipe), 0);
  return out;
}

TEST(TreeShap, IsWhatXgboostSaysOfItsTrees) {
  if (std::system((kPython + "-c 'import xgboost' >/dev/null 2>&1").c_str())) {
    GTEST_SKIP() << "no xgboost in Python";
  }
  const auto file =
      (std::filesystem::path(testing::TempDir()) / "shap.csv").string();
  std::ofstream out(file);
  out << "part,label,x0,x1,x2\n";
  Rng rng(8);
  std::vector<std::vector<double>> train(3), asked(3);
  classic::TableLabels labels;
  for (int row = 0; row < 350; ++row) {
    const bool is_asked = row >= 300;
    std::vector<double> x;
    for (int c = 0; c < 3; ++c) x.push_back(static_cast<double>(rng.below(64)));
    const double y = x[0] + x[1] * rng.uniform() > 48;
    out << is_asked << ',' << y << ',' << x[0] << ',' << x[1] << ',' << x[2]
        << '\n';
    for (std::size_t c = 0; c < 3; ++c) {
      (is_asked ? asked : train)[c].push_back(x[c]);
    }
    if (!is_asked) labels.values.push_back(y);
  }
  out.close();
  events::Table table, rows;
  classic::TableFitOptions options;
  options.calibration = "none";
  options.rounds = 40, options.patience = 0;
  options.depth = 3, options.eta = 0.1;
  for (std::size_t c = 0; c < 3; ++c) {
    const std::string name = "x" + std::to_string(c);
    table.columns.push_back({name, train[c]});
    rows.columns.push_back({name, asked[c]});
    options.columns.push_back(name + "=raw");
  }
  const auto draft = classic::fit_table(table, labels, {}, {}, options);
  const runtime::TableModel model(
      artifact::Artifact::from_bytes(draft.bytes(), "test"));
  const auto& trees =
      dynamic_cast<const runtime::Trees&>(*model.members()[0].scorer);
  const auto features = model.members()[0].columns.prepare(rows);
  const auto expected = contributions(file);
  ASSERT_EQ(expected.size(), 50U * 4);
  for (std::size_t row = 0; row < 50; ++row) {
    const auto found =
        explain::tree_shap(trees, features.values_of(row), /*output=*/0);
    for (std::size_t f = 0; f < 4; ++f) {
      ASSERT_NEAR(found[f], expected[4 * row + f], 1e-4) << row << " " << f;
    }
  }
}

}  // namespace
}  // namespace ensue
