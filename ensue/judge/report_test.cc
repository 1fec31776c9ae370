// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/report.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::judge {
namespace {

// 200 users with values around `ndcg`, the same noise for everybody.
Evaluation judged(const std::string& model, double ndcg, double logloss) {
  Rng rng(5);
  Evaluation e;
  e.model = model;
  e.users = e.queries = 200;
  auto& values = e.per_user["ndcg@10"];
  for (int u = 0; u < 200; ++u) {
    values.push_back(ndcg + 0.01 * rng.normal() * (1 + ndcg));
  }
  e.per_user["logloss"] = std::vector<double>(200, logloss);
  e.metrics["ndcg@10"] = {ndcg, ndcg - 0.01, ndcg + 0.01};
  e.metrics["logloss"] = {logloss, logloss, logloss};
  e.totals["coverage@10"] = 0.5;
  return e;
}

const std::vector<Evaluation> kModels = {judged("gru", .20, 6),
                                         judged("sasrec", .25, 7)};
const std::vector<Evaluation> kBaselines = {judged("popularity", .30, 5)};

TEST(Report, PutsModelsFirstAndNamesTheBestOfThem) {
  const Report r = make_report(kModels, kBaselines, {"ndcg@10"});
  ASSERT_EQ(r.rows.size(), 3u);
  EXPECT_EQ(r.rows[r.best].model, "sasrec");  // popularity is no model
  EXPECT_FALSE(r.rows[1].baseline);
  EXPECT_TRUE(r.rows[2].baseline);
}

TEST(Report, MarksTheBestOfEachColumnByItsDirection) {
  const Report r =
      make_report(kModels, kBaselines, {"ndcg@10", "logloss", "coverage@10"});
  EXPECT_TRUE(r.rows[2].cells[0]->best);
  EXPECT_FALSE(r.rows[1].cells[0]->best);
  EXPECT_TRUE(r.rows[2].cells[1]->best);  // the lowest
  EXPECT_TRUE(r.rows[0].cells[2]->best);  // all the same
  EXPECT_FALSE(r.rows[0].cells[2]->interval);
}

TEST(Report, ComparesTheBestModelWithEveryOtherRow) {
  const Report r = make_report(kModels, kBaselines, {"ndcg@10"});
  EXPECT_FALSE(r.rows[1].best_minus_this);
  ASSERT_TRUE(r.rows[0].best_minus_this);
  EXPECT_GT(r.rows[0].best_minus_this->difference.low, 0);
  EXPECT_LT(r.rows[2].best_minus_this->difference.high, 0);
  EXPECT_TRUE(is_clear(*r.rows[2].best_minus_this));
}

TEST(Report, IsNotClearAboutEqualModels) {
  const std::vector<Evaluation> twins = {kModels[0], kModels[0]};
  const Report r = make_report(twins, {}, {"ndcg@10"});
  EXPECT_EQ(r.best, 0u);
  EXPECT_FALSE(is_clear(*r.rows[1].best_minus_this));
}

TEST(Report, StandsWithBaselinesAlone) {
  const Report r = make_report({}, kBaselines, {"ndcg@10"});
  EXPECT_EQ(r.rows[r.best].model, "popularity");
}

TEST(Report, LeavesACellEmptyWhereAMetricWasNotMeasured) {
  const Report r = make_report(kModels, {}, {"ndcg@10", "hit@10"});
  EXPECT_FALSE(r.rows[0].cells[1]);
}

TEST(Report, RefusesWhatNobodyMeasured) {
  EXPECT_THROW(make_report(kModels, {}, {"hit@10"}), Error);
  EXPECT_THROW(make_report(kModels, {}, {"luck@10"}), Error);
  EXPECT_THROW(make_report({}, {}, {"ndcg@10"}), Error);
  EXPECT_THROW(make_report(kModels, {}, {}), Error);
}

}  // namespace
}  // namespace ensue::judge
