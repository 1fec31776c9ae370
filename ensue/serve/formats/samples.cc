// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/formats/samples.h"

#include <array>
#include <cmath>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/json.h"
#include "ensue/serve/formats/row.h"

namespace ensue::serve {
namespace {

constexpr std::array<std::string_view, 2> kEvents = {
    R"({"user":"ann","item":"a","action":"cart","time":1712145601000,"value":2.5,"text":"é","session":"s","event_id":"e","answer_id":"x","device":"phone","deep":-3.5e2,"member":true,"none":null}
{"user":18446744073709551615,"item":-3,"time":"2024-04-03T12:00:00.25+02:00"})",
    R"([{"user":"u","time":"Wed, 03 Apr 2024 12:00:00 GMT"},{"user":"\u0041","item":"😀"}])"};

constexpr std::array<std::string_view, 2> kGa4 = {
    R"({"event_timestamp":"1712145600250000","event_name":"purchase","user_pseudo_id":"4.1","event_params":[{"key":"ga_session_id","value":{"string_value":null,"int_value":"17"}},{"key":"value","value":{"double_value":35.5}}],"ecommerce":{"transaction_id":"T"},"items":[{"item_id":"a","item_name":"Cup","item_brand":"A","item_category":"H","item_category2":"K","item_variant":"red","price":10.25,"quantity":"2","coupon":null},{"item_id":"b","price":15,"discount":1}]})",
    R"({"client_id":"c","user_id":"u","timestamp_micros":1712145601000000,"events":[{"name":"view_item_list","params":{"session_id":"s","currency":"EUR","value":9,"items":[{"item_id":"a"},{"item_name":"b"}]}},{"name":"search","params":{"search_term":"red"}},{"name":"scroll"}]})"};

constexpr std::array<std::string_view, 2> kSnowplow = {
    R"({"event_id":"e","derived_tstamp":"2024-04-03T12:00:02.000Z","domain_userid":"d","domain_sessionid":"s","unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1":{"type":"refund","name":"n"},"contexts_com_snowplowanalytics_snowplow_ecommerce_product_1":[{"id":"a","name":"Cup","category":"h","price":12.5,"list_price":15,"quantity":2,"currency":"EUR","brand":"A","variant":"r"},{"id":"b"}],"contexts_com_snowplowanalytics_snowplow_ecommerce_refund_1":[{"transaction_id":"T","refund_amount":3}]})",
    R"({"data":[{"e":"ue","eid":"e1","dtm":"1712145603000","uid":"u","ue_pr":"{\"schema\":\"x/unstruct_event/1\",\"data\":{\"schema\":\"ecommerce/snowplow_ecommerce_action/1\",\"data\":{\"type\":\"list_view\"}}}","co":"{\"schema\":\"x/contexts/1\",\"data\":[{\"schema\":\"ecommerce/product/1\",\"data\":{\"id\":\"a\"}}]}"},{"duid":"d","ue_px":"eyJzY2hlbWEiOiJ4IiwiZGF0YSI6W119"}]})"};

constexpr std::array<std::string_view, 2> kSegment = {
    R"({"batch":[{"type":"identify","userId":"u","traits":{"plan":"gold"}},{"type":"page","anonymousId":"n"},{"type":"track","anonymousId":"n","event":"Order Completed","messageId":"m","timestamp":"2024-04-03T12:00:00Z","properties":{"order_id":"o","total":27.5,"currency":"USD","products":[{"product_id":"a","name":"A","category":"c","brand":"b","price":19,"quantity":1,"variant":"v"},{"sku":"b","price":"3"}]}}]})",
    R"({"event":"Product Reviewed","userId":7,"properties":{"product_id":"a","rating":5,"review_body":"x","coupon":"c"}})"};

constexpr std::array<std::string_view, 2> kPersonalize = {
    R"({"userId":"u","sessionId":"s","eventList":[{"eventId":"e","eventType":"Watch","itemId":"a","eventValue":0.5,"sentAt":1712145601,"properties":"{\"d\":\"tv\",\"n\":2}","recommendationId":"r"},{"eventType":"Click","properties":{"d":true},"impression":["b",7]}]})",
    R"([{"items":[{"itemId":"a","properties":"{\"g\":[1]}"}]},{"users":[{"userId":"u","properties":{"age":30}}]}])"};

constexpr std::array<std::string_view, 1> kOtto = {
    R"({"session":9,"events":[{"aid":5,"ts":1712145600025,"type":"clicks"},{"aid":6,"ts":1712145600026,"type":"carts"},{"aid":6,"type":"orders"}]}
{"session":10,"events":[]})"};

constexpr std::array<std::string_view, 3> kRecbole = {
    "user_id:token\titem_id:token\trating:float\ttimestamp:float\ttags:token_"
    "seq\r\n1\t5\t4.5\t1712145600\ta b\r\n2\té\t\t\t\n",
    "item_id:token\ttitle:token_seq\tyear:float\tvector:float_seq\n5\tA "
    "b\t1999\t0.5 -2 1e3\n",
    "user_id:token\tage:float\n1\t24\n"};

constexpr std::array<std::string_view, 2> kGorse = {
    R"([{"FeedbackType":"star","UserId":"u","ItemId":"a","Value":2,"Timestamp":"2024-04-03 12:00:01 +0000 UTC","Labels":["x"],"Comment":"good"},{"FeedbackType":"read","UserId":1,"ItemId":2,"Timestamp":"0001-01-01T00:00:00Z"}])",
    R"([{"ItemId":"a","IsHidden":true,"Categories":["h","c"],"Timestamp":"2024-04-03","Labels":{"c":["r"]},"Comment":"A"},{"UserId":"u","Labels":["g"],"Comment":"c"}])"};

