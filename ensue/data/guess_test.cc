// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/guess.h"

#include <gtest/gtest.h>

#include "ensue/data/internal/test_folder.h"

namespace ensue::data {
namespace {

// What a guess says, in one line.
std::string line(const Guess& g) {
  if (g.preset != nullptr) {
    return "preset " + std::string(g.preset->name) + " split " + g.split;
  }
  const ColumnOptions& c = g.columns;
  std::string out;
  for (const auto& [role, column] :
       {std::pair<const char*, std::string>{"user", c.user},
        {"item", c.item},
        {"time", c.time},
        {"action", c.action},
        {"value", c.value},
        {"text", c.text},
        {"session", c.session},
        {"event_id", c.event_id}}) {
    if (!column.empty()) out += std::string(role) + "=" + column + " ";
  }
  return out + "split " + g.split;
}

struct Known {
  const char* file;
  const char* guessed;  // "" : holds no events
};

class GuessRealData : public testing::TestWithParam<Known> {};

TEST_P(GuessRealData, IsRightWithoutEdits) {
  const std::string file = shared_data(GetParam().file);
  if (file.empty()) GTEST_SKIP() << "no " << GetParam().file;
  const std::string expected = GetParam().guessed;
  if (expected.empty()) {
    const std::string text = error_of([&] { guess({file}); });
    EXPECT_TRUE(text.starts_with("invalid ")) << text;
    EXPECT_NE(text.find("holds no events"), std::string::npos) << text;
  } else {
    EXPECT_EQ(line(guess({file})), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, GuessRealData,
    testing::Values(
        Known{"ml-1m/ml-1m.txt.zst", "preset sasrec-text split leave-one-out"},
        Known{"ml-1m/events_ordered.csv.zst",
              "preset movielens-ordered split leave-one-out"},
        Known{"ml-1m/events_rare_items_no_order.csv",
              "preset movielens-unordered split by-user"},
        Known{"ml-100k/ml-100k.inter.zst", "preset recbole-atomic split time"},
        Known{"amazon-beauty-5core/events.csv.zst",
              "preset user-item-day split leave-one-out"},
        Known{"amazon-beauty-large/beauty.txt.zst",
              "preset sasrec-text split leave-one-out"},
        Known{"sessions-diginetica/train_sessions.txt.zst",
              "preset session-lines split by-user"},
        Known{"sessions-diginetica/raw_train-purchases.csv.zst",
              "user=userId item=itemId time=eventdate session=sessionId "
              "split time"},
        Known{"online-retail-II/online_retail_to_2011-08.csv.zst",
              "preset online-retail split time"},
        Known{"cdnow/cdnow.csv.zst", "preset cdnow split time"},
        Known{"eshop-clothing-2008/e-shop_clothing_2008.csv.zst",
              "preset eshop-clothing split time"},
        Known{"taobao-stream-slice/UserBehavior_slice.csv.zst",
              "preset taobao split time"},
        Known{"dunnhumby-completejourney-sample/transactions_sample.csv.zst",
              "user=household_id item=product_id time=transaction_timestamp "
              "value=sales_value session=basket_id split time"},
        Known{"dunnhumby-completejourney-sample/coupon_redemptions.csv.zst",
              "user=household_id item=coupon_upc time=redemption_date split "
              "time"},
        Known{"dunnhumby-completejourney-sample/products.csv.zst", ""},
        Known{"dunnhumby-completejourney-sample/demographics.csv", ""},
        Known{"hillstrom/hillstrom.csv.zst", ""},
        Known{"walmart-weekly-sales/train.csv.zst", ""},
        Known{"online-shoppers-intention/online_shoppers_intention.csv.zst",
              ""},
        Known{"reviews-womens-clothing/womens_clothing_reviews.csv.zst", ""},
        Known{"intents-banking77/train.csv.zst", ""}));

std::string guessed(const std::string& text) {
  const TestFolder folder;
  return line(guess({folder.write("a.csv", text)}));
}

TEST(Guess, KnowsNamesInSeveralLanguages) {
  EXPECT_EQ(guessed("用户,商品,时间,行为\na,x,2024-04-03,浏览\n"
                    "b,y,2024-04-04,购买\n"),
            "user=用户 item=商品 time=时间 action=行为 split time");
  EXPECT_EQ(guessed("Kundennummer;Artikelnummer;Datum;Betrag\n"
                    "1;77;03.04.2024;9\n2;78;25.04.2024;3\n"),
            "user=Kundennummer item=Artikelnummer time=Datum value=Betrag "
            "split time");
  EXPECT_EQ(guessed("cliente,producto,fecha\n1,a,2024-04-03\n"),
            "user=cliente item=producto time=fecha split time");
}

TEST(Guess, FindsATimeByItsValues) {
  EXPECT_EQ(guessed("user,item,when_it_was\na,x,1700000000\nb,x,1700000001\n"),
            "user=user item=item time=when_it_was split time");
}

TEST(Guess, WithoutNamesGoesByPlaceAndValues) {
  EXPECT_EQ(guessed("17,x9,1700000000,click\n18,x8,1700000001,click\n"
                    "17,x9,1700000002,buy\n19,x7,1700000003,click\n"
                    "11,x9,1700000004,buy\n10,x7,1700000005,click\n"
                    "13,x9,1700000006,buy\n14,x7,1700000007,click\n"),
            "user=column0 item=column1 time=column2 action=column3 split time");
}

TEST(Guess, TakesTheSessionForTheUserWhenNobodyElseIsNamed) {
  const TestFolder folder;
  const Guess g = guess({folder.write(
      "a.csv", "session_id,sku,ts\ns1,x,1700000000\ns2,y,1700000001\n")});
  EXPECT_EQ(line(g), "user=session_id item=sku time=ts split time");
  EXPECT_NE(g.reasons[2].second.find("each session is one"), std::string::npos);
}

TEST(Guess, IgnoresANameWhoseValuesCannotBeThat) {
  EXPECT_EQ(guessed("user,item,time,amount\na,x,1700000000,much\n"
                    "b,y,1700000001,little\n"),
            "user=user item=item time=time split time");
}

TEST(Guess, TakesAmountsForPurchasesAndStarsForRatings) {
  const auto action = [](const std::string& text) {
    const TestFolder folder;
    return guess({folder.write("a.csv", text)}).columns.default_action;
  };
  EXPECT_EQ(action("user,item,time,amount\na,x,1700000000,9.5\n"), "purchase");
  EXPECT_EQ(action("user,item,time,stars\na,x,1700000000,4\n"), "rate");
  EXPECT_EQ(action("user,item,time\na,x,1700000000\n"), "view");
}

TEST(Guess, FindsTheTableOfItemsBesideTheEvents) {
  const TestFolder folder;
  folder.write("items.csv", "item_id,title\nx,Tea\n");
  const Guess g = guess(
      {folder.write("events.csv", "user_id,item_id,ts\na,x,1700000000\n")});
  EXPECT_EQ(g.items, folder / "items.csv");
}

TEST(Guess, SettingsSayWhyAndCanBeRead) {
  const TestFolder folder;
  const std::string text = settings_text(guess(
      {folder.write("a.csv", "user,item,time,say \"x\"\na,x,1700000000,5\n")}));
  EXPECT_NE(text.find("# user: the name is a word for it"), std::string::npos);
  EXPECT_NE(text.find("user = \"user\""), std::string::npos);
  EXPECT_NE(text.find("context = [\"say \\\"x\\\"\"]"), std::string::npos);
  for (const char* section : {"[data]", "[columns]", "[clean]", "[missing]",
                              "[split]", "[model]", "[train]"}) {
    EXPECT_NE(text.find(section), std::string::npos) << section;
  }
}

TEST(Guess, OfSessionLinesCountsTheTestSessions) {
  const TestFolder folder;
  folder.write("train.txt", "1 2 3\n4 5\n6 7 8 9\n");
  folder.write("test.txt", "1 2\n3 4 5\n");
  const Guess g = guess({folder / "train.txt", folder / "test.txt"});
  EXPECT_EQ(g.test_users, 2);
  EXPECT_NE(settings_text(g).find("test_users = 2"), std::string::npos);
}

TEST(Guess, AColumnCalledUserOrItemMayHoldASingleOne) {
  const TestFolder folder;
  std::string text = "user,item,time\n";
  for (int i = 0; i < 100; ++i) {
    text += "ann,tea," + std::to_string(1700000000 + i) + "\n";
  }
  const Guess out = guess({folder.write("one.csv", text)});
  EXPECT_EQ(out.columns.user, "user");
  EXPECT_EQ(out.columns.item, "item");
}

}  // namespace
}  // namespace ensue::data
