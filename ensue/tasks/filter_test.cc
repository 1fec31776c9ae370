// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/filter.h"

#include <gtest/gtest.h>

#include <limits>

#include "ensue/base/error.h"

namespace ensue::tasks {
namespace {

// Three items: a tea cup for 5, a 茶壶 for 20, and one nothing is known of.
std::shared_ptr<const artifact::Artifact> shop() {
  artifact::Description about;
  about.model.name = "popularity";
  about.model.heads.push_back({"popularity", {}});
  const std::vector<std::string> items = {"cup", "pot", "x"},
                                 actions = {"view"};
  about.items =
      events::Vocabulary::from_names(std::span<const std::string>(items));
  about.actions =
      events::Vocabulary::from_names(std::span<const std::string>(actions));
  about.item_table.columns = {
      {"category", std::vector<std::string>{"Mugs", "茶具", ""}},
      {"price",
       std::vector<double>{5, 20, std::numeric_limits<double>::quiet_NaN()}}};
  return artifact::Artifact::from_bytes(artifact::Draft(about).bytes(), "test");
}

using Bytes = std::vector<std::uint8_t>;

Bytes only(const std::string& condition) {
  return allowed_items(*shop(), {.only = {Condition::parse(condition)}}, {});
}

std::string refusal(const std::string& condition) {
  try {
    only(condition);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Filter, NoConditionAllowsEverything) {
  EXPECT_TRUE(allowed_items(*shop(), {}, {}).empty());
}

TEST(Filter, ConditionsCompareTextAndNumbersAndMissingCellsFail) {
  EXPECT_EQ(only("category=茶具"), (Bytes{0, 1, 0}));
  EXPECT_EQ(only("category!=茶具"), (Bytes{1, 0, 0}));
  EXPECT_EQ(only("price<20"), (Bytes{1, 0, 0}));
  EXPECT_EQ(only("price<=20"), (Bytes{1, 1, 0}));
  EXPECT_EQ(only("price>5"), (Bytes{0, 1, 0}));
}

TEST(Filter, AWordIsFoundWhateverItsCaseAndNotInsideAnother) {
  EXPECT_EQ(only("category~mugs"), (Bytes{1, 0, 0}));
  EXPECT_EQ(only("category~MUGS"), (Bytes{1, 0, 0}));
  EXPECT_EQ(only("category~mug"), (Bytes{0, 0, 0}));
  EXPECT_EQ(only("category~具"), (Bytes{0, 1, 0}));  // no blanks in Chinese
  const auto holds = [](const char* cell, const char* word) {
    const Condition condition{"c", "~", word};
    return ConditionTest(condition, true).of(std::string_view(cell));
  };
  EXPECT_TRUE(holds("a red, old mug", "red"));
  EXPECT_TRUE(holds("hundred red", "red"));
  EXPECT_FALSE(holds("hundred", "red"));
  EXPECT_FALSE(holds("für alle", "f"));
  EXPECT_TRUE(holds("新iPhone手机", "iphone"));
  EXPECT_NE(refusal("price~3").find("expected a number"), std::string::npos);
  EXPECT_NE(refusal("category~").find("expected a word"), std::string::npos);
}

TEST(Filter, SeenAndExcludedItemsAreLeftOut) {
  const std::vector<events::ItemId> items = {events::ItemId{1}};
  const std::vector<events::ActionId> actions = {events::ActionId{0}};
  const std::vector<events::Millis> times = {events::Millis{0}};
  const std::vector<float> values = {0};
  const events::History seen{items, actions, times, values};
  EXPECT_EQ(
      allowed_items(*shop(), {.exclude_seen = true, .exclude = {"x"}}, seen),
      (Bytes{1, 0, 0}));
}

TEST(Filter, RefusalsNameWhatIsWrong) {
  EXPECT_EQ(refusal("colour=red"),
            "unknown item column 'colour'; known: category, price");
  EXPECT_EQ(refusal("category<3"),
            "'category<3': the column is text, expected =, != or ~");
  EXPECT_EQ(refusal("price=cheap"),
            "'price=cheap': the column is a number, expected a number");
  EXPECT_EQ(refusal("=3"),
            "'=3', expected a condition such as category=Mugs or price<20");
}

}  // namespace
}  // namespace ensue::tasks
