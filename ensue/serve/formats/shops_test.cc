// SPDX-License-Identifier: Apache-2.0
// The formats of web shops: ga4, segment, snowplow.
#include <gtest/gtest.h>

#include "ensue/serve/formats/testing.h"

namespace ensue::serve {
namespace {

// As BigQuery exports rows: integers as text, microseconds, lists of pairs.
TEST(Ga4, ReadsAnExportRowWithItsItems) {
  EXPECT_EQ(
      said("ga4",
           R"({"event_date":"20240403","event_timestamp":"1712145600250000",
  "event_name":"purchase","user_id":null,"user_pseudo_id":"42.1",
  "event_params":[
    {"key":"ga_session_id","value":{"string_value":null,"int_value":"1712"}},
    {"key":"currency","value":{"string_value":"EUR","int_value":null}},
    {"key":"value","value":{"double_value":35.5}}],
  "ecommerce":{"transaction_id":"T1","purchase_revenue":35.5},
  "items":[
    {"item_id":"a","item_name":"Cup","item_brand":"Acme","item_category":"Home",
     "item_category2":"Kitchen","item_variant":"red","price":10.25,
     "quantity":"2","coupon":null},
    {"item_id":"b","item_name":"Lid","price":15,"coupon":"SPRING"}]})"),
      "42.1 a purchase 250 value=20.5 session=1712 currency='EUR' "
      "transaction_id='T1' price=10.25 quantity=2.0 item_variant='red'\n"
      "42.1 b purchase 250 value=15 session=1712 currency='EUR' "
      "transaction_id='T1' price=15.0 coupon='SPRING'\n"
      "item a {\"title\":\"Cup\",\"brand\":\"Acme\",\"category\":\"Home\","
      "\"category2\":\"Kitchen\",\"price\":10.25}\n"
      "item b {\"title\":\"Lid\",\"price\":15.0}\n");
}

TEST(Ga4, ReadsABodyOfTheMeasurementProtocol) {
  EXPECT_EQ(said("ga4", R"({"client_id":"c","timestamp_micros":1712145601000000,
  "events":[
    {"name":"view_item","params":{"session_id":"s","currency":"EUR","value":9,
      "items":[{"item_id":"a"}]}},
    {"name":"search","params":{"search_term":"red cup"},
      "timestamp_micros":1712145602000000},
    {"name":"page_view","params":{"page_title":"Home"}}]})"),
            "c a view 1000 value=9 session=s currency='EUR'\n"
            "c - search 2000 text=red cup\nskipped 1\n");
}

TEST(Ga4, NamesEveryActOfTheTable) {
  const auto act = [](const std::string& name) {
    return said("ga4", R"({"user_id":"u","user_pseudo_id":"p","event_name":")" +
                           name +
                           R"(","event_timestamp":1712145600000000,)"
                           R"("items":[{"item_id":"a"}]})");
  };
  EXPECT_EQ(act("view_item"), "u a view 0\n");
  EXPECT_EQ(act("select_item"), "u a click 0\n");
  EXPECT_EQ(act("add_to_cart"), "u a cart 0\n");
  EXPECT_EQ(act("remove_from_cart"), "u a remove 0\n");
  EXPECT_EQ(act("view_cart"), "u a view_cart 0\n");
  EXPECT_EQ(act("begin_checkout"), "u a checkout 0\n");
  EXPECT_EQ(act("purchase"), "u a purchase 0\n");
  EXPECT_EQ(act("refund"), "u a return 0\n");
  EXPECT_EQ(act("shared_item"), "u a shared_item 0\n");  // not in the table
}

TEST(Ga4, AListThatWasViewedIsWhatWasShown) {
  const std::string out =
      said("ga4", R"({"user_id":"u","event_name":"view_item_list",
  "event_timestamp":1712145600000000,
  "items":[{"item_id":"b"},{"item_id":"a"}]})");
  EXPECT_TRUE(out.starts_with("shown 8000018ea3d48e00-")) << out;
  EXPECT_TRUE(out.ends_with(" to u at 0: b a\n")) << out;
}

TEST(Ga4, RowsOfNobodyAreSkippedAndBodiesRefused) {
  EXPECT_EQ(said("ga4", R"({"event_name":"view_item","items":[]})"),
            "skipped 1\n");
  EXPECT_EQ(said("ga4", R"({"events":[]})"),
            "line 1: client_id: missing, expected it or user_id");
}

TEST(Ga4, SaysWhichItemIsWrong) {
  EXPECT_EQ(said("ga4", R"({"user_id":"u","event_name":"purchase","items":[
  {"item_id":"a"},{"item_id":"b","price":"cheap"}]})"),
            "line 1: items[1].price: 'cheap', expected a number");
  EXPECT_EQ(said("ga4", R"({"user_id":"u","event_name":"purchase","items":[
  {"price":1}]})"),
            "line 1: items[0].item_id: missing, expected text or a whole "
            "number");
  EXPECT_EQ(said("ga4", R"({"client_id":"c","events":[{"name":"purchase",
  "params":{"items":[7]}}]})"),
            "line 1: events[0].params.items[0]: 7, expected an object");
}