constexpr std::array<std::string_view, 1> kMetarank = {
    R"([{"event":"item","id":"e0","item":"a","timestamp":"1712145600000","fields":[{"name":"t","value":"J"},{"name":"p","value":69.5},{"name":"g","value":["x","y"]}]},{"event":"user","id":"e1","user":"u","fields":[{"name":"a","value":30}]},{"event":"ranking","id":"r","timestamp":1712145601000,"user":"u","session":"s","fields":[],"items":[{"id":"b","fields":[{"name":"r","value":2.0}]},{"id":"a"}]},{"event":"interaction","id":"e3","ranking":"r","timestamp":"2024-04-03T12:00:02Z","user":"u","session":"s","type":"click","item":"a","fields":[{"name":"d","value":"w"},{"name":"l","value":[1,2]}]}])"};

constexpr std::array<std::string_view, 30> kNasty = {"null",
                                                     "true",
                                                     "[]",
                                                     "{}",
                                                     "\"\"",
                                                     "1e400",
                                                     "-1e400",
                                                     "1e-400",
                                                     "-0",
                                                     "0.1e39",
                                                     "99999999999999999999",
                                                     "[[[[[[",
                                                     "{\"a\":",
                                                     "\\u0000",
                                                     "\\ud800",
                                                     "\xFF",
                                                     "\xC3",
                                                     "\xED\xA0\x80",
                                                     "\xEF\xBB\xBF",
                                                     "\r\n",
                                                     "\t",
                                                     ",",
                                                     "\"",
                                                     "\\",
                                                     "NaN",
                                                     "1712145600000000000",
                                                     "-1",
                                                     "\"2024-02-30\"",
                                                     "user",
                                                     std::string_view("\0", 1)};

std::string fault_of(std::string_view id, std::string_view what) {
  if (id.empty()) return std::string(what) + " is empty";
  if (id.size() > kLongestId) return std::string(what) + " is long";
  if (id.find('\0') != std::string_view::npos) {
    return std::string(what) + " has a NUL";
  }
  return find_invalid_utf8(id) ? std::string(what) + " is no UTF-8" : "";
}

std::string fault_of(const store::Event& event) {
  for (const auto& [name, id] :
       {std::pair{"user", &event.user}, std::pair{"action", &event.action}}) {
    if (auto fault = fault_of(*id, name); !fault.empty()) return fault;
  }
  for (const auto& [name, id] :
       {std::pair{"item", &event.item}, std::pair{"session", &event.session},
        std::pair{"answer_id", &event.answer_id}}) {
    if (id->empty()) continue;
    if (auto fault = fault_of(*id, name); !fault.empty()) return fault;
  }
  if (std::isinf(event.value)) return "the value is infinite";
  if (!read_time(static_cast<double>(count(event.time)), Unit::kMillis)) {
    return "the time is out of bounds";
  }
  if (find_invalid_utf8(event.text)) return "the text is no UTF-8";
  if (event.context.size() > kMostContext) return "too many columns";
  for (const auto& [name, value] : event.context) {
    if (auto fault = fault_of(name, "column"); !fault.empty()) return fault;
    const auto* number = std::get_if<double>(&value);
    if (number != nullptr && !std::isfinite(*number)) return "infinite column";
  }
  return {};
}

std::string fault_of(const Incoming& in) {
  for (const auto& event : in.events) {
    if (auto fault = fault_of(event); !fault.empty()) return fault;
  }
  for (const auto* documents : {&in.items, &in.users}) {
    for (const auto& document : *documents) {
      if (auto fault = fault_of(document.id, "id"); !fault.empty()) {
        return fault;
      }
      if (!parse_json(document.json, "document").is_object()) {
        return "a document is no object";
      }
    }
  }
  for (const auto& answer : in.shown) {
    for (const auto& [name, id] :
         {std::pair{"answer", &answer.id}, std::pair{"user", &answer.user}}) {
      if (auto fault = fault_of(*id, name); !fault.empty()) return fault;
    }
    for (const auto& item : answer.items) {
      if (auto fault = fault_of(item.item, "shown"); !fault.empty()) {
        return fault;
      }
    }
  }
  return {};
}

}  // namespace

std::span<const std::string_view> samples(std::string_view format) {
  if (format == "events") return kEvents;
  if (format == "ga4") return kGa4;
  if (format == "snowplow") return kSnowplow;
  if (format == "segment") return kSegment;
  if (format == "personalize") return kPersonalize;
  if (format == "otto") return kOtto;
  if (format == "recbole") return kRecbole;
  if (format == "gorse") return kGorse;
  if (format == "metarank") return kMetarank;
  return {};
}

std::span<const std::string_view> nasty_pieces() { return kNasty; }

std::string broken_rule(std::string_view format, std::string_view body) {
  try {
    return fault_of(
        formats().find(format).parse(body, events::Millis{1'712'145'600'000}));
  } catch (const Error& error) {
    const std::string_view message = error.what();
    if (error.code() != Code::kInvalidArgument) return "another code";
    if (message.empty() || message.size() > 1000) return "a long message";
    if (message.find('\n') != std::string_view::npos) return "several lines";
    if (find_invalid_utf8(message)) return "a message that is no UTF-8";
  }
  return {};
}

}  // namespace ensue::serve
