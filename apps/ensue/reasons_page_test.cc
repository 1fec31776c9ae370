// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/reasons_page.h"

#include <gtest/gtest.h>

namespace ensue::apps {
namespace {

std::size_t count_of(const std::string& text, const std::string& piece) {
  std::size_t out = 0;
  for (auto at = text.find(piece); at != std::string::npos;
       at = text.find(piece, at + 1)) {
    ++out;
  }
  return out;
}

TEST(ReasonsPage, DrawsABarPerReasonAndSumsTheRest) {
  ReasonsSection section{"王小明 <b>", "0.25", {{"features", {}}}};
  for (int i = 0; i < 6; ++i) {
    section.charts[0].rows.push_back(
        {"f" + std::to_string(i), "1", i % 2 == 0 ? 0.5 : -0.25});
  }
  const std::string page = reasons_page("why", {section}, /*most=*/4);
  EXPECT_EQ(count_of(page, "<rect "), 5U);
  EXPECT_EQ(count_of(page, "class=\"grey bar\""), 2U);
  EXPECT_NE(page.find("2 others"), std::string::npos);
  EXPECT_NE(page.find("+0.250"), std::string::npos);  // of the two others
  EXPECT_NE(page.find("王小明 &lt;b&gt;"), std::string::npos);
  EXPECT_EQ(page.find("http://") == std::string::npos &&
                page.find("https://") == std::string::npos,
            true);
}

TEST(ReasonsPage, AChartWithoutRowsIsLeftOut) {
  const std::string page = reasons_page("why", {{"ann", "0", {{"x", {}}}}});
  EXPECT_EQ(count_of(page, "<svg"), 0U);
}

}  // namespace
}  // namespace ensue::apps
