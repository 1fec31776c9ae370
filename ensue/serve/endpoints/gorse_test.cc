// SPDX-License-Identifier: Apache-2.0
// Gorse's interface over HTTP.
#include <gtest/gtest.h>

#include <algorithm>

#include "ensue/serve/endpoints/testing.h"

namespace ensue::serve {
namespace {

using testing::HttpAnswer;
using testing::OpenShop;

std::string feedback(const std::string& type, const std::string& user,
                     const std::string& item, const std::string& more = "") {
  return R"({"FeedbackType":")" + type + R"(","UserId":")" + user +
         R"(","ItemId":")" + item + "\"" + more + "}";
}

std::string row(const std::string& type, const std::string& user,
                const std::string& item, const std::string& value,
                const std::string& time = "1970-01-12T13:46:40Z",
                const std::string& labels = "null",
                const std::string& comment = "") {
  return R"({"FeedbackType":")" + type + R"(","UserId":")" + user +
         R"(","ItemId":")" + item + R"(","Value":)" + value +
         R"(,"Timestamp":")" + time + R"(","Labels":)" + labels +
         R"(,"Comment":")" + comment + R"("})";
}

constexpr const char* kOne = R"({"RowAffected":1})";

TEST(GorseFeedback, PostAddsToTheValueAndPutTakesItsPlace) {
  OpenShop open;
  const auto post = [&](const std::string& value) {
    return open.say(
        "POST /api/feedback",
        "[" + feedback("star", "u", "a", ",\"Value\":" + value) + "]");
  };
  const auto put = [&](const std::string& value, const std::string& more = "") {
    return open.say(
        "PUT /api/feedback",
        "[" + feedback("star", "u", "a", ",\"Value\":" + value + more) + "]");
  };
  const auto value = [&] {
    return open.ask("GET /api/feedback/star/u/a")
        .json()
        .at("Value")
        .to_number<double>();
  };
  EXPECT_EQ(post("2"), kOne);
  EXPECT_EQ(post("3"), kOne);
  EXPECT_EQ(value(), 5);
  EXPECT_EQ(put("1.5"), kOne);
  EXPECT_EQ(value(), 1.5);
  EXPECT_EQ(post("1"), kOne);
  EXPECT_EQ(value(), 2.5);
  // What was sent later wins, however early it says it was.
  EXPECT_EQ(put("7", R"(,"Timestamp":"1970-01-01T00:00:05Z")"), kOne);
  EXPECT_EQ(value(), 7);
  EXPECT_EQ(put("8", R"(,"Timestamp":"1970-01-01T00:00:04Z")"), kOne);
  EXPECT_EQ(value(), 8);
  // Every event is there still.
  EXPECT_EQ(open.shop.service.store().user("u").events.size(), 6U);
}

TEST(GorseFeedback, SeveralOverwritesInOneBodyEndWithTheLast) {
  OpenShop open;
  EXPECT_EQ(open.say("PUT /api/feedback",
                     "[" + feedback("star", "u", "a", ",\"Value\":3") + "," +
                         feedback("star", "u", "a", ",\"Value\":4") + "]"),
            R"({"RowAffected":2})");
  EXPECT_EQ(open.say("GET /api/feedback/star/u/a"),
            row("star", "u", "a", "4.0"));
}

TEST(GorseFeedback, RowsKeepTimeLabelsAndComment) {
  OpenShop open;
  open.say("POST /api/feedback",
           "[" +
               feedback("read", "u", "a",
                        R"(,"Timestamp":"2024-04-03 12:00:00 +0000 UTC",)"
                        R"("Labels":["x",{"y":1}],"Comment":"c","More":1)") +
               "]");
  EXPECT_EQ(open.say("GET /api/feedback/read/u/a"),
            row("read", "u", "a", "0.0", "2024-04-03T12:00:00Z",
                R"(["x",{"y":1}])", "c"));
}

