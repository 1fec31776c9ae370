// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/plot.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ensue::apps {
namespace {

using Bar = std::pair<std::string, std::uint64_t>;

TEST(Bars, AreAsLongAsTheirShareOfTheLargest) {
  const std::vector<Bar> list = {{"view", 8}, {"cart", 4}, {"buy", 1}};
  EXPECT_EQ(bars(list, /*width=*/4),
            "  view  ████  8  61.5 %\n"
            "  cart  ██    4  30.8 %\n"
            "  buy   ▌     1  7.7 %\n");
}

TEST(Bars, AlignChineseLabelsByWhatIsSeen) {
  const std::vector<Bar> list = {{"购买", 1}, {"ab", 1}};
  EXPECT_EQ(bars(list, /*width=*/1),
            "  购买  █  1  50.0 %\n"
            "  ab    █  1  50.0 %\n");
}

TEST(Bars, OfNothingAreEmptyAndOfZerosHaveNoBar) {
  EXPECT_EQ(bars({}), "");
  const std::vector<Bar> zero = {{"a", 0}};
  EXPECT_EQ(bars(zero, /*width=*/2), "  a      0  0.0 %\n");
}

TEST(Scatter, PutsDotsWhereTheyBelongAndMarksOne) {
  const std::vector<Dot> dots = {{0, 1}, {0.5, 2}, {1, 3}, {0.9, NAN}};
  EXPECT_EQ(scatter(dots, /*marked=*/2, "a", "b", /*width=*/5, /*height=*/3),
            "     3.0000 │    ●\n"
            "            │  ·\n"
            "     1.0000 │·\n"
            "            a   b\n");
}

TEST(Scatter, OfNothingIsEmpty) {
  EXPECT_EQ(scatter({}, 0, "a", "b"), "");
  const std::vector<Dot> unknown = {{0.5, NAN}};
  EXPECT_EQ(scatter(unknown, 0, "a", "b"), "");
}

TEST(Sparkline, HasEightHeightsAndABlankForZero) {
  const std::vector<double> values = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(sparkline(values), " ▁▂▃▄▅▆▇█");
}

TEST(Sparkline, ShowsTheSmallestValueThatIsNotZero) {
  const std::vector<double> values = {1e-6, 1};
  EXPECT_EQ(sparkline(values), "▁█");
  EXPECT_EQ(sparkline({}), "");
}

TEST(SignedBar, StandsOnTheSideOfItsSign) {
  EXPECT_EQ(signed_bar(2, 2, 3), "   │███");
  EXPECT_EQ(signed_bar(-2, 2, 3), "███│   ");
  EXPECT_EQ(signed_bar(-0.7, 2, 3), "  █│   ");
  EXPECT_EQ(signed_bar(1e-9, 2, 3), "   │█  ");  // never nothing
  EXPECT_EQ(signed_bar(0, 2, 3), "   │   ");
  EXPECT_EQ(signed_bar(5, 2, 3), "   │███");
  EXPECT_EQ(signed_bar(1, 0, 3), "   │   ");
  EXPECT_EQ(signed_bar(NAN, 1, 3), "   │   ");
}

}  // namespace
}  // namespace ensue::apps
