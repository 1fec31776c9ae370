// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/table_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/runtime/dense_scorer.h"
#include "ensue/runtime/linear_scorer.h"
#include "ensue/runtime/neighbours_scorer.h"
#include "ensue/runtime/trees.h"

namespace ensue::runtime {
namespace {

using events::Table;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

TableColumns two_raw() {
  return TableColumns(
      {{"a", EncodingSpec::parse("raw")}, {"b", EncodingSpec::parse("raw")}});
}

Table rows(std::vector<double> a, std::vector<double> b) {
  Table out;
  out.columns = {{"a", std::move(a)}, {"b", std::move(b)}};
  return out;
}

// a < 1 ? (b < 0, missing: left ? 0.5 : -0.25) : 2, and a second tree of 1.
TreeTables two_trees() {
  return {.begin = {0, 5, 6},
          .output_of = {0, 0},
          .left = {1, 3, -1, -1, -1, -1},
          .right = {2, 4, -1, -1, -1, -1},
          .feature = {0, 1, 0, 0, 0, 0},
          .value = {1, 0, 2, 0.5, -0.25, 1},
          .cover = {4, 3, 1, 2, 1, 4},
          .missing_left = {0, 1, 0, 0, 0, 0},
          .base = {0.125}};
}

TableModel single(TableLabel label, std::unique_ptr<const TableScorer> scorer,
                  Calibration calibration = {},
                  std::vector<std::string> classes = {}) {
  std::vector<TableModel::Member> members;
  members.push_back({two_raw(), std::move(scorer), 1});
  return {label, std::move(classes), std::move(members),
          std::move(calibration)};
}

std::shared_ptr<const TableModel> written(const TableModel& model,
                                          std::string_view where = "test") {
  artifact::Draft draft{artifact::Description{}};
  model.add_to(draft);
  return std::make_shared<const TableModel>(
      artifact::Artifact::from_bytes(draft.bytes(), where));
}

std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Trees, GoLeftBelowTheCutAndWhereTrainingSentMissingNumbers) {
  const auto model =
      single(TableLabel::kNumber, std::make_unique<Trees>(two_trees(), 2));
  EXPECT_EQ(model.predict(rows({0, 0, 0, 1, kNone}, {-1, 0, kNone, -1, 0})),
            (std::vector<double>{1.625, 0.875, 1.625, 3.125, 3.125}));
}

TEST(Trees, RefuseNodesThatMakeNoTree) {
  TreeTables loop = two_trees(), wide = two_trees(), half = two_trees();
  loop.left[1] = 0;
  wide.feature[0] = 2;
  half.right[0] = -1;
  for (const TreeTables& bad : {loop, wide, half}) {
    EXPECT_EQ(error_of([&] { Trees(bad, 2); }),
              "table_trees: nodes that make no tree");
  }
}

TEST(DenseScorer, AveragesNetworksOfOneHiddenLayer) {
  // Two networks of one unit: relu(a - b), relu(2 b - 1).
  DenseTables tables{2, 1, 1, {1, 0, -1, 2}, {0, -1}, {3, 4}, {0.5, 1.5}};
  const auto model = single(TableLabel::kNumber,
                            std::make_unique<DenseScorer>(std::move(tables)));
  EXPECT_EQ(model.predict(rows({2, 0}, {1, 1})),
            (std::vector<double>{(3 * 1 + 4 * 1 + 2) / 2.0, (4 + 2) / 2.0}));
}

TEST(NeighboursScorer, AsksTheNearestRowsAndThePrior) {
  NeighbourTables tables{
      2, NeighbourLabel::kShares, 2, {0, 0, 1, 0, 5, 5}, {1, 0, 1}, {0.5}};
  const NeighboursScorer scorer(tables);
  EXPECT_EQ(scorer.nearest(std::vector<float>{0.9F, 0}),
            (std::vector<std::uint32_t>{1, 0}));
  const auto model =
      single(TableLabel::kBinary, std::make_unique<NeighboursScorer>(tables));
  const auto p = model.predict(rows({0, 5}, {0, 5}));
  EXPECT_NEAR(p[0], 1.5 / 3, 1e-12);
  tables.labels = {1, 0, 0};
  tables.kind = NeighbourLabel::kMean;
  EXPECT_NEAR(single(TableLabel::kNumber,
                     std::make_unique<NeighboursScorer>(std::move(tables)))
                  .predict(rows({0}, {0}))[0],
              0.5, 1e-12);
}

TEST(NeighboursScorer, OfEquallyNearRowsTakesTheFirst) {
  const NeighboursScorer scorer(
      {1, NeighbourLabel::kMean, 1, {1, -1, 1}, {7, 8, 9}, {8}});
  EXPECT_EQ(scorer.nearest(std::vector<float>{0}),
            std::vector<std::uint32_t>{0});
}

TEST(TableModel, ClassesAreSoftmaxOfTheMargins) {
  const auto model = single(
      TableLabel::kClass,
      std::make_unique<LinearScorer>(std::vector<float>{1, 0, 0, 1, 0, 0},
                                     std::vector<float>{0, 0, 1}),
      {}, {"x", "y", "z"});
  const auto p = model.predict(rows({1}, {2}));
  const double all = std::exp(1.0) + std::exp(2.0) + std::exp(1.0);
  ASSERT_EQ(p.size(), 3U);
  EXPECT_NEAR(p[0], std::exp(1.0) / all, 1e-12);
  EXPECT_NEAR(p[1], std::exp(2.0) / all, 1e-12);
}

TEST(TableModel, CountsAreExponentials) {
  const auto model = single(
      TableLabel::kCount, std::make_unique<LinearScorer>(
                              std::vector<float>{1, 0}, std::vector<float>{0}));
  EXPECT_NEAR(model.predict(rows({2}, {0}))[0], std::exp(2.0), 1e-12);
}

TEST(TableModel, BlendsMarginsThenCalibrates) {
  std::vector<TableModel::Member> members;
  const auto linear = [](float weight) {
    return std::make_unique<LinearScorer>(std::vector<float>{weight, 0},
                                          std::vector<float>{0});
  };
  members.push_back({two_raw(), linear(1), 0.25});
  members.push_back({two_raw(), linear(3), 0.75});
  const TableModel model(TableLabel::kBinary, {}, std::move(members),
                         Calibration({{2, -1, {}, {}}}));
  EXPECT_EQ(model.margins(rows({1}, {0}))[0], 2.5);
  EXPECT_NEAR(model.predict(rows({1}, {0}))[0], logistic(2 * 2.5 - 1), 1e-12);
}

TEST(Calibration, IsotonicIsALineBetweenKnotsAndHeldOutside) {
  CalibrationCurve curve;
  curve.x = {0.2, 0.6}, curve.y = {0.1, 0.5};
  EXPECT_NEAR(curve(log_odds(0.4)), 0.3, 1e-12);
  EXPECT_NEAR(curve(log_odds(0.01)), 0.1, 1e-12);
  EXPECT_NEAR(curve(log_odds(0.99)), 0.5, 1e-12);
}

TEST(Calibration, ClassesSumToOne) {
  CalibrationCurve low, high;
  low.x = {0, 1}, low.y = {0, 0.5};
  high.x = {0, 1}, high.y = {0, 1};
  std::vector<double> out = {log_odds(0.4), log_odds(0.6)};
  Calibration({low, high}).apply(out);
  EXPECT_NEAR(out[0], 0.2 / 0.8, 1e-12);
  EXPECT_NEAR(out[1], 0.6 / 0.8, 1e-12);
}

TEST(TableModel, AnswersTheSameAfterItIsWrittenAndRead) {
  CalibrationCurve curve;
  curve.x = {0.2, 0.6}, curve.y = {0.1, 0.5};
  std::vector<std::unique_ptr<const TableScorer>> scorers;
  scorers.push_back(std::make_unique<Trees>(two_trees(), 2));
  scorers.push_back(std::make_unique<LinearScorer>(
      std::vector<float>{0.3F, -0.2F}, std::vector<float>{0.1F}));
  scorers.push_back(std::make_unique<DenseScorer>(
      DenseTables{2, 1, 1, {1, 0, -1, 2}, {0, -1}, {3, 4}, {0.5, 1.5}}));
  scorers.push_back(std::make_unique<NeighboursScorer>(NeighbourTables{
      2, NeighbourLabel::kShares, 2, {0, 0, 1, 0, 5, 5}, {1, 0, 1}, {0.5}}));
  const Table asked = rows({0.5, 2, -3}, {1, 0, 4});
  for (auto& scorer : scorers) {
    const std::string type(scorer->type());
    const TableModel model =
        single(TableLabel::kBinary, std::move(scorer), Calibration({curve}));
    EXPECT_EQ(written(model)->predict(asked), model.predict(asked)) << type;
  }
}

TEST(TableModel, RefusesArtifactsThatHoldNoneOrPartsThatDoNotFit) {
  const auto read = [](artifact::Draft& draft) {
    TableModel(artifact::Artifact::from_bytes(draft.bytes(), "test"));
  };
  artifact::Draft empty{artifact::Description{}};
  EXPECT_EQ(error_of([&] { read(empty); }),
            "the artifact holds no table model");

  artifact::Draft narrow{artifact::Description{}};
  single(TableLabel::kNumber, std::make_unique<Trees>(two_trees(), 2))
      .add_to(narrow);
  auto& config = narrow.description().model.heads[0].config;
  config["columns"] = {"a"};
  config["encodings"] = {"raw"};
  EXPECT_EQ(error_of([&] { read(narrow); }),
            "table model: a member does not fit its columns");
}

TEST(TableModel, RefusesAFileWithAByteChanged) {
  artifact::Draft draft{artifact::Description{}};
  single(TableLabel::kNumber, std::make_unique<Trees>(two_trees(), 2))
      .add_to(draft);
  auto bytes = draft.bytes();
  bytes[bytes.size() - 3] ^= std::byte{1};
  EXPECT_NE(error_of([&] {
              TableModel(artifact::Artifact::from_bytes(bytes, "test"));
            }),
            "");
}

}  // namespace
}  // namespace ensue::runtime
