// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/formats/row.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "ensue/base/time_text.h"

namespace ensue::serve {
namespace {

constexpr std::string_view kIdRule = "expected text or a whole number";
constexpr std::string_view kTimeRule =
    "expected a date such as 2024-04-03T10:00:00Z, or seconds or milliseconds "
    "since 1970, from 1900 to 2199";

std::optional<events::Millis> in_bounds(std::optional<std::int64_t> millis) {
  static const std::int64_t first = *date_millis(1900, 1, 1),
                            last = *date_millis(2200, 1, 1);
  if (!millis || *millis < first || *millis >= last) return std::nullopt;
  return events::Millis{*millis};
}

// Why a text is no id; "": it is one.
std::string fault_of_id(std::string_view id) {
  if (id.empty()) return "empty, " + std::string(kIdRule);
  if (id.size() > kLongestId) {
    return std::to_string(id.size()) + " bytes, expected at most " +
           std::to_string(kLongestId);
  }
  if (const auto at = id.find('\0'); at != std::string_view::npos) {
    return "a NUL as byte " + std::to_string(at + 1) + ", expected none";
  }
  return {};
}

std::string said(const Json& value) {
  if (const auto* text = value.if_string()) {
    return "'" + shortened({text->data(), text->size()}) + "'";
  }
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  return to_toml_value(value);  // 1.5, where JSON may say 1.5E0
}

// "items[0].price" of a value or object inside `in`; nullopt: not in there.
std::optional<std::string> path_to(const Json& in, const void* wanted) {
  if (&in == wanted) return "";
  if (const auto* object = in.if_object()) {
    if (object == wanted) return "";
    for (const auto& [key, member] : *object) {
      if (const auto rest = path_to(member, wanted)) {
        return "." + shortened(std::string_view(key)) + *rest;
      }
    }
  } else if (const auto* list = in.if_array()) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (const auto rest = path_to((*list)[i], wanted)) {
        return "[" + std::to_string(i) + "]" + *rest;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

const Json* field(const JsonObject& in, std::string_view name) {
  const Json* found = in.if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kMost = 60;
  std::size_t size = std::min(text.size(), kMost);
  if (size < text.size()) {
    while (size > 0 &&
           (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
      --size;
    }
  }
  std::string out(text.substr(0, size));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return size < text.size() ? out + "…" : out;
}

void check_id(std::string_view id, const std::string& place) {
  if (const std::string fault = fault_of_id(id); !fault.empty()) {
    invalid(place + ": " + fault);
  }
}

std::optional<double> read_number(std::string_view text) {
  double out = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc() || stop != end || !std::isfinite(out)) {
    return std::nullopt;
  }
  return out;
}

std::optional<events::Millis> read_time(double number, Unit unit) {
  if (!(std::abs(number) < 1e17)) return std::nullopt;
  if (unit == Unit::kGuessed) {
    unit = std::abs(number) >= 1e11 ? Unit::kMillis : Unit::kSeconds;
  }
  return in_bounds(unit == Unit::kSeconds ? std::llround(number * 1000)
                   : unit == Unit::kMicros
                       ? static_cast<std::int64_t>(std::floor(number / 1000))
                       : static_cast<std::int64_t>(std::floor(number)));
}

std::optional<events::Millis> read_time(std::string_view text, Unit unit) {
  const auto number = read_number(text);
  const bool eight_digits =
      text.size() == 8 && text.find_first_not_of("0123456789") == text.npos;
  if (eight_digits && unit == Unit::kGuessed) {  // 20240403
    const int n = static_cast<int>(*number);
    const auto date = in_bounds(date_millis(n / 10000, n / 100 % 100, n % 100));
    if (date) return date;
  }
  if (number) return read_time(*number, unit);
  const auto iso = read_iso(text);
  return in_bounds(iso ? iso : read_named_date(text));
}

Row::Row(const JsonReader& reader, const Json& value)
    : reader_(reader), root_(value), object_(value.if_object()) {
  if (object_ == nullptr) refuse(value, "expected an object");
}

const JsonObject& Row::object(const Json& value) const {
  if (!value.is_object()) refuse(value, "expected an object");
  return value.get_object();
}

const JsonArray& Row::list(const Json& value) const {
  if (!value.is_array()) refuse(value, "expected a list");
  return value.get_array();
}

std::string Row::id(const Json& value) const {
  if (const auto* text = value.if_string()) {
    if (const std::string fault = fault_of_id({text->data(), text->size()});
        !fault.empty()) {
      invalid(place(&value) + ": " + fault);
    }
    return {text->data(), text->size()};
  }
  if (const auto* number = value.if_int64()) return std::to_string(*number);
  if (const auto* number = value.if_uint64()) return std::to_string(*number);
  refuse(value, kIdRule);
}

std::string Row::id_or_empty(const Json& value) const {
  const auto* text = value.if_string();
  return text != nullptr && text->empty() ? std::string() : id(value);
}

std::string Row::text(const Json& value) const {
  if (const auto* text = value.if_string()) return {text->data(), text->size()};
  if (value.is_structured() || value.is_null()) refuse(value, "expected text");
  return to_text(value);
}

double Row::number(const Json& value) const {
  if (value.is_number()) return value.to_number<double>();
  if (const auto* text = value.if_string()) {
    if (const auto found = read_number({text->data(), text->size()})) {
      return *found;
    }
  }
  refuse(value, "expected a number");
}

float Row::value(const Json& value) const {
  const double out = number(value);
  if (std::abs(out) > std::numeric_limits<float>::max()) {
    refuse(value, "expected a number that fits a float");
  }
  return static_cast<float>(out);
}

bool Row::truth(const Json& value) const {
  if (!value.is_bool()) refuse(value, "expected true or false");
  return value.get_bool();
}

events::Millis Row::time(const Json& value, Unit unit) const {
  std::optional<events::Millis> out;
  if (const auto* text = value.if_string()) {
    out = read_time(std::string_view(text->data(), text->size()), unit);
  } else if (value.is_number()) {
    out = read_time(value.to_number<double>(), unit);
  }
  if (!out) refuse(value, kTimeRule);
  return *out;
}

void Row::add_context(store::Event& event, std::string_view name,
                      const Json& value) const {
  if (event.context.size() == kMostContext) {
    refuse(value, "expected at most " + std::to_string(kMostContext) +
                      " context columns in one event");
  }
  if (const std::string fault = fault_of_id(name); !fault.empty()) {
    invalid(place(&value) + ": a name of " + fault);
  }
  if (value.is_number()) {
    event.context.emplace_back(name, value.to_number<double>());
  } else if (value.is_structured() || value.is_null()) {
    refuse(value, "expected text, a number, true or false");
  } else {
    event.context.emplace_back(name, text(value));
  }
}

std::string Row::id(const JsonObject& in, std::string_view name) const {
  return id(required(in, name, kIdRule));
}

const Json& Row::required(const JsonObject& in, std::string_view name,
                          std::string_view expected) const {
  const Json* found = field(in, name);
  if (found == nullptr) missing(in, name, expected);
  return *found;
}

std::string Row::id_or_none(const JsonObject& in, std::string_view name) const {
  const Json* found = field(in, name);
  return found == nullptr ? std::string() : id_or_empty(*found);
}

std::string Row::text_or_none(const JsonObject& in,
                              std::string_view name) const {
  const Json* found = field(in, name);
  return found == nullptr ? std::string() : text(*found);
}

double Row::number_or_nan(const JsonObject& in, std::string_view name) const {
  const Json* found = field(in, name);
  return found == nullptr ? std::numeric_limits<double>::quiet_NaN()
                          : number(*found);
}

events::Millis Row::time_or(const JsonObject& in, std::string_view name,
                            events::Millis otherwise, Unit unit) const {
  const Json* found = field(in, name);
  return found == nullptr ? otherwise : time(*found, unit);
}

const JsonArray& Row::list_or_none(const JsonObject& in,
                                   std::string_view name) const {
  static const JsonArray none;
  const Json* found = field(in, name);
  return found == nullptr ? none : list(*found);
}

void Row::refuse(const Json& value, std::string_view expected) const {
  invalid(place(&value) + ": " + said(value) + ", " + std::string(expected));
}

void Row::missing(const JsonObject& in, std::string_view name,
                  std::string_view expected) const {
  const std::string where = place(&in);
  const bool inside = where.size() > reader_.where().size();
  invalid(where + (inside ? "." : ": ") + std::string(name) + ": missing, " +
          std::string(expected));
}

std::string Row::place(const void* value) const {
  std::string path = path_to(root_, value).value_or("");
  if (path.starts_with('.')) path.erase(0, 1);
  return reader_.where() + (path.empty() ? "" : ": " + path);
}

}  // namespace ensue::serve