TEST(GorseFeedback, IsListedByUserByItemAndByPair) {
  OpenShop open;
  open.say("POST /api/feedback", "[" + feedback("read", "u", "a") + "," +
                                     feedback("star", "u", "a") + "," +
                                     feedback("read", "u", "b") + "," +
                                     feedback("read", "v", "a") + "]");
  const std::string ra = row("read", "u", "a", "0.0"),
                    sa = row("star", "u", "a", "0.0"),
                    rb = row("read", "u", "b", "0.0"),
                    va = row("read", "v", "a", "0.0");
  EXPECT_EQ(open.say("GET /api/feedback/u/a"), "[" + ra + "," + sa + "]");
  EXPECT_EQ(open.say("GET /api/user/u/feedback"),
            "[" + ra + "," + rb + "," + sa + "]");
  EXPECT_EQ(open.say("GET /api/user/u/feedback/star"), "[" + sa + "]");
  EXPECT_EQ(open.say("GET /api/user/nobody/feedback"), "[]");
  EXPECT_EQ(open.say("GET /api/item/b/feedback/"), "[" + rb + "]");
  const std::string of_a = open.say("GET /api/item/a/feedback/read");
  EXPECT_EQ(of_a.size(), ("[" + ra + "," + va + "]").size());
  EXPECT_NE(of_a.find(ra), std::string::npos);
  EXPECT_NE(of_a.find(va), std::string::npos);
  EXPECT_EQ(open.say("GET /api/feedback/star/u/b"), "404 feedback not found");
}

TEST(GorseFeedback, IsTakenBackByTypeOrAltogether) {
  OpenShop open;
  open.say("POST /api/feedback", "[" + feedback("read", "u", "a") + "," +
                                     feedback("read", "u", "a") + "," +
                                     feedback("star", "u", "a") + "," +
                                     feedback("read", "u", "b") + "]");
  EXPECT_EQ(open.say("DELETE /api/feedback/star/u/a"), kOne);
  EXPECT_EQ(open.say("DELETE /api/feedback/star/u/a"), R"({"RowAffected":0})");
  EXPECT_EQ(open.say("DELETE /api/feedback/u/a"), kOne);
  EXPECT_EQ(open.say("GET /api/user/u/feedback"),
            "[" + row("read", "u", "b", "0.0") + "]");
}

TEST(GorseFeedback, PagesGiveEveryRowOnce) {
  OpenShop open;
  std::string body = "[";
  for (int i = 0; i < 40; ++i) {
    body += (i > 0 ? "," : "") + feedback(i % 3 == 0 ? "star" : "read",
                                          "u" + std::to_string(i % 7),
                                          "i" + std::to_string(i));
  }
  open.say("POST /api/feedback", body + "]");
  for (const auto& [path, expected] : {std::pair{"/api/feedback", 40U},
                                       std::pair{"/api/feedback/star", 14U}}) {
    for (const std::size_t n : {1U, 3U, 100U}) {
      std::vector<std::string> rows;
      std::string cursor;
      do {
        const Json page =
            open.ask("GET " + std::string(path) + "?n=" + std::to_string(n) +
                     "&cursor=" + cursor)
                .json();
        for (const Json& one : page.at("Feedback").as_array()) {
          rows.push_back(to_text(one));
        }
        cursor = std::string(page.at("Cursor").as_string());
        ASSERT_LE(page.at("Feedback").as_array().size(), n);
        ASSERT_LE(rows.size(), expected);
      } while (!cursor.empty());
      EXPECT_EQ(rows.size(), expected) << path << " " << n;
      std::ranges::sort(rows);
      EXPECT_EQ(std::ranges::adjacent_find(rows), rows.end());
    }
  }
  EXPECT_EQ(open.say("GET /api/feedback?cursor=x"),
            "400 cursor: 'x', expected one of an answer");
}

TEST(GorseFeedback, RefusesInPlainTextAndStoresNothing) {
  OpenShop open;
  const HttpAnswer answer =
      open.ask("POST /api/feedback",
               "[" + feedback("read", "u", "a") + R"(,{"UserId":"u"}])");
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.type.starts_with("text/plain")) << answer.type;
  EXPECT_EQ(answer.body,
            "element 2, line 1: ItemId: missing, expected text or a whole "
            "number");
  EXPECT_FALSE(answer.headers.at("X-Request-ID").empty());
  EXPECT_EQ(open.say("GET /api/user/u/feedback"), "[]");
  EXPECT_EQ(open.say("POST /api/feedback", "[]"), R"({"RowAffected":0})");
}

