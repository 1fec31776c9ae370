// SPDX-License-Identifier: Apache-2.0
#include "ensue/features/definition.h"

#include <set>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"

namespace ensue::features {

JsonObject to_json(const Definition& definition) {
  const JsonObject defaults = write_fields(Definition{});
  JsonObject out;
  for (const auto& member : write_fields(definition)) {
    if (member.value() != defaults.at(member.key())) {
      out[member.key()] = member.value();
    }
  }
  if (!definition.edges.empty()) {
    JsonArray edges;
    for (const double edge : definition.edges) edges.emplace_back(edge);
    out["edges"] = std::move(edges);
  }
  return out;
}

Definition definition_from_json(const Json& json, std::string_view where) {
  if (!json.is_object()) invalid(std::string(where) + ": expected an object");
  JsonObject fields = json.get_object();
  Definition out;
  if (const Json* edges = fields.if_contains("edges")) {
    if (!edges->is_array()) {
      invalid(std::string(where) + ".edges: expected a list of numbers");
    }
    for (const Json& edge : edges->get_array()) {
      if (!edge.is_number() ||
          (!out.edges.empty() && edge.to_number<double>() < out.edges.back())) {
        invalid(std::string(where) + ".edges: " + to_text(*edges) +
                ", expected rising numbers");
      }
      out.edges.push_back(edge.to_number<double>());
    }
    fields.erase("edges");
  }
  read_fields(out, fields, where);
  return out;
}

JsonArray to_json(std::span<const Definition> definitions) {
  JsonArray out;
  for (const Definition& definition : definitions) {
    out.emplace_back(to_json(definition));
  }
  return out;
}

std::vector<Definition> definitions_from_json(const Json& json,
                                              std::string_view where) {
  if (!json.is_array()) {
    invalid(std::string(where) + ": expected a list of features");
  }
  std::vector<Definition> out;
  std::set<std::string> names;
  for (const Json& member : json.get_array()) {
    const std::string place =
        std::string(where) + "[" + std::to_string(out.size()) + "]";
    out.push_back(definition_from_json(member, place));
    if (!names.insert(out.back().name).second) {
      invalid(place + ": the name '" + out.back().name + "' stands twice");
    }
  }
  return out;
}

}  // namespace ensue::features
