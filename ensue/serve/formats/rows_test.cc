// SPDX-License-Identifier: Apache-2.0
// The formats of recommenders: personalize, otto, recbole, gorse, metarank.
#include <gtest/gtest.h>

#include "ensue/serve/formats/testing.h"

namespace ensue::serve {
namespace {

TEST(Personalize, ReadsPutEvents) {
  EXPECT_EQ(
      said("personalize", R"({"trackingId":"t","userId":"u","sessionId":"s",
 "eventList":[
  {"eventId":"e1","eventType":"Watch","itemId":"a","eventValue":0.5,
   "sentAt":1712145601,"properties":"{\"device\":\"tv\",\"depth\":2}",
   "recommendationId":"r"},
  {"eventType":"Click","itemId":7,"sentAt":1712145602.5,
   "properties":{"device":"web"}},
  {"eventType":"Login","sentAt":"2024-04-03T12:00:03Z"}]})"),
      "u a Watch 1000 value=0.5 session=s id=e1 answer=r device='tv' "
      "depth=2.0\n"
      "u 7 Click 2500 session=s device='web'\nu - Login 3000 session=s\n");
}

TEST(Personalize, AnImpressionIsWhatWasShownAndTheEventFollowsIt) {
  EXPECT_EQ(said("personalize", R"({"trackingId":"t","sessionId":"s",
 "eventList":[{"eventType":"Click","itemId":"a","sentAt":1712145600,
  "recommendationId":"r","impression":["b","a"]}]})"),
            "s a Click 0 session=s answer=r\nshown r to s at 0: b a\n");
  const Incoming made =
      formats()
          .find("personalize")
          .parse(
              R"({"sessionId":"s","eventList":[{"eventType":"Click","itemId":"a",
  "impression":["a"]}]})",
              kNow);
  ASSERT_EQ(made.shown.size(), 1U);
  EXPECT_EQ(made.events.at(0).answer_id, made.shown[0].id);
}

TEST(Personalize, ReadsPutItemsAndPutUsers) {
  EXPECT_EQ(said("personalize", R"({"datasetArn":"x","items":[{"itemId":"a",
 "properties":"{\"genres\":\"Drama\",\"year\":1999}"}]})"),
            "item a {\"genres\":\"Drama\",\"year\":1999}\n");
  EXPECT_EQ(said("personalize", R"({"users":[{"userId":"u",
 "properties":{"age":30}}]})"),
            "user u {\"age\":30}\n");
}

TEST(Personalize, SaysWhatIsWrong) {
  EXPECT_EQ(said("personalize", R"({"eventList":[]})"),
            "line 1: userId: missing, expected it or sessionId");
  EXPECT_EQ(said("personalize", R"({"userId":"u"})"),
            "line 1: eventList: missing, expected a list of events");
  EXPECT_EQ(said("personalize", R"({"userId":"u","eventList":[
  {"eventType":"a"},{"eventType":"a","properties":"[1]"}]})"),
            "line 1: eventList[1].properties: '[1]', expected a JSON object");
}

TEST(Otto, UnfoldsTheEventsOfASession) {
  EXPECT_EQ(said("otto", R"({"session":9,"events":[
  {"aid":5,"ts":1712145600025,"type":"clicks"},
  {"aid":6,"ts":1712145600026,"type":"carts"},
  {"aid":6,"ts":1712145600027,"type":"orders"}]})"
                         "\n"
                         R"({"session":10,"events":[]})"),
            "9 5 view 25\n9 6 cart 26\n9 6 purchase 27\n");
  EXPECT_EQ(said("otto", R"({"session":1,"events":[{"aid":5}]})"),
            "line 1: events[0].type: missing, expected text or a whole number");
}

TEST(Recbole, ReadsInteractionsWithTheirContext) {
  EXPECT_EQ(
      said("recbole",
           "\xEF\xBB\xBFuser_id:token\titem_id:token\trating:float\t"
           "timestamp:float\tdevice:token\ttags:token_seq\tage:float\r\n"
           "1\t5\t4\t1712145600\tweb\ta b\t3.5\r\n\r\n"
           "2\t6\t\t1712145601.5\t\t\t\n"),
      "1 5 rate 0 value=4 device='web' tags='a b' age=3.5\n2 6 rate 1500\n");
}

TEST(Recbole, ASessionIsTheUserWhereThereIsNoOther) {
  EXPECT_EQ(said("recbole", "session_id:token\titem_id:token\n1\t5\n"),
            "1 5 rate 0\n");
  EXPECT_EQ(said("recbole",
                 "session_id:token\tuser_id:token\titem_id:token\n1\tu\t5\n"),
            "u 5 rate 0 session_id='1'\n");
}

TEST(Recbole, ReadsItemsAndUsers) {
  EXPECT_EQ(said("recbole",
                 "item_id:token\tmovie_title:token_seq\tyear:float\t"
                 "vector:float_seq\n5\tThe \"Best\" of 5\t1999\t0.5 -2\n"
                 "6\t\t\t\n"),
            "item 5 {\"movie_title\":\"The \\\"Best\\\" of 5\","
            "\"year\":1999.0,\"vector\":[0.5,-2.0]}\nitem 6 {}\n");
  EXPECT_EQ(said("recbole", "user_id:token\tage:float\n1\t24\n"),
            "user 1 {\"age\":24.0}\n");
}