TEST(GorseUsers, ComeIntoBeingByFeedbackOrByHand) {
  OpenShop open;
  EXPECT_EQ(open.say("GET /api/user/u"), "404 user not found");
  open.say("POST /api/feedback", "[" + feedback("read", "u", "a") + "]");
  EXPECT_EQ(open.say("GET /api/user/u"),
            R"({"UserId":"u","Labels":null,"Comment":""})");
  EXPECT_EQ(
      open.say("GET /api/item/a"),
      R"({"ItemId":"a","IsHidden":false,"Categories":[],)"
      R"("Timestamp":"0001-01-01T00:00:00Z","Labels":null,"Comment":""})");
  EXPECT_EQ(open.say("POST /api/user",
                     R"({"UserId":"u","Labels":["x"],"Comment":"c"})"),
            kOne);
  EXPECT_EQ(open.say("PATCH /api/user/u", R"({"Comment":"d"})"), kOne);
  EXPECT_EQ(open.say("GET /api/user/u"),
            R"({"UserId":"u","Labels":["x"],"Comment":"d"})");
  // A row takes the place of the whole one before.
  EXPECT_EQ(open.say("POST /api/users", R"([{"UserId":"u"},{"UserId":"v"}])"),
            R"({"RowAffected":2})");
  EXPECT_EQ(open.say("GET /api/user/u"),
            R"({"UserId":"u","Labels":null,"Comment":""})");
}

TEST(GorseUsers, ArePagedAndErased) {
  OpenShop open;
  for (int i = 0; i < 5; ++i) {
    open.say("POST /api/user", R"({"UserId":"u)" + std::to_string(i) + "\"}");
  }
  std::vector<std::string> names;
  std::string cursor;
  do {
    const Json page = open.ask("GET /api/users?n=2&cursor=" + cursor).json();
    for (const Json& one : page.at("Users").as_array()) {
      names.emplace_back(one.at("UserId").as_string());
    }
    cursor = std::string(page.at("Cursor").as_string());
  } while (!cursor.empty());
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"u0", "u1", "u2", "u3", "u4"}));
  open.say("POST /api/feedback", "[" + feedback("read", "u3", "a") + "]");
  EXPECT_EQ(open.say("DELETE /api/user/u3"), kOne);
  EXPECT_EQ(open.say("GET /api/user/u3"), "404 user not found");
  EXPECT_EQ(open.say("GET /api/user/u3/feedback"), "[]");
}

TEST(GorseItems, AreWrittenPatchedListedAndDropped) {
  OpenShop open;
  const std::string item =
      R"({"ItemId":"a/b","IsHidden":true,"Categories":["x","y"],)"
      R"("Timestamp":"2024-04-03T12:00:00Z","Labels":{"c":["r"]},)"
      R"("Comment":"A"})";
  EXPECT_EQ(open.say("POST /api/item", item), kOne);
  EXPECT_EQ(open.say("GET /api/item/a%2Fb"), item);
  EXPECT_EQ(
      open.say("PATCH /api/item/a%2Fb", R"({"IsHidden":false,"Labels":["n"]})"),
      kOne);
  EXPECT_EQ(open.say("GET /api/items?n=1"),
            R"({"Cursor":"a/b","Items":[{"ItemId":"a/b","IsHidden":false,)"
            R"("Categories":["x","y"],"Timestamp":"2024-04-03T12:00:00Z",)"
            R"("Labels":["n"],"Comment":"A"}]})");
  EXPECT_EQ(open.say("GET /api/items?n=1&cursor=a%2Fb"),
            R"({"Cursor":"","Items":[]})");
  EXPECT_EQ(open.say("PUT /api/item/a%2Fb/category/z"), kOne);
  EXPECT_EQ(open.say("DELETE /api/item/a%2Fb/category/x"), kOne);
  EXPECT_EQ(to_text(open.ask("GET /api/item/a%2Fb").json().at("Categories")),
            R"(["y","z"])");
  EXPECT_EQ(open.say("DELETE /api/item/a%2Fb"), kOne);
  EXPECT_EQ(open.say("GET /api/item/a%2Fb"), "404 item not found");
  EXPECT_EQ(open.say("PUT /api/item/a%2Fb/category/z"), "404 item not found");
}

std::vector<std::string> ids_of(const Json& list) {
  std::vector<std::string> out;
  for (const Json& one : list.as_array()) {
    out.emplace_back(one.is_string() ? one.as_string()
                                     : one.at("Id").as_string());
  }
  return out;
}

