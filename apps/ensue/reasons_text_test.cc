// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/reasons_text.h"

#include <gtest/gtest.h>

namespace ensue::apps {
namespace {

TEST(ReasonsText, ShowsCellsShortly) {
  EXPECT_EQ(shown_cell(""), "unknown");
  EXPECT_EQ(shown_cell("0.123456789"), "0.12346");
  EXPECT_EQ(shown_cell("red"), "red");
}

TEST(ReasonsText, ShowsTheStrongestAndCountsTheRest) {
  const explain::TableReasons why{
      1.25, 0.5, {{"age", "30", 1}, {"city", "York", -0.25}, {"x", "", 0}}};
  const std::string two =
      signed_table(signed_rows(why), 2, {"column", "value", "added"});
  EXPECT_NE(two.find("+1.000"), std::string::npos);
  EXPECT_NE(two.find("-0.250"), std::string::npos);
  EXPECT_EQ(two.find("unknown"), std::string::npos);
  EXPECT_NE(two.find("and 1 that moved it less"), std::string::npos);
  EXPECT_EQ(chart_rows(why)[1].name, "city = York");
}

TEST(ReasonsText, SaysWhereNothingMoves) {
  EXPECT_EQ(signed_table({{"age", "30", 0}}, 5, {"", "", ""}), "  none of 1\n");
}

TEST(ReasonsText, RulesImitateWhatTheyCan) {
  std::vector<double> x, answers;
  for (int i = 0; i < 100; ++i) {
    x.push_back(i);
    answers.push_back(i < 50 ? 0 : 1);
  }
  const events::Table rows{{{"x", x}}, ""};
  const std::string said =
      rules_text({rows, rows}, {answers, answers}, 1, "rows");
  EXPECT_NE(said.find("as 2 rules, made of 100 rows; on 100 others"),
            std::string::npos);
  EXPECT_NE(said.find("R2 1.000"), std::string::npos);
}

}  // namespace
}  // namespace ensue::apps
