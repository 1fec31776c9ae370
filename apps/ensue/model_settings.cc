// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/model_settings.h"

#include <ranges>
#include <set>
#include <string>

#include "ensue/models/catalog.h"

namespace ensue::apps {
namespace {

std::string name_in(const JsonObject& section) {
  const Json* name = section.if_contains("name");
  if (name == nullptr) return {};
  if (!name->is_string()) {
    invalid("[model].name: " + to_text(*name) + ", expected a string");
  }
  return std::string(name->get_string());
}

// Typed values are text; "0.3" beside a number becomes the number.
Json like(const Json& model, const Json& value) {
  if (value.is_array() && model.is_array() && !model.get_array().empty()) {
    JsonArray out;
    for (const Json& member : value.get_array()) {
      out.push_back(like(model.get_array()[0], member));
    }
    return out;
  }
  if (!value.is_string() || model.is_string()) return value;
  try {
    return parse_json(value.get_string(), "");
  } catch (const Error&) {
    return value;  // the model's own reader says what is wrong
  }
}

// Options are parsed before the model is known, and one name may be a list for
// one model and a number for another: here it takes the chosen model's shape.
Json shaped(const Json& usual, const Json& typed) {
  if (usual.is_array() && typed.is_string()) {
    JsonArray out;
    for (const auto part : std::views::split(typed.get_string(), ',')) {
      out.emplace_back(boost::json::string(part.begin(), part.end()));
    }
    return out;
  }
  if (!usual.is_array() && typed.is_array()) {
    std::string out;
    for (const Json& part : typed.get_array()) {
      out +=
          (out.empty() ? "" : ",") +
          (part.is_string() ? std::string(part.get_string()) : to_text(part));
    }
    return Json(out);
  }
  return typed;
}

}  // namespace

void add_model_options(CLI::App& app, Settings& settings) {
  settings.add_option(app, "model",
                      {"name", "a string", to_text(Json(kDefaultModel)),
                       "the model, see ensue models"},
                      "--model");
  std::set<std::string> added = {"name"};
  for (const models::ModelEntry& entry : models::models().all()) {
    for (FieldDoc& field : entry.fields()) {
      if (!added.insert(field.name).second) continue;
      field.help = std::string(entry.name) + ": " + field.help;
      settings.add_option(app, "model", field);
    }
  }
}

ChosenModel chosen_model(const Settings& settings) {
  JsonObject section = settings.section("model");
  const JsonObject typed = settings.typed("model");
  const std::string name = name_in(section);
  const std::string in_file = name_in(settings.from_file("model"));
  if (!in_file.empty() && name != in_file) section = typed;
  const models::ModelEntry& entry =
      models::models().find(name.empty() ? kDefaultModel : name);
  section.erase("name");

  for (const FieldDoc& field : entry.fields()) {
    if (const Json* given = typed.if_contains(field.name)) {
      section[field.name] = shaped(parse_json(field.value, entry.name), *given);
    }
  }

  ChosenModel out;
  out.spec = entry.build(section);
  out.config["name"] = entry.name;
  for (const FieldDoc& field : entry.fields()) {
    const Json usual = parse_json(field.value, entry.name);
    const Json* given = section.if_contains(field.name);
    out.config[field.name] = given == nullptr ? usual : like(usual, *given);
  }
  return out;
}

}  // namespace ensue::apps