TEST(GorseRecommend, AnswersAsTheServiceDoesWithoutWhatWasMet) {
  OpenShop open;
  for (const int item : {3, 9}) open.shop.say("ann", item);
  const auto expected = open.shop.service.recommend(
      Question{.user = "ann", .k = 7, .exclude_seen = true});
  std::vector<std::string> names;
  for (const auto& shown : expected.reply.items) names.push_back(shown.item);

  EXPECT_EQ(ids_of(open.ask("GET /api/recommend/ann?n=7").json()), names);
  EXPECT_EQ(ids_of(open.ask("GET /api/recommend/ann?n=5&offset=2").json()),
            std::vector(names.begin() + 2, names.end()));
  EXPECT_EQ(ids_of(open.ask("GET /api/recommend/ann").json()).size(), 10U);
  EXPECT_EQ(open.say("GET /api/recommend/ann?n=0"), "[]");
  EXPECT_EQ(open.ask("GET /api/recommend/ann?n=-1").status, 400);
  const Json scored =
      open.ask("GET /api/recommend/ann?n=7", "", {{"X-API-Version", "2"}})
          .json();
  EXPECT_EQ(ids_of(scored), names);
  EXPECT_EQ(scored.at(0).at("Score").as_double(),
            shortest(expected.reply.items[0].score));
  EXPECT_EQ(ids_of(open.ask("GET /api/collaborative-filtering/ann?n=7").json()),
            names);
}

TEST(GorseRecommend, KeepsToCategoriesOfModelsAndOfRows) {
  OpenShop open;
  open.say("POST /api/item", R"({"ItemId":"item1","Categories":["mugs","x"]})");
  auto mugs = ids_of(open.ask("GET /api/recommend/ann/mugs?n=100").json());
  EXPECT_EQ(mugs.size(), 31U);  // the even ones and item1
  EXPECT_EQ(ids_of(open.ask("GET /api/recommend/ann?category=mugs&category=x"
                            "&n=100")
                       .json()),
            std::vector<std::string>{"item1"});
  EXPECT_EQ(open.say("GET /api/recommend/ann/nothing"), "[]");
  open.say("PATCH /api/item/item1", R"({"IsHidden":true})");
  EXPECT_EQ(open.say("GET /api/recommend/ann/x"), "[]");
}

TEST(GorseRecommend, AnItemThatWasDroppedIsNotShownUntilItReturns) {
  OpenShop open;
  const auto best = ids_of(open.ask("GET /api/recommend/ann?n=1").json())[0];
  open.say("DELETE /api/item/" + best);
  EXPECT_NE(ids_of(open.ask("GET /api/recommend/ann?n=1").json())[0], best);
  EXPECT_EQ(open.ask("GET /api/item/" + best).status, 404);
  EXPECT_EQ(open.say("GET /api/items"), R"({"Cursor":"","Items":[]})");
  open.say("POST /api/feedback", "[" + feedback("read", "bob", best) + "]");
  EXPECT_EQ(ids_of(open.ask("GET /api/recommend/ann?n=1").json())[0], best);
  EXPECT_EQ(open.ask("GET /api/item/" + best).status, 200);
}

TEST(GorseRecommend, WritesBackWhatItShowed) {
  OpenShop open;
  const auto shown =
      ids_of(open.ask("GET /api/recommend/ann?n=2&write-back-type=read"
                      "&write-back-delay=1h30m")
                 .json());
  const Json rows = open.ask("GET /api/user/ann/feedback/read").json();
  ASSERT_EQ(rows.as_array().size(), 2U);
  EXPECT_EQ(rows.at(0).at("Timestamp"), Json("1970-01-12T15:16:40Z"));
  const auto next = ids_of(open.ask("GET /api/recommend/ann?n=2").json());
  for (const auto& item : shown) {
    EXPECT_EQ(std::ranges::find(next, item), next.end());
  }
  EXPECT_EQ(open.say("GET /api/recommend/ann?write-back-delay=soon"),
            "400 write-back-delay: 'soon', expected a duration such as 10m or "
            "1h30m");
}

