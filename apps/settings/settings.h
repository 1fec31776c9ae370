// SPDX-License-Identifier: Apache-2.0
// One TOML file configures a shop; every key can be overridden as --key value.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "ensue/base/fields.h"

namespace ensue::apps {

/// The configuration of one command: defaults, then the TOML file, then what
/// was typed. Sections are the tables of the file: [data], [columns], [clean],
/// [missing], [split], [model], [train], [judge], [run].
class Settings {
 public:
  /// Adds --config to a verb; without it ./ensue.toml is read when there.
  void add_config_option(CLI::App& app);

  /// Adds an option for every field of T: --section.name, and --name where no
  /// earlier option of the verb has it. Lists are typed with commas.
  template <class T>
  void add_options(CLI::App& app, const std::string& section) {
    for (const FieldDoc& field : describe_fields<T>()) {
      add_option(app, section, field);
    }
  }

  /// One option: --section.name, and beside it `flag`, or --name when empty.
  void add_option(CLI::App& app, const std::string& section,
                  const FieldDoc& field, const std::string& flag = "");

  /// Reads the file and applies what was typed. Call once, after parsing.
  void load();

  /// Overwrites the fields of `config` that the section names.
  /// @throws Error(kInvalidArgument) "ensue.toml [train].epochs: …".
  template <class T>
  void read(T& config, std::string_view section) const {
    read_fields(config, this->section(section), where(section));
  }
  /// The merged section; empty when nobody named it.
  JsonObject section(std::string_view name) const;
  /// The parts that the section was merged from.
  JsonObject typed(std::string_view section) const;
  JsonObject from_file(std::string_view section) const;
  /// One value on top of everything, as if it had been typed.
  void set(const std::string& section, const std::string& key, Json value);
  /// Reads another file in place of the first; what was typed stays on top.
  void reload(const std::string& path);
  /// Everything, as used; goes into the run folder.
  const JsonObject& all() const noexcept { return merged_; }
  /// Folder that relative paths of the file are relative to.
  std::filesystem::path base() const;

 private:
  std::string where(std::string_view section) const;

  std::string path_;
  JsonObject file_, typed_, merged_;
};

/// A TOML file as JSON. @throws Error(kCorrupt) "file:line:column: reason".
JsonObject read_toml(const std::filesystem::path& path);

}  // namespace ensue::apps
