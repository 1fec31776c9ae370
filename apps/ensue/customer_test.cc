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

using events::Cell, events::ContextKind;

std::vector<events::ContextColumn> columns() {
  return {{"设备", ContextKind::kCategory,
           events::Vocabulary::from_names(Words{"手机", "desk=1"})},
          {"price", ContextKind::kNumber}};
}

TEST(TypedContext, IsARowOfWhatIsNamed) {
  EXPECT_EQ(typed_context({"price=2.5", "设备=手机"}, columns()),
            (std::vector<Cell>{Cell::of_code(0), Cell::of_number(2.5F)}));
  EXPECT_EQ(typed_context({"设备=desk=1"}, columns()),
            (std::vector<Cell>{Cell::of_code(1), Cell()}));
  EXPECT_EQ(typed_context({"设备=tv"}, columns()), std::vector<Cell>(2));
  EXPECT_TRUE(typed_context({}, {}).empty());
}

std::string refusal(const Words& typed,
                    const std::vector<events::ContextColumn>& known) {
  try {
    typed_context(typed, known);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(TypedContext, WhatTheModelDoesNotReadIsNamedWithWhatItDoes) {
  EXPECT_EQ(refusal({"shelf=3"}, columns()),
            "--context: 'shelf=3', expected COLUMN=VALUE; the model reads: "
            "设备, price");
  EXPECT_EQ(refusal({"price"}, columns()),
            "--context: 'price', expected COLUMN=VALUE; the model reads: 设备, "
            "price");
  EXPECT_EQ(refusal({"shelf=3"}, {}),
            "--context: 'shelf=3', expected COLUMN=VALUE; the model reads no "
            "columns");
  EXPECT_EQ(refusal({"price=low"}, columns()),
            "context: 'low' in column 'price', expected a number");
}

TEST(CustomerOptions, ContextIsThatOfATypedSession) {
  CustomerOptions options;
  options.users = {"ann"};
  options.context = {"device=phone"};
  EXPECT_THROW(options.check(), Error);
  options.session = "tea";
  EXPECT_NO_THROW(options.check());
}

}  // namespace
}  // namespace ensue::apps