constexpr std::string_view kTrack =
    R"("type":"track","userId":"u","messageId":"m",)"
    R"("timestamp":"2024-04-03T12:00:01.000Z")";

std::string track(std::string_view event, std::string_view properties) {
  return said("segment", "{" + std::string(kTrack) + R"(,"event":")" +
                             std::string(event) + R"(","properties":)" +
                             std::string(properties) + "}");
}

TEST(Segment, ReadsTheProductOfACall) {
  EXPECT_EQ(track("Product Added",
                  R"({"product_id":"a","sku":"G-32","category":"Games",
    "name":"Monopoly","brand":"Hasbro","variant":"200 pieces","price":18.99,
    "quantity":1,"coupon":"MAYDEALS","position":3,"url":"https://x"})"),
            "u a cart 1000 value=18.99 id=m coupon='MAYDEALS' price=18.99 "
            "quantity=1.0 variant='200 pieces'\n"
            "item a {\"title\":\"Monopoly\",\"category\":\"Games\","
            "\"brand\":\"Hasbro\",\"price\":18.99}\n");
  EXPECT_EQ(track("Product Viewed", R"({"sku":"G-32"})"),
            "u G-32 view 1000 id=m\n");
}

TEST(Segment, AnOrderIsAPurchasePerProduct) {
  EXPECT_EQ(track("Order Completed",
                  R"({"order_id":"o","total":27.5,"currency":"USD","products":[
    {"product_id":"a","price":19,"quantity":1},
    {"product_id":"b","price":3,"quantity":2}]})"),
            "u a purchase 1000 value=19 id=m/0 currency='USD' order_id='o' "
            "price=19.0 quantity=1.0\n"
            "u b purchase 1000 value=6 id=m/1 currency='USD' order_id='o' "
            "price=3.0 quantity=2.0\n"
            "item a {\"price\":19.0}\nitem b {\"price\":3.0}\n");
}

TEST(Segment, NamesEveryActOfTheTable) {
  for (const auto& [theirs, ours] :
       {std::pair{"Product Clicked", "click"},
        std::pair{"Product Viewed", "view"}, std::pair{"Product Added", "cart"},
        std::pair{"Product Removed", "remove"},
        std::pair{"Cart Viewed", "view_cart"},
        std::pair{"Order Completed", "purchase"},
        std::pair{"Order Refunded", "return"},
        std::pair{"Order Cancelled", "cancel"},
        std::pair{"Product Reviewed", "review"},
        std::pair{"Product Shared", "Product Shared"}}) {
    EXPECT_EQ(track(theirs, R"({"product_id":"a"})"),
              "u a " + std::string(ours) + " 1000 id=m\n");
  }
}

TEST(Segment, SearchesAndReviewsHaveText) {
  EXPECT_EQ(track("Products Searched", R"({"query":"blue hotpants"})"),
            "u - search 1000 text=blue hotpants id=m\n");
  EXPECT_EQ(track("Product Reviewed", R"({"product_id":"a","rating":5,
    "review_id":"r","review_body":"I love it"})"),
            "u a review 1000 value=5 text=I love it id=m\n");
}

TEST(Segment, AListThatWasViewedIsWhatWasShown) {
  EXPECT_EQ(track("Product List Viewed", R"({"list_id":"hot","products":[
    {"product_id":"b"},{"product_id":"a"}]})"),
            "shown m to u at 1000: b a\n");
}

TEST(Segment, ReadsABatchOfCalls) {
  EXPECT_EQ(said("segment", R"({"batch":[
    {"type":"identify","userId":"u","traits":{"plan":"gold","age":30}},
    {"type":"page","anonymousId":"n","name":"Home"},
    {"type":"track","anonymousId":"n","event":"Cart Viewed","properties":{}},
    {"type":"track","anonymousId":"n","event":"Video Played"}],
    "sentAt":"2024-04-03T12:00:00Z"})"),
            "n - view_cart 0\nuser u {\"plan\":\"gold\",\"age\":30}\n"
            "skipped 2\n");
}

TEST(Segment, SaysWhatIsMissing) {
  EXPECT_EQ(track("Product Viewed", "{}"),
            "line 1: properties.product_id: missing, expected it or sku");
  EXPECT_EQ(said("segment", R"([{"type":"track","event":"Cart Viewed"}])"),
            "element 1, line 1: userId: missing, expected it or anonymousId");
  EXPECT_EQ(said("segment", R"({"userId":"u"})"),
            "line 1: type: missing, expected track, identify or another call");
}

// As Snowplow's analytics SDKs write enriched events.
constexpr std::string_view kEnriched = R"({"app_id":"shop","event":"unstruct",
 "event_id":"e","derived_tstamp":"2024-04-03T12:00:02.000Z",
 "collector_tstamp":"2024-04-03T12:00:09.000Z","user_id":null,
 "domain_userid":"d","domain_sessionid":"s",)";

