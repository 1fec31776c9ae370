// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/uplift_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/runtime/linear_scorer.h"

namespace ensue::runtime {
namespace {

using Numbers = std::vector<double>;
using Kind = UpliftPart::Kind;

// bias + weights · (x, then the treatment when there are two of them).
std::shared_ptr<const TableModel> line(std::vector<float> weights, float bias,
                                       TableLabel label = TableLabel::kNumber) {
  std::vector<ColumnEncoder> columns = {{"x", EncodingSpec::parse("raw")}};
  if (weights.size() > 1) {
    columns.push_back(
        {std::string(kTreatmentColumn), EncodingSpec::parse("raw")});
  }
  std::vector<TableModel::Member> members;
  members.push_back({TableColumns(std::move(columns)),
                     std::make_unique<LinearScorer>(std::move(weights),
                                                    std::vector<float>{bias}),
                     1});
  return std::make_shared<const TableModel>(label, std::vector<std::string>(),
                                            std::move(members), Calibration());
}

events::Table rows() { return {{{"x", Numbers{1, 4}}}, ""}; }

UpliftModel model_of(Kind kind, std::shared_ptr<const TableModel> first,
                     std::shared_ptr<const TableModel> second = nullptr) {
  return UpliftModel({{kind, 0.25, std::move(first), std::move(second)}});
}

TEST(UpliftModel, EachKindByHand) {
  EXPECT_EQ(model_of(Kind::kEffect, line({2}, 1)).effects(rows()),
            (Numbers{3, 9}));
  EXPECT_EQ(model_of(Kind::kTwo, line({2}, 1), line({1}, 0)).effects(rows()),
            (Numbers{2, 5}));
  // .75 * (2 x + 1) + .25 * x
  EXPECT_EQ(model_of(Kind::kCross, line({2}, 1), line({1}, 0)).effects(rows()),
            (Numbers{2.5, 7.75}));
  EXPECT_EQ(model_of(Kind::kSingle, line({2, 0.5}, 1)).effects(rows()),
            (Numbers{0.5, 0.5}));
}

TEST(UpliftModel, OfAYesOrNoIsADifferenceOfProbabilities) {
  const auto said = model_of(Kind::kTwo, line({0}, 1, TableLabel::kBinary),
                             line({0}, -1, TableLabel::kBinary))
                        .effects(rows());
  EXPECT_NEAR(said[0], 1 / (1 + std::exp(-1)) - 1 / (1 + std::exp(1)), 1e-7);
}

TEST(UpliftModel, IsReadBackWithTheSameAnswers) {
  const std::vector<UpliftModel> models = {
      model_of(Kind::kCross, line({2}, 1), line({1}, 0)),
      model_of(Kind::kSingle, line({2, 0.5}, 1))};
  const UpliftModel mean = UpliftModel::mean_of(models);
  artifact::Draft draft{artifact::Description{}};
  mean.add_to(draft);
  const auto artifact = artifact::Artifact::from_bytes(draft.bytes(), "test");
  EXPECT_TRUE(UpliftModel::is_one(artifact->description()));
  const UpliftModel read(*artifact);
  EXPECT_EQ(read.parts().size(), 2);
  EXPECT_EQ(read.effects(rows()), (Numbers{1.5, 4.125}));
  EXPECT_EQ(mean.effects(rows()), (Numbers{1.5, 4.125}));
}

TEST(UpliftModel, ScoresAreReadBackWithTheSameAnswers) {
  UpliftPart part;
  part.kind = Kind::kScores;
  part.scores = std::make_shared<const EffectScores>(
      std::vector<EffectScore>{{line({2}, 1), 0.1, 3},
                               {line({1}, 0, TableLabel::kBinary), 1.0 / 3, 1}},
      Numbers{0.1, 0.2, 0.3, 0.4, 0.5, 0.6});
  const UpliftModel made({part});
  artifact::Draft draft{artifact::Description{}};
  made.add_to(draft);
  const auto read = [&] {
    return UpliftModel(*artifact::Artifact::from_bytes(draft.bytes(), "test"));
  };
  EXPECT_EQ(read().effects(rows()), made.effects(rows()));
  auto& about = draft.description().training["uplift"].as_array()[0];
  about.as_object()["weights"].as_array().pop_back();
  EXPECT_THROW(read(), Error);
  about.as_object()["weights"].as_array().push_back(0.6);
  about.as_object()["scores"].as_array()[1].as_object()["scale"] = 0;
  EXPECT_THROW(read(), Error);
  about.as_object().erase("scores");
  EXPECT_THROW(read(), Error);
}

TEST(UpliftModel, AnotherArtifactIsRefused) {
  artifact::Draft draft{artifact::Description{}};
  draft.description().training["uplift"] =
      JsonArray{JsonObject{{"kind", "guess"}, {"share", 0.5}}};
  const auto artifact = artifact::Artifact::from_bytes(draft.bytes(), "test");
  EXPECT_THROW(UpliftModel{*artifact}, Error);
  draft.description().training["uplift"] =
      JsonArray{JsonObject{{"kind", "effect"}, {"share", 0.5}}};
  EXPECT_THROW(
      UpliftModel{*artifact::Artifact::from_bytes(draft.bytes(), "test")},
      Error);  // no tensor
}

}  // namespace
}  // namespace ensue::runtime
