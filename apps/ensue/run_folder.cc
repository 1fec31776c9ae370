// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/run_folder.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <set>
#include <system_error>

#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

constexpr char kLatest[] = "latest";

bool holds_run(const fs::path& folder) {
  return fs::exists(folder / "config.toml");
}

void check_name(const std::string& name) {
  if (name == "." || name == ".." || name == kLatest ||
      name.find('/') != std::string::npos) {
    invalid("[run].name: '" + name + "', expected a plain folder name");
  }
}

void make(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    throw Error(Code::kUnavailable,
                path.string() + ": cannot make: " + error.message());
  }
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return text.data();
}

}  // namespace

RunFolder RunFolder::create(const RunSettings& settings,
                            const std::string& model) {
  const fs::path folder = settings.folder;
  if (!settings.name.empty()) {
    check_name(settings.name);
    if (holds_run(folder / settings.name)) {
      invalid((folder / settings.name).string() +
              ": holds a run already; expected another --run.name, or "
              "--resume to go on with it");
    }
    make(folder / settings.name);
    return RunFolder(folder / settings.name);
  }
  int n = 1;
  while (fs::exists(folder / (model + "-" + std::to_string(n)))) ++n;
  make(folder / (model + "-" + std::to_string(n)));
  return RunFolder(folder / (model + "-" + std::to_string(n)));
}

RunFolder RunFolder::resume(const RunSettings& settings, const char* begun,
                            const char* finished) {
  const fs::path folder = settings.folder;
  if (!settings.name.empty()) {
    check_name(settings.name);
    if (holds_run(folder / settings.name)) {
      return RunFolder(folder / settings.name);
    }
    throw Error(Code::kNotFound, (folder / settings.name).string() +
                                     ": holds no run to go on with");
  }
  fs::path youngest;
  if (fs::is_directory(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.is_symlink() || !fs::exists(entry.path() / begun) ||
          fs::exists(entry.path() / finished)) {
        continue;
      }
      if (youngest.empty() || fs::last_write_time(entry.path() / begun) >
                                  fs::last_write_time(youngest / begun))
        youngest = entry.path();
    }
  }
  if (youngest.empty()) {
    throw Error(Code::kNotFound,
                folder.string() + ": no unfinished run to go on with");
  }
  return RunFolder(youngest);
}

void RunFolder::make_latest() const {
  const fs::path link = path_.parent_path() / kLatest;
  fs::path part = link;
  part += ".part";
  std::error_code ignored;
  fs::remove(part, ignored);
  fs::create_directory_symlink(path_.filename(), part);
  fs::rename(part, link);
}

void RunFolder::remove_unbegun() const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path_, ignored)) {
    if (entry.path().filename() != "config.toml") return;
  }
  fs::remove(path_ / "config.toml", ignored);
  fs::remove(path_, ignored);
}

fs::path model_file(const fs::path& run_or_file) {
  constexpr const char* kModel = "model.safetensors";
  std::error_code ignored;
  if (fs::is_directory(run_or_file, ignored)) return run_or_file / kModel;
  if (!fs::exists(run_or_file, ignored)) {
    const fs::path run = RunSettings().folder / run_or_file / kModel;
    if (fs::exists(run, ignored)) return run;
  }
  return run_or_file;
}

std::string to_toml(const JsonObject& sections) {
  std::string out;
  for (const auto& [section, fields] : sections) {
    out += (out.empty() ? "[" : "\n[") + std::string(section) + "]\n";
    for (const auto& [name, value] : fields.as_object()) {
      out += std::string(name) + " = " + to_toml_value(value) + "\n";
    }
  }
  return out;
}

std::string to_csv(const std::vector<train::CurveRow>& curve) {
  std::set<std::string> names;
  for (const train::CurveRow& row : curve) {
    for (const auto& [name, value] : row) names.insert(name);
  }
  names.erase("epoch");
  std::string out = "epoch";
  for (const std::string& name : names) out += "," + name;
  for (const train::CurveRow& row : curve) {
    out += "\n" + (row.contains("epoch") ? number(row.at("epoch")) : "");
    for (const std::string& name : names) {
      out += "," + (row.contains(name) ? number(row.at(name)) : "");
    }
  }
  return out + "\n";
}

}  // namespace ensue::apps
