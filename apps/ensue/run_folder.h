// SPDX-License-Identifier: Apache-2.0
// Where one training leaves everything: runs/<name>/.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ensue/base/json.h"
#include "ensue/train/fit.h"

namespace ensue::apps {

/// [run]
struct RunSettings {
  std::string folder = "runs";
  std::string name;
  void visit(auto&& field) {
    field("folder", folder, "where runs lie");
    field("name", name, "the run's folder; empty: the model and a number");
  }
};

/// config.toml         every setting as used; `ensue train -c` repeats the run
/// model.safetensors   the artifact: absent until training ended or was stopped
/// curves.csv          a row per evaluation while training
/// metrics.json        the judgement; written last, so a run without it is
///                     unfinished
/// cleaning.json       what cleaning did to the dataset
/// examples.txt        a few customers of the test split, one per line
/// report.html         all of it for people
/// checkpoint, events.out.tfevents.*   while training, and for TensorBoard
class RunFolder {
 public:
  /// A new folder: the named one, or "<model>-<n>" with the next free n.
  /// @throws Error(kInvalidArgument) when the named one holds a run already,
  ///   or the name is no plain folder name; Error(kUnavailable) when it cannot
  ///   be made.
  static RunFolder create(const RunSettings& settings,
                          const std::string& model);
  /// The named run, or the youngest one that has the file `begun` but not
  /// `finished`.
  /// @throws Error(kNotFound) when there is nothing to go on with.
  static RunFolder resume(const RunSettings& settings,
                          const char* begun = "checkpoint",
                          const char* finished = "metrics.json");

  const std::filesystem::path& path() const noexcept { return path_; }
  std::string name() const { return path_.filename().string(); }
  std::filesystem::path operator/(const char* file) const {
    return path_ / file;
  }
  /// Points <folder>/latest to this run, at one stroke.
  void make_latest() const;
  /// Removes the folder if nothing but config.toml is in it: what was asked
  /// for was refused before anything was learnt.
  void remove_unbegun() const;

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// The artifact of a run, by its folder or, where no such path is, by its name
/// among runs/; any other path is one already.
std::filesystem::path model_file(const std::filesystem::path& run_or_file);

/// Sections of keys as TOML text; what read_toml() reads back. Values are
/// strings, numbers, booleans and lists of them.
std::string to_toml(const JsonObject& sections);

/// One row per evaluation; columns in the order of names, "epoch" first.
std::string to_csv(const std::vector<train::CurveRow>& curve);

}  // namespace ensue::apps
