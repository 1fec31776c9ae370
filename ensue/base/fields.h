// SPDX-License-Identifier: Apache-2.0
// A configuration names its fields once; JSON, TOML, --help and docs use that.
//
//   struct GruConfig {
//     int width = 64;
//     double dropout = 0.2;
//     void visit(auto&& field) {
//       field("width", width, "model width");
//       field("dropout", dropout, "share of inputs dropped while training");
//     }
//   };
//
// Field types: bool, int, std::int64_t, std::uint64_t, double, std::string,
// std::vector<std::string>, std::vector<int>.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/json.h"

namespace ensue {

struct FieldDoc {
  std::string name, type, value, help;  // value: the default, as JSON text
};

namespace internal {

[[noreturn]] void bad_field(std::string_view where, std::string_view name,
                            const Json& value, std::string_view expected);
[[noreturn]] void unknown_field(std::string_view where, std::string_view name,
                                const std::vector<std::string>& known);

template <class T>
constexpr std::string_view type_name() {
  if constexpr (std::is_same_v<T, bool>) {
    return "true or false";
  } else if constexpr (std::integral<T>) {
    return "an integer";
  } else if constexpr (std::floating_point<T>) {
    return "a number";
  } else if constexpr (std::is_same_v<T, std::string>) {
    return "a string";
  } else if constexpr (std::is_same_v<T, std::vector<int>>) {
    return "a list of integers";
  } else {
    return "a list of strings";
  }
}

bool read(const Json& json, bool& out);
bool read(const Json& json, int& out);
bool read(const Json& json, std::int64_t& out);
bool read(const Json& json, std::uint64_t& out);
bool read(const Json& json, double& out);
bool read(const Json& json, std::string& out);
bool read(const Json& json, std::vector<int>& out);
bool read(const Json& json, std::vector<std::string>& out);

}  // namespace internal

/// Overwrites the named fields of `config`. Text is accepted for numbers and
/// booleans (command lines carry text), a single value for a list.
/// Throws Error(kInvalidArgument) "<where>.<name>: <value>, expected …" on a
/// wrong type and on an unknown name (listing the known ones).
template <class T>
void read_fields(T& config, const JsonObject& json, std::string_view where) {
  std::vector<std::string> known;
  config.visit([&](std::string_view name, auto& value, std::string_view) {
    known.emplace_back(name);
    const Json* found = json.if_contains(name);
    if (found == nullptr) return;
    using V = std::remove_cvref_t<decltype(value)>;
    if (!internal::read(*found, value)) {
      internal::bad_field(where, name, *found, internal::type_name<V>());
    }
  });
  for (const auto& member : json) {
    bool hit = false;
    for (const auto& name : known) hit = hit || member.key() == name;
    if (!hit) internal::unknown_field(where, member.key(), known);
  }
}

/// Every field, in order.
template <class T>
JsonObject write_fields(T config) {
  JsonObject out;
  config.visit([&](std::string_view name, auto& value, std::string_view) {
    out[name] = boost::json::value_from(value);
  });
  return out;
}

/// What --help and the reference page print.
template <class T>
std::vector<FieldDoc> describe_fields() {
  std::vector<FieldDoc> out;
  T config;
  config.visit([&](std::string_view name, auto& value, std::string_view help) {
    using V = std::remove_cvref_t<decltype(value)>;
    out.push_back({std::string(name), std::string(internal::type_name<V>()),
                   to_text(boost::json::value_from(value)), std::string(help)});
  });
  return out;
}

}  // namespace ensue
