// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/data_settings.h"

#include <filesystem>

#include "ensue/data/layout.h"
#include "ensue/data/presets.h"

namespace ensue::apps {
namespace {

std::string below(const std::filesystem::path& base, const std::string& path) {
  if (path.empty() || base.empty()) return path;
  return (base / path).string();
}

template <class T>
void read_section(T& config, const data::Preset* preset,
                  const Settings& settings, const char* section) {
  if (preset != nullptr) {
    const JsonObject defaults = preset->defaults();
    const Json* found = defaults.if_contains(section);
    if (found != nullptr) {
      read_fields(config, found->get_object(), preset->name);
    }
  }
  settings.read(config, section);
}

// [missing] may also say column = "method".
data::MissingOptions read_missing(const Settings& settings) {
  data::MissingOptions out;
  JsonObject named;
  for (const auto& [key, value] : settings.section("missing")) {
    if (key == "columns") {
      named[key] = value;
    } else if (value.is_string()) {
      out.columns.push_back(std::string(key) + "=" +
                            std::string(value.get_string()));
    } else {
      invalid("[missing]." + std::string(key) + ": " + to_text(value) +
              ", expected the name of a method");
    }
  }
  data::MissingOptions listed;
  read_fields(listed, named, "[missing]");
  out.columns.insert(out.columns.end(), listed.columns.begin(),
                     listed.columns.end());
  return out;
}

}  // namespace

void add_data_options(CLI::App& app, Settings& settings) {
  settings.add_options<data::SourceOptions>(app, "data");
  settings.add_options<data::ColumnOptions>(app, "columns");
  settings.add_options<data::CleanOptions>(app, "clean");
  settings.add_options<data::MissingOptions>(app, "missing");
}

data::ImportRequest import_request(const Settings& settings,
                                   const std::vector<std::string>& files) {
  data::ImportRequest out;
  settings.read(out.source, "data");
  if (files.empty()) {
    for (std::string& file : out.source.files) {
      file = below(settings.base(), file);
    }
  } else {
    out.source.files = files;
  }
  out.source.items = below(settings.base(), out.source.items);
  out.source.users = below(settings.base(), out.source.users);
  const data::Preset* preset = nullptr;
  if (!out.source.preset.empty()) {
    preset = &data::presets().find(out.source.preset);
  } else if (!out.source.files.empty() && out.source.sql.empty() &&
             settings.section("columns").empty()) {
    const auto names = data::expand(out.source.files);
    preset = data::recognise(data::look_at(names.front()));
    if (preset != nullptr) out.source.preset = preset->name;
  }
  read_section(out.columns, preset, settings, "columns");
  read_section(out.clean, preset, settings, "clean");
  out.missing = read_missing(settings);
  return out;
}

}  // namespace ensue::apps
