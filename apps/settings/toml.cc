// SPDX-License-Identifier: Apache-2.0
#include <toml++/toml.h>

#include <sstream>
#include <string>

#include "apps/settings/settings.h"
#include "ensue/base/file.h"

namespace ensue::apps {
namespace {

Json convert(const toml::node& node);

JsonObject convert_table(const toml::table& table) {
  JsonObject out;
  for (const auto& [key, value] : table) out[key.str()] = convert(value);
  return out;
}

JsonArray convert_array(const toml::array& array) {
  JsonArray out;
  for (const toml::node& member : array) out.push_back(convert(member));
  return out;
}

Json convert(const toml::node& node) {
  if (const auto* table = node.as_table()) return convert_table(*table);
  if (const auto* array = node.as_array()) return convert_array(*array);
  if (const auto* text = node.as_string()) return Json(text->get());
  if (const auto* number = node.as_integer()) return Json(number->get());
  if (const auto* number = node.as_floating_point()) return Json(number->get());
  if (const auto* flag = node.as_boolean()) return Json(flag->get());
  std::ostringstream date;  // dates and times stay as they are written
  node.visit([&](const auto& value) { date << value; });
  return Json(date.str());
}

}  // namespace

JsonObject read_toml(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  try {
    return convert_table(toml::parse(text, path.string()));
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    throw Error(Code::kCorrupt, path.string() + ":" + std::to_string(at.line) +
                                    ":" + std::to_string(at.column) + ": " +
                                    std::string(error.description()));
  }
}

}  // namespace ensue::apps