std::string enriched(std::string_view rest) {
  return said("snowplow", std::string(kEnriched) + std::string(rest) + "}");
}

TEST(Snowplow, ReadsAnEnrichedEventWithItsEntities) {
  EXPECT_EQ(
      enriched(
          R"("unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1":
   {"type":"transaction"},
 "contexts_com_snowplowanalytics_snowplow_ecommerce_product_1":[
   {"id":"a","name":"Cup","category":"home/kitchen","price":12.5,
    "list_price":15,"quantity":2,"currency":"EUR","brand":"Acme",
    "variant":"red"},
   {"id":"b","category":"home","price":5,"currency":"EUR"}],
 "contexts_com_snowplowanalytics_snowplow_ecommerce_transaction_1":[
   {"transaction_id":"T","revenue":30,"currency":"EUR",
    "payment_method":"card","total_quantity":3}],
 "contexts_com_snowplowanalytics_snowplow_web_page_1":[{"id":"page"}])"),
      "d a purchase 2000 value=25 session=s id=e/0 transaction_id='T' "
      "payment_method='card' price=12.5 quantity=2.0 currency='EUR' "
      "variant='red'\n"
      "d b purchase 2000 value=5 session=s id=e/1 transaction_id='T' "
      "payment_method='card' price=5.0 currency='EUR'\n"
      "item a {\"title\":\"Cup\",\"category\":\"home/kitchen\","
      "\"brand\":\"Acme\",\"list_price\":15,\"price\":12.5}\n"
      "item b {\"category\":\"home\",\"price\":5.0}\n");
}

std::string described(std::string_view type) {
  return enriched(
      R"("unstruct_event":{"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",
  "data":{"schema":"iglu:com.snowplowanalytics.snowplow.ecommerce/snowplow_ecommerce_action/jsonschema/1-0-2",
   "data":{"type":")" +
      std::string(type) +
      R"("}}},
 "contexts":{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1",
  "data":[{"schema":"iglu:com.snowplowanalytics.snowplow.ecommerce/product/jsonschema/1-0-0",
   "data":{"id":"a"}}]})");
}

TEST(Snowplow, NamesEveryActOfTheTable) {
  for (const auto& [theirs, ours] :
       {std::pair{"add_to_cart", "cart"},
        std::pair{"remove_from_cart", "remove"},
        std::pair{"product_view", "view"}, std::pair{"list_click", "click"},
        std::pair{"promo_click", "click_promotion"},
        std::pair{"promo_view", "view_promotion"},
        std::pair{"checkout_step", "checkout"},
        std::pair{"transaction", "purchase"}, std::pair{"refund", "return"},
        std::pair{"trns_error", "transaction_error"}}) {
    EXPECT_EQ(described(theirs),
              "d a " + std::string(ours) + " 2000 session=s id=e\n");
  }
  EXPECT_EQ(described("list_view"), "shown e to d at 2000: a\n");
}

TEST(Snowplow, ReadsTrackerPayloadsPlainAndInBase64) {
  const std::string plain =
      R"({"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[
 {"e":"ue","eid":"e1","dtm":"1712145603000","uid":"u","sid":"s",
  "ue_pr":"{\"schema\":\"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0\",\"data\":{\"schema\":\"iglu:com.snowplowanalytics.snowplow.ecommerce/snowplow_ecommerce_action/jsonschema/1-0-2\",\"data\":{\"type\":\"product_view\"}}}",
  "co":"{\"schema\":\"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0\",\"data\":[{\"schema\":\"iglu:com.snowplowanalytics.snowplow.ecommerce/product/jsonschema/1-0-0\",\"data\":{\"id\":\"a\"}}]}"},
 {"e":"pv","duid":"d","dtm":"1712145603000"},
 {"e":"ue","duid":"d","dtm":"1712145604000",
  "ue_px":"eyJzY2hlbWEiOiJpZ2x1OmNvbS5zbm93cGxvd2FuYWx5dGljcy5zbm93cGxvdy5lY29tbWVyY2Uvc25vd3Bsb3dfZWNvbW1lcmNlX2FjdGlvbi9qc29uc2NoZW1hLzEtMC0yIiwiZGF0YSI6eyJ0eXBlIjoidHJucyJ9fQ"}]})";
  EXPECT_EQ(said("snowplow", plain),
            "u a view 3000 session=s id=e1\nd - trns 4000\nskipped 1\n");
}

TEST(Snowplow, RefusesWhatClaimsToBeJsonInsideAText) {
  EXPECT_EQ(said("snowplow", R"({"data":[{"uid":"u","ue_pr":"{\"schema"}]})"),
            "line 1: data[0].ue_pr: '{\"schema', expected JSON");
  EXPECT_EQ(said("snowplow", R"({"data":[{"uid":"u","cx":"a b"}]})"),
            "line 1: data[0].cx: 'a b', expected base64");
}

}  // namespace
}  // namespace ensue::serve
