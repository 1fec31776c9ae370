// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "ensue/base/time_text.h"
#include "ensue/serve/endpoints/gorse.h"
#include "ensue/serve/formats/row.h"

namespace ensue::serve {
namespace {

const store::Event::Value* column(const store::Event& event,
                                  std::string_view name) {
  for (const auto& [key, value] : event.context) {
    if (key == name) return &value;
  }
  return nullptr;
}

// A row while its events are met in order.
struct Sum {
  GorseRow row;
  double covered = -INFINITY;  // of the PUT that counts
};

void add(const store::Event& event, Sum& sum) {
  const double value = std::isnan(event.value) ? 0 : event.value;
  const auto* put = column(event, kPutColumn);
  const auto* covers = put == nullptr ? nullptr : std::get_if<double>(put);
  const auto time = static_cast<double>(count(event.time));
  if (covers != nullptr) {
    if (*covers < sum.covered) return;
    sum.covered = *covers;
    sum.row.value = value;
  } else if (time >= sum.covered) {
    sum.row.value += value;
  }
  sum.row.time = event.time;
  if (!event.text.empty()) sum.row.comment = event.text;
  if (const auto* labels = column(event, "Labels")) {
    if (const auto* text = std::get_if<std::string>(labels)) {
      try {
        sum.row.labels = parse_json(*text, "Labels");
      } catch (const Error&) {
        sum.row.labels = Json(*text);  // of another door than Gorse's
      }
    }
  }
}

}  // namespace

Json GorseRow::json() const {
  std::string when = time_text(count(time)) + "Z";
  when[10] = 'T';
  return JsonObject{{"FeedbackType", type}, {"UserId", user},
                    {"ItemId", item},       {"Value", value},
                    {"Timestamp", when},    {"Labels", labels},
                    {"Comment", comment}};
}

std::vector<GorseRow> gorse_rows(const std::string& user,
                                 std::span<const store::Event> events) {
  std::map<std::pair<std::string_view, std::string_view>, Sum> sums;
  for (const store::Event& event : events) {
    if (event.item.empty()) continue;
    Sum& sum = sums[{event.action, event.item}];
    if (sum.row.type.empty()) {
      sum.row = {.type = event.action,
                 .user = user,
                 .item = event.item,
                 .comment = {},
                 .labels = nullptr};
    }
    add(event, sum);
  }
  std::vector<GorseRow> out;
  out.reserve(sums.size());
  for (auto& [key, sum] : sums) out.push_back(std::move(sum.row));
  return out;
}

bool is_dropped(const std::string& document) {
  const Json parsed = parse_json(document, "item");
  const auto* object = parsed.if_object();
  const Json* dropped = object == nullptr ? nullptr : field(*object, "dropped");
  return dropped != nullptr && *dropped == Json(true);
}

Place Place::read(const std::string& text) {
  Place out;
  if (text.empty()) return out;
  const std::size_t dot = text.find('.');
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
  };
  bool good = dot != std::string::npos && dot % 2 == 0;
  for (std::size_t i = 0; good && i < dot; i += 2) {
    good = digit(text[i]) >= 0 && digit(text[i + 1]) >= 0;
    out.users += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  }
  if (good) {
    const char* end = text.data() + text.size();
    const auto [stop, error] =
        std::from_chars(text.data() + dot + 1, end, out.rows);
    good = error == std::errc() && stop == end;
  }
  if (!good) {
    invalid("cursor: '" + shortened(text) + "', expected one of an answer");
  }
  return out;
}

std::string Place::text() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : users) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out + "." + std::to_string(rows);
}

Response row_affected(std::size_t rows) {
  return Response::json(JsonObject{{"RowAffected", rows}});
}

Response gorse_missing(std::string_view what) {
  return Response::text(std::string(what) + " not found", 404);
}

std::string gorse_cursor(const Request& request) {
  for (const char* name : {"cursor", "Cursor"}) {
    if (const std::string* text = request.in_query(name)) return *text;
  }
  return "";
}

std::size_t gorse_count(const Request& request, std::string_view name,
                        std::int64_t otherwise) {
  constexpr std::int64_t kMost = 10'000;
  return static_cast<std::size_t>(std::min(
      kMost, request.number(name, otherwise, 0,
                            std::numeric_limits<std::int64_t>::max())));
}

}  // namespace ensue::serve
