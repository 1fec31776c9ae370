// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/fields.h"

#include <charconv>
#include <cmath>

namespace ensue::internal {
namespace {

template <class T>
bool read_number(const Json& json, T& out) {
  if (json.is_string()) {
    const auto& text = json.get_string();
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out);
    return error == std::errc() && stop == end;
  }
  if constexpr (std::integral<T>) {
    boost::json::error_code error;
    const T value = json.to_number<T>(error);
    if (error) return false;
    out = value;
    return true;
  } else {
    if (!json.is_number()) return false;
    out = json.to_number<T>();
    return true;
  }
}

template <class T>
bool read_list(const Json& json, std::vector<T>& out) {
  std::vector<T> list;
  if (json.is_array()) {
    for (const Json& member : json.get_array()) {
      if (!read(member, list.emplace_back())) return false;
    }
  } else if (!read(json, list.emplace_back())) {
    return false;
  }
  out = std::move(list);
  return true;
}

}  // namespace

void bad_field(std::string_view where, std::string_view name, const Json& value,
               std::string_view expected) {
  invalid(std::string(where) + "." + std::string(name) + ": " + to_text(value) +
          ", expected " + std::string(expected));
}

void unknown_field(std::string_view where, std::string_view name,
                   const std::vector<std::string>& known) {
  std::string list;
  for (const auto& k : known) list += (list.empty() ? "" : ", ") + k;
  invalid(std::string(where) + ": unknown key '" + std::string(name) +
          "'; known: " + list);
}

bool read(const Json& json, bool& out) {
  if (json.is_bool()) {
    out = json.get_bool();
    return true;
  }
  if (!json.is_string()) return false;
  const auto& text = json.get_string();
  if (text != "true" && text != "false") return false;
  out = text == "true";
  return true;
}

bool read(const Json& json, int& out) { return read_number(json, out); }
bool read(const Json& json, std::int64_t& out) {
  return read_number(json, out);
}
bool read(const Json& json, std::uint64_t& out) {
  return read_number(json, out);
}
bool read(const Json& json, double& out) {
  return read_number(json, out) && !std::isnan(out);
}

bool read(const Json& json, std::string& out) {
  if (!json.is_string()) return false;
  out = json.get_string();
  return true;
}

bool read(const Json& json, std::vector<int>& out) {
  return read_list(json, out);
}
bool read(const Json& json, std::vector<std::string>& out) {
  return read_list(json, out);
}

}  // namespace ensue::internal
