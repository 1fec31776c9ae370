// SPDX-License-Identifier: Apache-2.0
// Metarank's interface over HTTP.
#include <gtest/gtest.h>

#include <algorithm>

#include "ensue/serve/endpoints/testing.h"

namespace ensue::serve {
namespace {

using testing::OpenShop;

std::string interaction(const std::string& id, const std::string& item) {
  return R"({"event":"interaction","id":")" + id +
         R"(","timestamp":"1000000000","user":"ann","session":"s",)"
         R"("type":"action0","item":")" +
         item + R"(","fields":[]})";
}

// `took` is not the same twice.
std::string without_times(std::string text) {
  for (const char* name : {"\"took\":", "\"tookMillis\":"}) {
    const std::size_t at = text.find(name);
    if (at == std::string::npos) continue;
    const std::size_t from = at + std::string(name).size();
    text.replace(from, text.find_first_of(",}", from) - from, "0");
  }
  return text;
}

TEST(Metarank, TakesOneEventAListOrLinesOfAnyContentType) {
  OpenShop open;
  const std::string one = interaction("1", "item1");
  EXPECT_EQ(without_times(open.say("POST /feedback", one)),
            R"({"accepted":1,"status":"ok","tookMillis":0,"updated":1})");
  EXPECT_EQ(without_times(open.say("POST /feedback",
                                   "[" + interaction("2", "item2") + "," +
                                       interaction("3", "item3") + "]")),
            R"({"accepted":2,"status":"ok","tookMillis":0,"updated":2})");
  // Sent again, an event changes nothing.
  EXPECT_EQ(
      without_times(open.ask("POST /feedback",
                             one + "\n" + interaction("4", "item4") + "\n",
                             {{"Content-Type", "text/csv"}})
                        .body),
      R"({"accepted":2,"status":"ok","tookMillis":0,"updated":1})");
  EXPECT_EQ(open.shop.service.store().user("ann").events.size(), 4U);
  EXPECT_NE(open.say("GET /metrics").find("metarank_feedback_events_total 5"),
            std::string::npos);
}

TEST(Metarank, ItemAndUserEventsBecomeDocuments) {
  OpenShop open;
  open.say("POST /feedback",
           R"([{"event":"item","id":"1","timestamp":1,"item":"item5",
    "fields":[{"name":"color","value":["red","blue"]}]},
   {"event":"item","id":"2","timestamp":2,"item":"item5",
    "fields":[{"name":"price","value":3.5}]},
   {"event":"user","id":"3","timestamp":3,"user":"ann",
    "fields":[{"name":"age","value":30}]}])");
  auto& store = open.shop.service.store();
  EXPECT_EQ(store.document(store::Kind::kItem, "item5"),
            R"({"color":["red","blue"],"price":3.5})");
  EXPECT_EQ(store.document(store::Kind::kUser, "ann"), R"({"age":30})");
}

TEST(Metarank, ARankingIsKeptAsWhatWasShown) {
  OpenShop open;
  open.say("POST /feedback",
           R"({"event":"ranking","id":"r1","timestamp":"999999000",
   "user":"ann","items":[{"id":"item2"},{"id":"item1"}]})");
  open.shop.service.slates().flush();
  const auto answer = open.shop.service.store().answer("ann", "r1");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->items[0].item, "item2");
  EXPECT_EQ(count(answer->time), 999'999'000);
}

std::string ranking(const std::string& items, const std::string& more = "") {
  return R"({"id":"r","timestamp":"1000000000","session":"s","fields":[)"
         R"({"name":"query","value":"cat"}])" +
         more + R"(,"items":[)" + items + "]}";
}

TEST(Metarank, RanksTheItemsOfARequestBestFirst) {
  OpenShop open;
  for (const int item : {3, 9}) open.shop.say("ann", item);
  const Json answer =
      open.ask("POST /rank/main",
               ranking(R"({"id":"item7"},{"id":"nowhere"},)"
                       R"({"id":"item8","fields":[{"name":"r","value":1}]},)"
                       R"({"id":"item9","label":1})",
                       R"(,"user":"ann")"))
          .json();
  Question question{.user = "ann", .k = 3};
  question.items = {"item7", "item8", "item9"};
  const auto expected = open.shop.service.recommend(question).reply.items;
  const auto& items = answer.at("items").as_array();
  ASSERT_EQ(items.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(items[i].at("item"), Json(expected[i].item));
    EXPECT_EQ(items[i].at("score").as_double(), shortest(expected[i].score));
    EXPECT_FALSE(items[i].as_object().contains("features"));
  }
  EXPECT_EQ(items[3].at("item"), Json("nowhere"));
  EXPECT_LE(items[3].at("score").to_number<double>(),
            items[2].at("score").to_number<double>());
  EXPECT_TRUE(answer.at("took").is_int64());
}

