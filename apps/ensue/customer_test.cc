// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/customer.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

using Words = std::vector<std::string>;

TEST(TypedList, IsSplitAtCommas) {
  EXPECT_EQ(typed_list("tea,mug:cart"), (Words{"tea", "mug:cart"}));
  EXPECT_EQ(typed_list(",tea,,"), Words{"tea"});
  EXPECT_EQ(typed_list(""), Words{});
}

TEST(TypedList, MembersInQuotesMayHoldCommasAndQuotes) {
  EXPECT_EQ(typed_list(R"("a,b":cart,"say ""hi""",5" nail)"),
            (Words{"a,b:cart", R"(say "hi")", R"(5" nail)"}));
}

TEST(TypedList, AnOpenQuoteIsRefused) {
  EXPECT_THROW(typed_list("\"a,b"), Error);
}

}  // namespace
}  // namespace ensue::apps
