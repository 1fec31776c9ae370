// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/popularity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "ensue/base/error.h"

namespace ensue::runtime {
namespace {

TEST(PopularityHead, AnswersTheSameWhateverHappened) {
  const std::vector<float> stored = {std::log(0.75F), std::log(0.25F)};
  const PopularityHead head(stored);
  const events::Event event{.item = events::ItemId{1}};
  std::vector<float> out(2, 9);
  head.score({}, {}, out);
  EXPECT_EQ(out, stored);
  head.score({}, {&event, 1}, out);
  EXPECT_EQ(out, stored);
}

TEST(PopularityHead, RefusesWhatIsNoLogProbability) {
  EXPECT_THROW(PopularityHead(std::vector<float>{-1, 0.5F}), Error);
  EXPECT_THROW(PopularityHead(
                   std::vector<float>{std::numeric_limits<float>::quiet_NaN()}),
               Error);
}

}  // namespace
}  // namespace ensue::runtime
