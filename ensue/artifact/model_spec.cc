// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/model_spec.h"

#include "ensue/artifact/blocks.h"
#include "ensue/base/error.h"

namespace ensue::artifact {
namespace {

JsonArray list_to_json(const std::vector<BlockSpec>& list) {
  JsonArray out;
  for (const BlockSpec& block : list) {
    JsonObject entry;
    entry["type"] = block.type;
    entry["config"] = block.config;
    out.push_back(std::move(entry));
  }
  return out;
}

[[noreturn]] void corrupt(std::string_view where, const std::string& reason) {
  throw Error(Code::kCorrupt, std::string(where) + ": " + reason);
}

BlockSpec block_from_json(const Json& json, Role role,
                          const std::string& where) {
  const JsonObject* entry = json.if_object();
  const Json* type = entry ? entry->if_contains("type") : nullptr;
  const Json* config = entry ? entry->if_contains("config") : nullptr;
  if (type == nullptr || !type->is_string() || config == nullptr ||
      !config->is_object() || entry->size() != 2) {
    corrupt(where, "expected {\"type\": …, \"config\": {…}}, found " +
                       to_text(json).substr(0, 80));
  }
  BlockSpec out{std::string(type->get_string()), config->get_object()};
  const Role actual = blocks().find(out.type).role;
  if (actual != role) {
    corrupt(where, "block '" + out.type + "' is " +
                       std::string(name_of(actual)) + ", expected " +
                       std::string(name_of(role)));
  }
  return out;
}

std::vector<BlockSpec> list_from_json(const JsonObject& model,
                                      std::string_view key, Role role,
                                      std::string_view where) {
  const std::string place = std::string(where) + "." + std::string(key);
  const Json* list = model.if_contains(key);
  if (list == nullptr || !list->is_array()) corrupt(place, "is no list");
  std::vector<BlockSpec> out;
  for (const Json& entry : list->get_array()) {
    out.push_back(block_from_json(
        entry, role, place + "[" + std::to_string(out.size()) + "]"));
  }
  return out;
}

}  // namespace

JsonObject ModelSpec::to_json() const {
  JsonObject out;
  out["name"] = name;
  out["inputs"] = list_to_json(inputs);
  out["blocks"] = list_to_json(blocks);
  out["heads"] = list_to_json(heads);
  return out;
}

ModelSpec ModelSpec::from_json(const Json& json, std::string_view where) {
  if (!json.is_object()) corrupt(where, "is no object");
  const JsonObject& model = json.get_object();
  const Json* name = model.if_contains("name");
  if (name == nullptr || !name->is_string()) {
    corrupt(where, "has no name");
  }
  return {std::string(name->get_string()),
          list_from_json(model, "inputs", Role::kInput, where),
          list_from_json(model, "blocks", Role::kLayer, where),
          list_from_json(model, "heads", Role::kHead, where)};
}

}  // namespace ensue::artifact
