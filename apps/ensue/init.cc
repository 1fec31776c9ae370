// SPDX-License-Identifier: Apache-2.0
// ensue init: guess what a file's columns mean and write ensue.toml.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/data/guess.h"

namespace ensue::apps {
namespace {

struct Typed {
  std::vector<std::string> files;
  std::string out = "ensue.toml";
  bool force = false;
};

// Paths in a settings file are relative to its folder.
std::string seen_from(const std::string& file, const std::string& out) {
  namespace fs = std::filesystem;
  if (file.empty() || fs::path(file).is_absolute()) return file;
  const fs::path folder = fs::absolute(out).parent_path();
  return fs::absolute(file).lexically_relative(folder).string();
}

void print_guess(const data::Guess& guess) {
  TextTable table({"role", "column", "why"});
  const data::ColumnOptions& c = guess.columns;
  for (const auto& [role, why] : guess.reasons) {
    std::string column;
    data::ColumnOptions(c).visit(
        [&, &wanted = role](std::string_view name, auto& value, auto) {
          if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>,
                                       std::string>) {
            if (name == wanted) column = value;
          }
        });
    if (guess.preset != nullptr && role == "preset") {
      column = guess.preset->name;
    }
    table.add({role, column, why});
  }
  std::fputs(table.text().c_str(), stdout);
  for (const std::string& doubt : guess.doubts) {
    std::printf("  %s %s\n", styled(Style::kBad, "?").c_str(), doubt.c_str());
  }
}

int run(const Typed& typed) {
  if (std::filesystem::exists(typed.out) && !typed.force) {
    invalid(typed.out + ": is there already; --force replaces it");
  }
  data::Guess guess = data::guess(typed.files);
  for (std::string& file : guess.files) file = seen_from(file, typed.out);
  guess.items = seen_from(guess.items, typed.out);
  guess.users = seen_from(guess.users, typed.out);
  write_file(typed.out, data::settings_text(guess));
  print_guess(guess);
  std::printf("  written to %s; next: ensue import\n", typed.out.c_str());
  return 0;
}

Action add(CLI::App& app, Settings&) {
  auto typed = std::make_shared<Typed>();
  app.add_option("FILES", typed->files, "event files")->required();
  app.add_option("-o,--out", typed->out, "settings file to write")
      ->capture_default_str();
  app.add_flag("--force", typed->force, "replace the settings file");
  return [typed] { return run(*typed); };
}

}  // namespace

Verb init_verb() {
  return {"init", "look at a raw log and write ensue.toml",
          "ensue init events.csv", add};
}

}  // namespace ensue::apps
