// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/profile.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/tasks/customer_events.h"

namespace ensue::tasks {
namespace {

using events::Millis;

const std::vector<std::string> kItems = {"mug", "cup", "lamp", "vase"},
                               kActions = {"view", "purchase"};

template <class T>
void add(artifact::Draft& draft, const char* name,
         const std::vector<T>& values) {
  draft.add<T>(name, {static_cast<std::int64_t>(values.size())}, values);
}

// "Cups" (mug, cup) are a quarter of what everybody takes, "Light" (lamp, vase)
// the rest; all cost 10 but the vase, 50. Others come back after 10 days.
// Where discounts are known, customers' shares are Beta(1, 3).
ProfileModel model(bool clock = true, bool discounts = false) {
  artifact::Description about;
  about.model.name = "profile";
  about.schema.has_clock = clock;
  about.items =
      events::Vocabulary::from_names(std::span<const std::string>(kItems));
  about.actions =
      events::Vocabulary::from_names(std::span<const std::string>(kActions));
  about.item_table.columns = {
      {"title", std::vector<std::string>{"A mug", "A cup", "A lamp", "A vase"}},
      {"price", std::vector<double>{10, 10, 10, 50}}};
  about.training = {{"topics", "category"},
                    {"buying", "purchase"},
                    {"price", "price"},
                    {"recent_days", 28}};
  if (discounts) {
    about.context = {{"off", events::ContextKind::kNumber}};
    about.training["discount"] = JsonArray{"off"};
    about.training["discount_empty_is_none"] = false;
  }
  artifact::Draft out(std::move(about));
  if (discounts) add<double>(out, "discount_spread", {1, 3});
  const std::string names = "CupsLight";
  add(out, "topics", std::vector<std::uint8_t>(names.begin(), names.end()));
  add<std::uint64_t>(out, "topics_offsets", {0, 4, 9});
  add<std::uint64_t>(out, "topic_offsets", {0, 2, 4});
  add<std::uint32_t>(out, "topic_items", {0, 1, 2, 3});
  add<double>(out, "topic_share", {0.25, 0.75});
  // Who takes the mug takes the vase.
  add<std::uint64_t>(out, "lift_offsets", {0, 1, 1, 1, 1});
  add<std::uint32_t>(out, "lift_items", {3});
  add<float>(out, "lifts", {4});
  add<float>(out, "log_popularity",
             {std::log(0.4F), std::log(0.3F), std::log(0.2F), std::log(0.1F)});
  add<double>(out, "price_thirds", {5, 20});
  add<double>(out, "gap_days", {10, 10, 10});
  return ProfileModel(artifact::Artifact::from_bytes(out.bytes(), "profile"));
}

Millis day(int number, int hour = 9) {
  return Millis{number * events::kDayMs + hour * events::kHourMs};
}

// Buys mugs on days 4, 11 and 18 (Mondays, 1970), the last one at noon, and
// looks at lamps three times in the last days.
CustomerEvents collector(const ProfileModel& asked) {
  CustomerEvents out(asked.about());
  for (const int d : {4, 11}) out.add("mug", "purchase", day(d), 10);
  out.add("mug", "purchase", day(18, 12), 10);
  for (int i = 0; i < 3; ++i) out.add("lamp", "view", day(58), 10);
  out.add("vase", "purchase", day(70), 50);
  return out;
}

TEST(Profile, SaysWhatACustomerLikesMoreThanOthersDo) {
  const auto asked = model();
  const auto past = collector(asked);
  const Profile said = asked.describe(past.view(), day(60));
  EXPECT_EQ(said.events, 6U);
  EXPECT_EQ(said.purchases, 3U);
  EXPECT_EQ(said.spend, 30);
  ASSERT_EQ(said.favourites.size(), 1U);  // of purchases
  EXPECT_EQ(said.favourites[0].name, "Cups");
  EXPECT_EQ(said.favourites[0].lift, 4);
  ASSERT_EQ(said.long_term.size(), 1U);  // three of six events, not a quarter
  EXPECT_EQ(said.long_term[0].name, "Cups");
  EXPECT_EQ(said.long_term[0].lift, 2);
}

TEST(Profile, SaysWhatIsNewLately) {
  const auto asked = model();
  const auto past = collector(asked);
  const Profile said = asked.describe(past.view(), day(60));
  ASSERT_EQ(said.short_term.size(), 1U);
  EXPECT_EQ(said.short_term[0].name, "Light");
  EXPECT_EQ(said.short_term[0].events, 3U);
  // Three cups before, drawn to everybody's by ten: 7.5 of 13 are expected.
  EXPECT_NEAR(said.short_term[0].lift, 13 / 7.5, 1e-12);
  EXPECT_TRUE(asked.describe(past.view(), day(40)).short_term.empty());
}

TEST(Profile, KnowsTheRhythmAndWhenThePurchaseIsDue) {
  const auto asked = model();
  const auto past = collector(asked);
  const Profile said = asked.describe(past.view(), day(60));
  ASSERT_TRUE(said.rhythm);
  EXPECT_EQ(said.rhythm->days, 3U);
  EXPECT_EQ(said.rhythm->gap, 7);
  EXPECT_EQ(said.rhythm->weekday, "Monday");
  EXPECT_EQ(said.rhythm->weekday_share, 1);
  EXPECT_EQ(said.rhythm->hour, 9);
  EXPECT_NEAR(said.rhythm->hour_share, 2.0 / 3, 1e-12);
  EXPECT_EQ(said.rhythm->silence, 42);
  EXPECT_EQ(events::count(*said.rhythm->due), 25 * events::kDayMs);
}

TEST(Profile, TellsTheRiskByTheOwnRhythmOrElseByEverybodys) {
  const auto asked = model();
  const auto past = collector(asked);
  const Profile silent = asked.describe(past.view(), day(60));
  ASSERT_TRUE(silent.risk);
  EXPECT_EQ(silent.risk->by, "own rhythm");
  EXPECT_NEAR(silent.risk->value, 2.0 / 3, 1e-12);  // longer than both gaps
  EXPECT_EQ(silent.risk->words, "silent for 42 days, usually 7");
  EXPECT_EQ(asked.describe(past.view(), day(19)).risk->value, 0);
  const Profile few = asked.describe(past.view(), day(12));
  EXPECT_EQ(few.risk->by, "everybody's rhythm");
  EXPECT_EQ(few.risk->value, 0);
  const Risk told = risk_from(0.25, 90);
  EXPECT_EQ(told.value, 0.75);
  EXPECT_EQ(told.by, "retention");
}

TEST(Profile, NamesThePriceBand) {
  const auto asked = model();
  const auto past = collector(asked);
  const auto cheap = asked.describe(past.view(), day(60)).price;
  ASSERT_TRUE(cheap);
  EXPECT_EQ(cheap->middle, 10);
  EXPECT_EQ(cheap->name, "middle");
  EXPECT_GT(asked.describe(past.view(), day(71)).price->high, 30);
}

TEST(Profile, OffersWhatGoesWithWhatIsThere) {
  const auto asked = model();
  const auto past = collector(asked);
  const Profile said = asked.describe(past.view(), day(30));
  ASSERT_EQ(said.offers.size(), 3U);  // not the mug
  EXPECT_EQ(said.offers[0].title, "A vase");
  EXPECT_NEAR(said.offers[0].score, std::log(0.1) + 4.0 / 2, 1e-6);
  EXPECT_EQ(said.offered_by, "lift");
}

TEST(Profile, LooksAtNothingAtOrAfterTheInstant) {
  const auto asked = model();
  const auto all = collector(asked);
  EXPECT_EQ(to_text(to_json(asked.describe(all.view(), day(58)))),
            to_text(to_json(asked.describe(all.view().first(3), day(58)))));
}

TEST(Profile, LeavesOutWhatALogWithoutAClockCannotSay) {
  const auto asked = model(/*clock=*/false);
  const auto past = collector(asked);
  const Profile said = asked.describe(past.view(), day(60));
  EXPECT_FALSE(said.rhythm);
  EXPECT_FALSE(said.risk);
  EXPECT_TRUE(said.short_term.empty());
  EXPECT_FALSE(said.favourites.empty());
}

TEST(Profile, SaysWhoBuysOnOffer) {
  const auto asked = model(/*clock=*/true, /*discounts=*/true);
  EXPECT_EQ(asked.discounted_share(), 0.25);
  CustomerEvents past(asked.about());
  const std::vector<events::Cell> off = {events::Cell::of_number(0.5F)},
                                  none = {events::Cell::of_number(0)};
  past.add("mug", "purchase", day(1), 10);  // nobody knows
  past.add("mug", "view", day(1), 10, none);
  EXPECT_FALSE(asked.describe(past.view(), day(2)).discount);
  for (int i = 0; i < 8; ++i) past.add("mug", "purchase", day(3 + i), 10, off);
  past.add("mug", "purchase", day(20), 10, none);
  const auto said = asked.describe(past.view(), day(12)).discount;
  ASSERT_TRUE(said);
  EXPECT_EQ(said->purchases, 8U);
  EXPECT_EQ(said->share, 1);
  EXPECT_NEAR(said->difference, 9.0 / 12 - 0.25, 1e-12);
  EXPECT_EQ(said->word, "buys on offer");
  EXPECT_EQ(asked.describe(past.view(), day(21)).discount->purchases, 9U);
}

TEST(Profile, SaysNothingOfDiscountsThatTheLogDoesNotHave) {
  const auto asked = model();
  EXPECT_FALSE(asked.discounted_share());
  const auto past = collector(asked);
  const Profile said = asked.describe(past.view(), day(60));
  EXPECT_FALSE(said.discount);
  EXPECT_EQ(to_json(said).if_contains("discount"), nullptr);
}

TEST(Profile, DescribesSomebodyWhoNeverBought) {
  const auto asked = model();
  CustomerEvents past(asked.about());
  past.add("unknown", "wonder", day(1), 1);
  past.add("lamp", "view", day(2), 1);
  const Profile said = asked.describe(past.view(), day(3));
  EXPECT_EQ(said.purchases, 0U);
  EXPECT_FALSE(said.price);
  EXPECT_FALSE(said.rhythm);
  EXPECT_EQ(said.favourites[0].name, "Light");  // of what was viewed
}

}  // namespace
}  // namespace ensue::tasks
