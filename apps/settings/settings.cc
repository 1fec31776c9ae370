// SPDX-License-Identifier: Apache-2.0
#include "apps/settings/settings.h"

#include <algorithm>
#include <utility>

namespace ensue::apps {
namespace {

JsonObject& child(JsonObject& parent, std::string_view name) {
  Json& value = parent[name];
  if (!value.is_object()) value = JsonObject();
  return value.get_object();
}

// Where the member that begins at `begin` ends; commas in brackets are its own.
std::size_t member_end(const std::string& text, std::size_t begin) {
  int depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '[') ++depth;
    if (text[i] == ']') --depth;
    if (text[i] == ',' && depth <= 0) return i;
  }
  return text.size();
}

// "a,b" to ["a", "b"]; a field that is no list keeps its text.
Json typed_value(const std::string& text, bool list) {
  if (!list) return Json(text);
  JsonArray out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = member_end(text, begin);
    if (end > begin) out.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

bool taken(const CLI::App& app, const std::string& flag) {
  return app.get_option_no_throw(flag) != nullptr;
}

}  // namespace

void Settings::add_config_option(CLI::App& app) {
  app.add_option("-c,--config", path_,
                 "settings file; ./ensue.toml is read when it is there");
}

void Settings::add_option(CLI::App& app, const std::string& section,
                          const FieldDoc& field, const std::string& flag) {
  const std::string brief = flag.empty() ? "--" + field.name : flag;
  std::string flags = "--" + section + "." + field.name;
  if (!taken(app, brief)) flags += "," + brief;
  const bool list = field.type.starts_with("a list");
  app.add_option_function<std::string>(
         flags,
         [this, section, name = field.name, list](const std::string& text) {
           child(typed_, section)[name] = typed_value(text, list);
         },
         field.help + " [" + field.value + "]")
      ->group("[" + section + "]");
}

void Settings::load() {
  if (path_.empty() && std::filesystem::exists("ensue.toml")) {
    path_ = "ensue.toml";
  }
  if (path_.empty()) {
    merged_ = typed_;
  } else {
    reload(path_);
  }
}

void Settings::set(const std::string& section, const std::string& key,
                   Json value) {
  child(typed_, section)[key] = value;
  child(merged_, section)[key] = std::move(value);
}

void Settings::reload(const std::string& path) {
  path_ = path;
  file_ = merged_ = read_toml(path_);
  for (const auto& [section, fields] : typed_) {
    JsonObject& target = child(merged_, section);
    for (const auto& [name, value] : fields.get_object()) {
      target[name] = value;
    }
  }
}

JsonObject Settings::typed(std::string_view name) const {
  const Json* found = typed_.if_contains(name);
  return found == nullptr ? JsonObject() : found->get_object();
}

JsonObject Settings::from_file(std::string_view name) const {
  const Json* found = file_.if_contains(name);
  return found == nullptr || !found->is_object() ? JsonObject()
                                                 : found->get_object();
}

JsonObject Settings::section(std::string_view name) const {
  const Json* found = merged_.if_contains(name);
  if (found == nullptr) return {};
  if (!found->is_object()) {
    invalid(path_ + ": " + std::string(name) + " is no table");
  }
  return found->get_object();
}

std::filesystem::path Settings::base() const {
  return std::filesystem::path(path_).parent_path();
}

std::string Settings::where(std::string_view section) const {
  return (path_.empty() ? "" : path_ + " ") + "[" + std::string(section) + "]";
}

}  // namespace ensue::apps
