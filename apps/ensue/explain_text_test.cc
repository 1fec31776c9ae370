// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/explain_text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ensue::apps {
namespace {

using Words = std::vector<std::string>;

TEST(Ago, IsSaidInTheUnitOfWhichThereAreTwo) {
  EXPECT_EQ(ago(-5), "just now");
  EXPECT_EQ(ago(999), "just now");
  EXPECT_EQ(ago(1000), "1 second ago");
  EXPECT_EQ(ago(119'999), "119 seconds ago");
  EXPECT_EQ(ago(120'000), "2 minutes ago");
  EXPECT_EQ(ago(2 * events::kHourMs - 1), "119 minutes ago");
  EXPECT_EQ(ago(2 * events::kHourMs), "2 hours ago");
  EXPECT_EQ(ago(3 * events::kDayMs + 7), "3 days ago");
}

TEST(Done, AnActionWithoutAWordStandsForItself) {
  EXPECT_EQ(done("purchase"), "bought");
  EXPECT_EQ(done("加购"), "加购");
}

artifact::Description about() {
  artifact::Description out;
  out.items = events::Vocabulary::from_names(Words{"p1", "p2"});
  out.actions = events::Vocabulary::from_names(Words{"view", "purchase"});
  out.item_table.columns = {{"title", Words{"Tea pot", ""}}};
  return out;
}

Customer customer() {
  Customer out{.name = "ann", .note = {}, .past = {}};
  for (std::uint32_t i = 0; i < 3; ++i) {
    out.past.items.push_back(events::ItemId{i % 2});
    out.past.actions.push_back(events::ActionId{i == 1});
    out.past.times.push_back(events::Millis{i * events::kDayMs});
    out.past.values.push_back(0);
    out.past.kept.push_back(2 * i);
  }
  return out;
}

explain::Explanation why() {
  explain::Explanation out{.item = events::ItemId{1},
                           .after_all = {2, std::log(.5)},
                           .after_none = {.5, std::log(.25)},
                           .not_looked_at = 1};
  out.effects = {{2, {1.5, std::log(3)}}, {1, {-.004, 0}}};
  out.together = {.18, 0};
  return out;
}

TEST(EventText, CountsFromWhenTheQuestionIsAsked) {
  Customer ann = customer();
  ann.now = events::Millis{4 * events::kDayMs};
  EXPECT_EQ(event_text(ann, about(), 1), "bought 3 days ago");
}

TEST(EventText, WithoutAClockCountsEvents) {
  EXPECT_EQ(event_text(customer(), about(), 0),
            "seen 2 events before the last");
  EXPECT_EQ(event_text(customer(), about(), 1),
            "bought 1 event before the last");
  EXPECT_EQ(event_text(customer(), about(), 2), "seen last");
}

TEST(ExplanationText, SaysWhatMovedTheScoreAndWhatIsLeftUnsaid) {
  const std::string text = explanation_text(customer(), about(), why(), 1);
  for (const char* part :
       {"  p2: score 2.00, probability 0.5000\n",
        "without any history: score 0.50, probability 0.2500\n",
        "Tea pot  seen last", "+1.50", "x 3.00",
        "and 1 event that moved it less\n",
        "not looked at: 1 earlier event (--max-events)\n",
        "each other: +0.18\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_EQ(explanation_text(customer(), about(), why(), 2).find("-0.00"),
            std::string::npos);
}

TEST(ExplanationJson, HoldsEveryEventByItsPlaceInTheLog) {
  const JsonObject json = to_json(customer(), about(), why());
  const auto& effects = json.at("effects").as_array();
  ASSERT_EQ(effects.size(), 2u);
  const JsonObject& first = effects[0].as_object();
  EXPECT_EQ(first.at("event").to_number<int>(), 4);
  EXPECT_EQ(first.at("item"), "p1");
  EXPECT_EQ(first.at("title"), "Tea pot");
  EXPECT_EQ(first.at("text"), "seen last");
  EXPECT_FALSE(first.contains("time"));
  EXPECT_EQ(first.at("moved").at("score"), 1.5);
  EXPECT_EQ(json.at("not_looked_at").as_uint64(), 1u);
}

}  // namespace
}  // namespace ensue::apps