TEST(GorseRecommend, ASessionIsAskedWithItsFeedback) {
  OpenShop open;
  const auto answer =
      open.ask("POST /api/session/recommend?n=3",
               R"([{"FeedbackType":"action0","ItemId":"item3","Timestamp":""},)"
               R"({"FeedbackType":"action0","UserId":"x","ItemId":"item9"}])");
  Question question{.k = 3, .exclude_seen = true};
  question.session = {testing::event("s", 3, 0), testing::event("s", 9, 0)};
  for (auto& event : *question.session) event.time = open.shop.service.now();
  const auto expected = open.shop.service.recommend(question).reply.items;
  const auto ids = ids_of(answer.json());
  ASSERT_EQ(ids.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(ids[i], expected[i].item);
  EXPECT_EQ(open.ask("POST /api/session/recommend/bowls?n=100", "[]")
                .json()
                .as_array()
                .size(),
            30U);
}

TEST(GorseLists, NeighboursOfAnItemLeaveItOut) {
  OpenShop open;
  const auto near = ids_of(open.ask("GET /api/item/item4/neighbors/").json());
  EXPECT_EQ(near.size(), 10U);
  EXPECT_EQ(std::ranges::find(near, "item4"), near.end());
  EXPECT_EQ(ids_of(open.ask("GET /api/item-to-item/any/item4").json()), near);
  EXPECT_EQ(open.say("GET /api/item/unknown/neighbors"), "[]");
}

TEST(GorseLists, NeighboursOfAUserShareItems) {
  OpenShop open;
  for (const int item : {1, 2, 3, 4}) open.shop.say("ann", item);
  for (const int item : {1, 2, 3, 4}) open.shop.say("twin", item);
  open.shop.say("far", 4);
  open.shop.say("other", 9);
  EXPECT_EQ(open.say("GET /api/user/ann/neighbors/"),
            R"([{"Id":"twin","Score":1.0},{"Id":"far","Score":0.5}])");
  EXPECT_EQ(open.say("GET /api/user/ann/neighbors?n=1&offset=1"),
            R"([{"Id":"far","Score":0.5}])");
}

TEST(GorseLists, PopularAndLatestHeedCategoriesAndHiddenItems) {
  OpenShop open;
  for (int i = 0; i < 3; ++i) open.shop.say("u" + std::to_string(i), 2);
  for (int i = 0; i < 2; ++i) open.shop.say("u" + std::to_string(i), 5);
  open.shop.clock += 1000;
  open.shop.say("ann", 4);
  EXPECT_EQ(ids_of(open.ask("GET /api/popular").json()),
            (std::vector<std::string>{"item2", "item5", "item4"}));
  EXPECT_EQ(ids_of(open.ask("GET /api/popular/mugs?n=1&offset=1").json()),
            std::vector<std::string>{"item4"});
  EXPECT_EQ(ids_of(open.ask("GET /api/latest?n=1").json()),
            std::vector<std::string>{"item4"});
  // What a row says of its time counts, met or not.
  open.say("POST /api/items",
           R"([{"ItemId":"new","Timestamp":"2024-04-03T12:00:00Z",)"
           R"("Categories":["mugs"]},{"ItemId":"item2","IsHidden":true}])");
  EXPECT_EQ(open.say("GET /api/latest/mugs?n=1"),
            R"([{"Id":"new","Score":1712145600.0}])");
  EXPECT_EQ(ids_of(open.ask("GET /api/popular?n=1").json()),
            std::vector<std::string>{"item5"});
}

TEST(GorseHealth, NeedsNoKeyAndOthersDo) {
  OpenShop open;
  open.dispatcher.keys().set({{.name = "reader",
                               .hash = hash_key("secret"),
                               .scopes = {Scope::kRead}}});
  EXPECT_EQ(open.say("GET /api/health/ready"),
            R"({"Ready":true,"DataStoreError":null,"CacheStoreError":null,)"
            R"("DataStoreConnected":true,"CacheStoreConnected":true})");
  EXPECT_EQ(open.ask("GET /api/health/live").status, 200);
  const HttpAnswer refused = open.ask("GET /api/recommend/ann");
  EXPECT_EQ(refused.status, 401);
  EXPECT_TRUE(refused.type.starts_with("text/plain"));
  EXPECT_EQ(
      open.ask("GET /api/recommend/ann", "", {{"X-API-Key", "secret"}}).status,
      200);
  EXPECT_EQ(
      open.ask("POST /api/feedback", "[]", {{"X-API-Key", "secret"}}).status,
      403);
  // What would be written back is an event too.
  EXPECT_EQ(open.ask("GET /api/recommend/ann?write-back-type=read", "",
                     {{"X-API-Key", "secret"}})
                .status,
            403);
}

TEST(GorseMetrics, TimeRequestsByPath) {
  OpenShop open;
  open.say("GET /api/recommend/ann");
  open.say("GET /api/recommend/bob");
  EXPECT_NE(open.say("GET /metrics")
                .find("gorse_server_rest_api_request_seconds_count{api=\""
                      "/api/recommend/{user}\"} 2"),
            std::string::npos);
}

}  // namespace
}  // namespace ensue::serve
