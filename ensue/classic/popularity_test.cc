// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/popularity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"

namespace ensue::classic {
namespace {

Sequences one_user(std::size_t catalogue, std::vector<std::uint32_t> items) {
  Sequences out;
  out.catalogue = catalogue;
  out.items = std::move(items);
  for (std::size_t i = 0; i < out.items.size(); ++i) {
    out.times.push_back(events::Millis{static_cast<std::int64_t>(i)});
  }
  out.offsets.push_back(out.items.size());
  return out;
}

TEST(LogPopularity, IsTheLogarithmOfSmoothedShares) {
  const auto got = log_popularity(one_user(3, {0, 0, 2}), /*smoothing=*/1);
  EXPECT_FLOAT_EQ(got[0], std::log(3.0F / 6));
  EXPECT_FLOAT_EQ(got[1], std::log(1.0F / 6));
  EXPECT_FLOAT_EQ(got[2], std::log(2.0F / 6));
}

TEST(LogPopularity, StaysBelowZeroForASingleItem) {
  EXPECT_LT(log_popularity(one_user(1, {0}), /*smoothing=*/1)[0], 0.0F);
}

TEST(LogPopularity, RefusesNoSmoothingBecauseAnUnseenItemWouldHaveNoLogarithm) {
  EXPECT_THROW(log_popularity(one_user(2, {0}), /*smoothing=*/0), Error);
}

}  // namespace
}  // namespace ensue::classic
