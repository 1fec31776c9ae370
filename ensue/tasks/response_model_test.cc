// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/response_model.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"
#include "ensue/runtime/linear_scorer.h"

namespace ensue::tasks {
namespace {

// The effect is x - 1.
runtime::UpliftModel effect() {
  std::vector<runtime::TableModel::Member> members;
  members.push_back(
      {runtime::TableColumns({{"x", runtime::EncodingSpec::parse("raw")}}),
       std::make_unique<runtime::LinearScorer>(std::vector<float>{1},
                                               std::vector<float>{-1}),
       1});
  runtime::UpliftPart part;
  part.first = std::make_shared<const runtime::TableModel>(
      runtime::TableLabel::kNumber, std::vector<std::string>(),
      std::move(members), runtime::Calibration());
  return runtime::UpliftModel({part});
}

const Campaign kCampaign{"response", "mail", "red", "none", "visit"};
const RowShape kShape{{{"x", false}}, {"mail", "visit"}};

ResponseModel written(const ResponseModel::Tested& tested) {
  return ResponseModel(artifact::Artifact::from_bytes(
      ResponseModel::draft(effect(), kCampaign, kShape, tested).bytes(),
      "test"));
}

TEST(ResponseModel, IsReadBackFromItsArtifactAndPlans) {
  // The better half: treated 1 1, others 0 1; the other half nothing at all.
  const ResponseModel::Tested tested{{4, 4, 4, 4, 0, 0, 0, 0},
                                     {1, 1, 0, 1, 0, 0, 0, 0},
                                     {1, 1, 0, 0, 1, 1, 0, 0}};
  const ResponseModel model = written(tested);
  EXPECT_EQ(model.campaign().treated, "red");
  EXPECT_EQ(model.campaign().target, "visit");
  const std::vector<JsonObject> rows = {
      {{"x", 3}}, {{"x", 0}}, {{"x", 5}, {"mail", "none"}}, {{"x", 2}}};
  const auto effects = model.effects(model.shape().read(rows, "rows"));
  EXPECT_EQ(effects, (std::vector<double>{2, -1, 4, 1}));
  const BudgetPlan plan = model.plan(effects, 2);
  EXPECT_EQ(plan.customers, (std::vector<std::size_t>{2, 0}));
  EXPECT_EQ(plan.tested, 4);
  EXPECT_DOUBLE_EQ(plan.gain, 2 * (1 - 0.5));
  EXPECT_DOUBLE_EQ(plan.random_gain, 2 * (0.5 - 0.25));
}

TEST(ResponseModel, AnotherArtifactIsRefused) {
  EXPECT_THROW(written({{1, 2}, {1}, {1, 0}}), Error);
  artifact::Draft draft{artifact::Description{}};
  EXPECT_FALSE(ResponseModel::is_one(draft.description()));
  EXPECT_THROW(
      ResponseModel(artifact::Artifact::from_bytes(draft.bytes(), "test")),
      Error);
}

}  // namespace
}  // namespace ensue::tasks
