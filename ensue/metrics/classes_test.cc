// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/classes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/metrics/logloss.h"

namespace ensue::metrics {
namespace {

using Classes = std::vector<std::uint32_t>;

// scikit-learn 1.2.1: f1_score(average="macro"), accuracy_score.
TEST(MacroF1, EqualsScikitLearn) {
  const Classes said = {0, 2, 1, 0, 0, 1}, truth = {0, 1, 2, 0, 1, 1};
  EXPECT_NEAR(macro_f1(said, truth), 0.4000000000000001, 1e-12);
  EXPECT_NEAR(class_accuracy(said, truth), 0.5, 1e-12);
}

TEST(MacroF1, LeavesOutClassesThatNobodyNamesAndNothingIs) {
  EXPECT_DOUBLE_EQ(macro_f1(Classes{0, 7}, Classes{0, 7}), 1);
}

TEST(MacroF1, CountsAClassThatIsOnlyNamed) {
  // Class 0: precision 1, recall 1/2; class 1: never true.
  EXPECT_DOUBLE_EQ(macro_f1(Classes{0, 1}, Classes{0, 0}), (2.0 / 3 + 0) / 2);
}

TEST(ClassLogloss, IsTheMeanOverRows) {
  const std::vector<double> p = {0.5, 0.25, 0.25, 0, 1, 0};
  EXPECT_DOUBLE_EQ(class_logloss(p, 3, Classes{2, 1}), std::log(4) / 2);
  EXPECT_DOUBLE_EQ(class_logloss(p, 3, Classes{0, 0}),
                   (std::log(2) + kWorstLoss) / 2);
}

TEST(ClassLogloss, RefusesAClassBeyondThoseAnswered) {
  EXPECT_THROW(class_logloss(std::vector<double>{1, 0}, 2, Classes{2}), Error);
}

TEST(MostProbable, TakesTheFirstOfEqualOnes) {
  EXPECT_EQ(most_probable(std::vector<double>{.4, .4, .2, 0, .1, .9}, 3),
            (Classes{0, 2}));
}

TEST(ClassMetrics, RefuseNoRowsAndLengthsThatDiffer) {
  EXPECT_THROW(macro_f1({}, {}), Error);
  EXPECT_THROW(class_accuracy(Classes{1}, Classes{}), Error);
  EXPECT_THROW(class_logloss({}, 0, {}), Error);
  EXPECT_THROW(most_probable(std::vector<double>{1}, 0), Error);
}

}  // namespace
}  // namespace ensue::metrics