TEST(Recbole, SaysTheLineAndTheColumn) {
  const std::string header = "user_id:token\titem_id:token\trating:float\n";
  EXPECT_EQ(said("recbole", header + "1\t5\t4\n1\t5\n"),
            "line 3: 2 fields, expected 3 as in the header");
  EXPECT_EQ(said("recbole", header + "1\t5\tgood\n"),
            "line 2: rating: 'good', expected a number");
  EXPECT_EQ(said("recbole", header + "1\t\t4\n"),
            "line 2: item_id: empty, expected text or a whole number");
  EXPECT_EQ(said("recbole", header + "1\t5\t\xFF\n"),
            "line 2: byte 5: invalid UTF-8");
  EXPECT_EQ(said("recbole", "a:token\tb:float\n"),
            "line 1: header: no user_id and no item_id, expected a RecBole "
            "header such as user_id:token, item_id:token, timestamp:float");
  EXPECT_EQ(said("recbole", "user_id\n"),
            "line 1: header: 'user_id', expected name:type with type token, "
            "token_seq, float or float_seq");
  EXPECT_EQ(said("recbole", "user_id:token\tuser_id:token\n"),
            "line 1: header: 'user_id', expected every name once");
  EXPECT_EQ(said("recbole", "").substr(0, 12), "empty body, ");
  EXPECT_EQ(said("recbole", header), "");
}

TEST(Gorse, ReadsFeedback) {
  EXPECT_EQ(said("gorse", R"([{"FeedbackType":"star","UserId":"u","ItemId":"a",
  "Value":2,"Timestamp":"2024-04-03 12:00:01 +0000 UTC","Labels":["x"],
  "Comment":"good","Unknown":{}},
 {"FeedbackType":"read","UserId":"u","ItemId":"a","Timestamp":""},
 {"FeedbackType":"read","UserId":"u","ItemId":"b",
  "Timestamp":"0001-01-01T00:00:00Z"}])"),
            "u a star 1000 value=2 text=good Labels='[\"x\"]'\n"
            "u a read 0\nu b read 0\n");
}

TEST(Gorse, ReadsItemsAndUsers) {
  EXPECT_EQ(said("gorse", R"([{"ItemId":"a","IsHidden":true,
  "Categories":["home","cup"],"Timestamp":"2024-04-03T14:00:00+02:00",
  "Labels":{"color":["red"]},"Comment":"A cup"},
 {"UserId":"u","Labels":["gold"],"Comment":"c"}])"),
            "item a {\"hidden\":true,\"category\":["
            "\"home\",\"cup\"],\"time\":\"2024-04-03T12:00:00Z\","
            "\"labels\":{\"color\":[\"red\"]},\"comment\":\"A cup\"}\n"
            "user u {\"labels\":[\"gold\"],\"comment\":\"c\"}\n");
}

TEST(Metarank, ReadsTheFourKindsOfEvents) {
  EXPECT_EQ(said("metarank", R"([
 {"event":"item","id":"e0","item":"a","timestamp":"1712145600000",
  "fields":[{"name":"title","value":"Jeans"},{"name":"price","value":69.5},
            {"name":"tags","value":["x","y"]},{"name":"stock","value":true}]},
 {"event":"user","id":"e1","user":"u","timestamp":"2024-04-03T12:00:00Z",
  "fields":[{"name":"age","value":30}]},
 {"event":"ranking","id":"r","timestamp":1712145601000,"user":"u","session":"s",
  "fields":[{"name":"query","value":"jeans"}],
  "items":[{"id":"b","fields":[{"name":"relevancy","value":2.0}]},{"id":"a"}]},
 {"event":"interaction","id":"e3","ranking":"r","timestamp":"1712145602000",
  "user":"u","session":"s","type":"click","item":"a",
  "fields":[{"name":"device","value":"web"},{"name":"at","value":[1,2]}]}])"),
            "u a click 2000 session=s id=e3 answer=r device='web' "
            "at='[1,2]'\n"
            "item a {\"title\":\"Jeans\",\"price\":69.5,"
            "\"tags\":[\"x\",\"y\"],\"stock\":true}\n"
            "user u {\"age\":30}\nshown r to u at 1000: b a\n");
}

TEST(Metarank, WhoHasNoUserIsTheSessionOrTheRanking) {
  const auto user = [](std::string_view more) {
    return said("metarank", R"({"event":"interaction","id":"e","type":"click",)"
                            R"("item":"a")" +
                                std::string(more) + "}");
  };
  EXPECT_EQ(user(R"(,"session":"s")"), "s a click 0 session=s id=e\n");
  EXPECT_EQ(user(R"(,"ranking":"r")"), "r a click 0 id=e answer=r\n");
  EXPECT_EQ(user(""), "e a click 0 id=e\n");
}

TEST(Metarank, SaysWhatIsWrong) {
  EXPECT_EQ(said("metarank", R"({"event":"click"})"),
            "line 1: event: 'click', expected item, user, ranking or "
            "interaction");
  EXPECT_EQ(said("metarank", R"({"event":"item","item":"a","fields":[
  {"name":"x","value":{"y":1}}]})"),
            "line 1: fields[0].value: an object, expected text, a number, "
            "true, false or a list");
  EXPECT_EQ(said("metarank", R"({"event":"ranking","id":"r"})"),
            "line 1: items: missing, expected a list of {id}");
}

}  // namespace
}  // namespace ensue::serve
