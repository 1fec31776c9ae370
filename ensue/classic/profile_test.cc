// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/profile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ensue/base/error.h"
#include "ensue/runtime/tastes.h"

namespace ensue::classic {
namespace {

using events::Millis;

constexpr Millis kEver{std::numeric_limits<std::int64_t>::max()};

// Twenty items, ten of them tea; ann buys tea on days 0, 4 and 10, bob lamps.
events::Log shop(bool categories) {
  events::LogBuilder builder;
  for (int i = 0; i < 20; ++i) {
    const std::string item = (i < 10 ? "tea-" : "lamp-") + std::to_string(i);
    builder.add(i < 10 ? "ann" : "bob", item,
                Millis{(i < 2   ? 0
                        : i < 4 ? 4
                                : 10) *
                           events::kDayMs +
                       i},
                "purchase", static_cast<float>(i));
  }
  auto log = builder.build();
  std::vector<std::string> titles, kinds;
  std::vector<double> prices;
  for (std::size_t i = 0; i < log.items(); ++i) {
    const std::string name(log.item_names().name(i));
    const bool tea = name.starts_with("tea");
    titles.push_back(tea ? "Green TEA no. 7 " + name.substr(4)
                         : "黄铜灯具 " + name.substr(5));
    kinds.push_back(tea ? "Tea" : "Lamps");
    prices.push_back(tea ? 3 : 30);
  }
  events::Table table;
  table.columns = {{"title", std::move(titles)}, {"price", std::move(prices)}};
  if (categories) table.columns.push_back({"kind", std::move(kinds)});
  log.set_item_table(std::move(table));
  return log;
}

artifact::Draft fitted(const events::Log& log, Millis until = kEver) {
  return fit_profile(log, until, {});
}

runtime::Tastes tastes_of(const artifact::Draft& draft) {
  return runtime::Tastes(
      artifact::Artifact::from_bytes(draft.bytes(), "profile"));
}

TEST(FitProfile, TakesTheColumnThatPartsTheItems) {
  auto draft = fitted(shop(/*categories=*/true));
  EXPECT_EQ(draft.description().training["topics"], Json("kind"));
  const auto tastes = tastes_of(draft);
  ASSERT_EQ(tastes.topics(), 2U);
  EXPECT_EQ(tastes.name(0), "Lamps");
  EXPECT_EQ(tastes.share(0), 0.5);
}

TEST(FitProfile, TakesWordsOfTitlesWhereThereAreNoCategories) {
  // Half of the titles have the same word: it says nothing of an item.
  auto log = shop(/*categories=*/false);
  events::Table table = log.item_table();
  auto& titles = std::get<std::vector<std::string>>(table.columns[0].cells);
  for (std::size_t i = 0; i < titles.size(); ++i) {
    titles[i] = i < 4   ? "Vintage lunch bag 12"
                : i < 7 ? "黄铜"
                        : "thing " + std::to_string(i);
  }
  log.set_item_table(std::move(table));
  auto draft = fitted(log);
  EXPECT_EQ(draft.description().training["topics"], Json("words"));
  const auto tastes = tastes_of(draft);
  ASSERT_EQ(tastes.topics(), 4U);  // neither "thing" nor numbers
  EXPECT_EQ(tastes.name(0), "bag");
  EXPECT_EQ(tastes.name(3), "黄铜");
}

TEST(FitProfile, KnowsThirdsOfPricesAndGapsBetweenDays) {
  const auto log = shop(true);
  const auto tastes = tastes_of(fitted(log));
  const auto thirds = tastes.artifact().tensor("price_thirds").as<double>();
  EXPECT_EQ(thirds[0], 3);  // of 20 prices, ten of 3 and ten of 30
  EXPECT_EQ(thirds[1], 30);
  const auto gaps = tastes.artifact().tensor("gap_days").as<double>();
  EXPECT_EQ(gaps.front(), 4);  // ann's: 4 and 6
  EXPECT_EQ(gaps.back(), 6);
}

TEST(FitProfile, ReadsNothingAtOrAfterTheTime) {
  const auto log = shop(true);
  const auto tastes = tastes_of(fitted(log, Millis{events::kDayMs}));
  const std::size_t lamps = 0;
  EXPECT_EQ(tastes.share(lamps), 0);
  EXPECT_THROW(fitted(log, Millis{0}), Error);
}

TEST(FitProfile, ReadsMoneyOffAndNoOtherContext) {
  events::LogBuilder builder;
  for (int i = 0; i < 8; ++i) {
    builder.add(i < 4 ? "ann" : "bob", "tea", Millis{i}, "purchase", 2)
        .with("device", "phone")
        .with("discount", i < 3 ? 1.0F : 0.0F);
  }
  const auto log = builder.build();
  auto draft = fitted(log);
  ASSERT_EQ(draft.description().context.size(), 1U);
  EXPECT_EQ(draft.description().context[0].name, "discount");
  EXPECT_EQ(draft.description().training["discount"],
            Json(JsonArray{"discount"}));
  EXPECT_EQ(
      tastes_of(draft).artifact().tensor("discount_spread").as<double>().size(),
      2U);
  auto without = fit_profile(log, kEver, {.discount = {"none"}});
  EXPECT_TRUE(without.description().context.empty());
  EXPECT_EQ(without.description().training["discount"], Json(JsonArray{}));
}

TEST(FitProfile, RefusesAColumnThatIsNotThere) {
  EXPECT_THROW(fit_profile(shop(true), kEver, {.category = "colour"}), Error);
  EXPECT_THROW(fit_profile(shop(true), kEver, {.discount = {"off"}}), Error);
}

TEST(Tastes, SuitWithWhatIsTakenTogether) {
  // Ten customers take a and b, ten others c and d; a is what somebody has.
  events::LogBuilder builder;
  for (int u = 0; u < 20; ++u) {
    const std::string user = "u" + std::to_string(u);
    builder.add(user, u < 10 ? "a" : "c", Millis{u}, "purchase");
    builder.add(user, u < 10 ? "b" : "d", Millis{u + 1}, "purchase");
  }
  const auto log = builder.build();
  const auto tastes = tastes_of(fitted(log));
  const events::ItemId a{*log.item_names().find("a")}, unknown{1'000'000};
  const std::vector<events::ItemId> items = {a, unknown, a};
  events::History past;
  past.items = items;
  const auto said = tastes.suiting(past, 9);
  ASSERT_EQ(said.size(), 3U);  // all but a
  EXPECT_EQ(log.item_names().name(said[0].item), "b");
  // Ten of twenty took both, five would by chance; one item of two.
  EXPECT_NEAR(said[0].lift, std::log((10 + 5.0) / (5 + 5.0)) / 2, 1e-6);
  EXPECT_NEAR(said[0].score, said[0].lift + std::log(11.0 / 45), 1e-6);
}

}  // namespace
}  // namespace ensue::classic
