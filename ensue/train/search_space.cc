// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/search_space.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "ensue/base/error.h"

namespace ensue::train {
namespace {

// What these say is what trials are compared by.
constexpr std::array<std::string_view, 3> kFixed = {
    "train.metric", "train.validation_users", "train.seed"};

[[noreturn]] void refuse(const std::string& key, const std::string& value,
                         const std::string& expected) {
  invalid("[tune].space: " + key + ": '" + value + "', expected " + expected);
}

void check_key(const std::string& key) {
  const bool known = key.starts_with("model.") || key.starts_with("train.");
  if (!known || key.find('.') + 1 == key.size() ||
      std::ranges::find(kFixed, key) != kFixed.end()) {
    refuse("key", key,
           "a key of [model] or [train] that does not change what is "
           "measured, such as train.learning_rate");
  }
}

bool read_number(std::string_view text, double& out) {
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() &&
         std::isfinite(out);
}

bool looks_whole(std::string_view text) {
  return text.find_first_of(".eE") == std::string_view::npos;
}

void check_range(const Dimension& d) {
  const std::string shown = d.text().substr(d.key.size() + 1);
  if (!(d.low < d.high)) refuse(d.key, shown, "low below high");
  if (d.log && !(d.low > 0)) refuse(d.key, shown, "low above 0 on a log scale");
  if (d.whole && (d.low != std::floor(d.low) || d.high != std::floor(d.high))) {
    refuse(d.key, shown, "whole ends of a range of integers");
  }
}

void parse_range(std::string_view text, Dimension& out) {
  const std::string all(text);
  if (text.ends_with(":log")) {
    out.log = true;
    text.remove_suffix(4);
  }
  const auto dots = text.find("..");
  const auto low = text.substr(0, dots), high = text.substr(dots + 2);
  if (!read_number(low, out.low) || !read_number(high, out.high)) {
    refuse(out.key, all, "LOW..HIGH or LOW..HIGH:log");
  }
  out.whole = looks_whole(low) && looks_whole(high);
  check_range(out);
}

Json value_of(std::string_view text) {
  try {
    return parse_json(text, "");
  } catch (const Error&) {
    return Json(text);  // a word
  }
}

void parse_choices(std::string_view text, Dimension& out) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('|', begin), text.size());
    if (end > begin) {
      out.choices.push_back(value_of(text.substr(begin, end - begin)));
    }
    begin = end + 1;
  }
  if (out.choices.size() < 2) {
    refuse(out.key, std::string(text),
           "a range LOW..HIGH or at least two values A|B");
  }
}

// {low = 1e-4, high = 1e-2, log = true, integer = false}
Dimension from_table(const std::string& key, const JsonObject& table) {
  Dimension out;
  out.key = key;
  const auto number = [&](std::string_view name) {
    const Json* found = table.if_contains(name);
    if (found == nullptr || !found->is_number()) {
      refuse(key, to_text(table), "numbers low and high");
    }
    return found->to_number<double>();
  };
  const auto flag = [&](std::string_view name, bool usual) {
    const Json* found = table.if_contains(name);
    if (found == nullptr) return usual;
    if (!found->is_bool()) refuse(key, to_text(table), "true or false");
    return found->get_bool();
  };
  for (const auto& [name, value] : table) {
    if (name != "low" && name != "high" && name != "log" && name != "integer") {
      refuse(key, std::string(name), "low, high, log or integer");
    }
  }
  out.low = number("low");
  out.high = number("high");
  out.log = flag("log", false);
  out.whole = flag("integer",
                   table.at("low").is_int64() && table.at("high").is_int64());
  check_range(out);
  return out;
}

// Keys may be quoted ("train.epochs") or written as tables within tables.
void add_table(const std::string& prefix, const JsonObject& table,
               std::vector<Dimension>& out) {
  for (const auto& [name, value] : table) {
    const std::string key = prefix + std::string(name);
    const bool inner = value.is_object() &&
                       key.find('.') == std::string::npos &&
                       !value.get_object().contains("low");
    if (inner) {
      add_table(key + ".", value.get_object(), out);
      continue;
    }
    check_key(key);
    if (value.is_object()) {
      out.push_back(from_table(key, value.get_object()));
    } else if (value.is_array() && value.get_array().size() >= 2) {
      Dimension choices;
      choices.key = key;
      for (const Json& choice : value.get_array()) {
        choices.choices.push_back(choice);
      }
      out.push_back(std::move(choices));
    } else {
      refuse(key, to_text(value), "{low = …, high = …} or a list of values");
    }
  }
}

void check_distinct(const std::vector<Dimension>& space) {
  std::set<std::string> keys;
  for (const Dimension& d : space) {
    if (!keys.insert(d.key).second) refuse("key", d.key, "each key once");
  }
}

// Digits that read back to the same number and to the same kind of it.
std::string digits(double value, bool whole) {
  if (whole) return to_toml_value(Json(static_cast<std::int64_t>(value)));
  return to_toml_value(Json(value));
}

}  // namespace

Json Dimension::at(double place) const {
  if (!choices.empty()) {
    const auto n = static_cast<double>(choices.size());
    return choices[static_cast<std::size_t>(std::min(place * n, n - 1))];
  }
  const double from =
      log ? std::log(whole ? low - 0.5 : low) : (whole ? low - 0.5 : low);
  const double to =
      log ? std::log(whole ? high + 0.5 : high) : (whole ? high + 0.5 : high);
  const double on_scale = from + place * (to - from);
  const double value = log ? std::exp(on_scale) : on_scale;
  if (!whole) return Json(std::clamp(value, low, high));
  return Json(
      static_cast<std::int64_t>(std::clamp(std::round(value), low, high)));
}

std::string Dimension::text() const {
  std::string out = key + "=";
  if (choices.empty()) {
    return out + digits(low, whole) + ".." + digits(high, whole) +
           (log ? ":log" : "");
  }
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const Json& value = choices[i];
    out += (i == 0 ? "" : "|") + (value.is_string()
                                      ? std::string(value.get_string())
                                      : to_toml_value(value));
  }
  return out;
}

Dimension parse_dimension(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) {
    refuse("entry", std::string(text), "KEY=LOW..HIGH or KEY=A|B");
  }
  Dimension out;
  out.key = text.substr(0, equals);
  check_key(out.key);
  const std::string_view values = text.substr(equals + 1);
  if (values.find('|') == std::string_view::npos &&
      values.find("..") != std::string_view::npos) {
    parse_range(values, out);
  } else {
    parse_choices(values, out);
  }
  return out;
}

std::vector<Dimension> parse_space(const Json& space) {
  std::vector<Dimension> out;
  if (space.is_object()) {
    add_table("", space.get_object(), out);
  } else if (space.is_array()) {
    for (const Json& entry : space.get_array()) {
      if (!entry.is_string()) refuse("entry", to_text(entry), "a text");
      out.push_back(parse_dimension(entry.get_string()));
    }
  } else if (space.is_string()) {
    out.push_back(parse_dimension(space.get_string()));
  }
  if (out.empty()) {
    invalid(
        "[tune].space: nothing to search, expected at least one key, such as "
        "train.learning_rate=1e-4..1e-2:log");
  }
  check_distinct(out);
  return out;
}

}  // namespace ensue::train