TEST(Metarank, RanksHiddenItemsTooAndAnItemOnce) {
  OpenShop open;
  open.say("POST /api/item", R"({"ItemId":"item7","IsHidden":true})");
  const Json answer =
      open.ask("POST /rank/main",
               ranking(R"({"id":"item7"},{"id":"item8"},{"id":"item8"})"))
          .json();
  ASSERT_EQ(answer.at("items").as_array().size(), 2U);
  EXPECT_EQ(answer.at("items").at(1).at("item"), Json("item7"));
}

TEST(Metarank, AnInteractionThatNamesARankIsJoinedToItsModel) {
  OpenShop open;
  open.say("POST /rank/main",
           ranking(R"({"id":"item7"},{"id":"item8"})", R"(,"user":"ann")"));
  // Clients say the ranking once more; what ranked it is not forgotten.
  open.say("POST /feedback",
           R"({"event":"ranking","id":"r","timestamp":"1000000000",)"
           R"("user":"ann","items":[{"id":"item7"},{"id":"item8"}]})");
  open.say("POST /feedback",
           R"({"event":"interaction","id":"i","timestamp":"1000000000",)"
           R"("user":"ann","ranking":"r","type":"click","item":"item8"})");
  const auto outcomes = open.shop.service.slates().outcomes();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes.at("main").answers, 1U);
  EXPECT_EQ(outcomes.at("main").followed, 1U);
}

TEST(Metarank, ExplainsARankWithWhatIsKnownOfItems) {
  OpenShop open;
  const Json answer =
      open.ask("POST /rank/main?explain=true", ranking(R"({"id":"item7"})"))
          .json();
  EXPECT_EQ(to_text(answer.at("items").at(0).at("features")),
            R"([{"name":"known_to_model","value":true},)"
            R"({"name":"popularity","value":0E0},)"
            R"({"name":"category","value":"bowls"},)"
            R"({"name":"price","value":7E0}])");
}

TEST(Metarank, CountsRankRequestsByModel) {
  OpenShop open;
  open.say("POST /rank/main", ranking(R"({"id":"item7"})"));
  const std::string text = open.say("GET /metrics");
  EXPECT_NE(text.find("metarank_rank_requests_total{model=\"main\"} 1"),
            std::string::npos);
  EXPECT_NE(text.find("metarank_rank_latency_seconds_count{model=\"main\"} 1"),
            std::string::npos);
}

TEST(Metarank, RecommendsForUsersAndBesideItems) {
  OpenShop open;
  for (const int item : {3, 9}) open.shop.say("ann", item);
  const Json for_user =
      open.ask("POST /recommend/main", R"({"count":4,"user":"ann"})").json();
  const auto expected =
      open.shop.service.recommend(Question{.user = "ann", .k = 4}).reply.items;
  ASSERT_EQ(for_user.at("items").as_array().size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(for_user.at("items").at(i).at("item"), Json(expected[i].item));
  }
  const Json beside = open.ask("POST /recommend/main",
                               R"({"count":60,"items":["item3","item4"]})")
                          .json();
  EXPECT_EQ(beside.at("items").as_array().size(), 58U);
}

TEST(Metarank, RefusesInOneLineOfJson) {
  OpenShop open;
  EXPECT_EQ(open.say("POST /feedback", R"({"event":"nothing"})"),
            R"(400 {"error":"line 1: event: 'nothing', expected item, user, )"
            R"(ranking or interaction"})");
  EXPECT_EQ(open.ask("POST /rank/other", ranking(R"({"id":"a"})")).status, 404);
  EXPECT_EQ(open.ask("POST /rank/main", ranking("")).status, 400);
  EXPECT_EQ(open.ask("POST /rank/main", "[]").status, 400);
  EXPECT_EQ(open.ask("POST /rank/main", "{").status, 400);
  EXPECT_EQ(open.ask("POST /recommend/main", R"({"count":0})").status, 400);
  EXPECT_EQ(open.ask("POST /recommend/main", R"({"user":"a"})").status, 400);
}

TEST(Metarank, IsOpenWithoutAKeyWhenItsGroupIs) {
  OpenShop open({.open = {"metarank"}});
  open.dispatcher.keys().set(
      {{.name = "k", .hash = hash_key("secret"), .scopes = {Scope::kRead}}});
  EXPECT_EQ(open.ask("POST /feedback", interaction("1", "item1")).status, 200);
  EXPECT_EQ(open.ask("POST /rank/main", ranking(R"({"id":"item7"})")).status,
            200);
  EXPECT_EQ(open.ask("GET /health").status, 200);
  EXPECT_EQ(open.ask("GET /v1/models").status, 401);
}

}  // namespace
}  // namespace ensue::serve
