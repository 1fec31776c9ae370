// SPDX-License-Identifier: Apache-2.0
// What updates of one server leave on disk, so that none is done twice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ensue::apps {

/// events-<cursor>.jsonl    what was pulled, in order of arrival: the events
///                          that came before the server's cursor and were not
///                          pulled before; whole or absent
/// dataset/                 the shop's dataset and all of these
/// model-<cursor>.safetensors   the model that has learnt all up to there
/// state.json               which events have been learnt, whether the model
///                          was posted; written last
///
/// Killed at any moment, the next update goes on: what has arrived is there or
/// is pulled again, and counts as learnt when its model is there.
class UpdateFolder {
 public:
  struct State {
    std::uint64_t learnt = 0;  // cursor
    std::string model;         // a file of the folder; "": none yet
    bool posted = false;
    void visit(auto&& field) {
      field("learnt", learnt_text, "");
      field("model", model, "");
      field("posted", posted, "");
    }
    std::string learnt_text;  // JSON numbers end at 2^53
  };
  struct Pull {
    std::uint64_t cursor = 0;
    std::filesystem::path file;
  };

  /// Makes the folder and locks it until the object goes.
  /// @throws Error(kUnavailable) when another update is at work there or it
  ///   cannot be made.
  explicit UpdateFolder(std::filesystem::path path);
  ~UpdateFolder();
  UpdateFolder(const UpdateFolder&) = delete;
  UpdateFolder& operator=(const UpdateFolder&) = delete;

  std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }
  /// By rising cursor.
  std::vector<Pull> pulls() const;
  /// Of the latest pull; 0: there is none.
  std::uint64_t cursor() const;
  /// Takes a whole file of the folder in as the pull up to `cursor`.
  void keep_pull(const std::filesystem::path& file, std::uint64_t cursor);

  /// @throws Error(kCorrupt) naming state.json.
  State state() const;
  void write(State state) const;

  /// Takes a whole model file in as the one that has learnt all up to `cursor`;
  /// older ones but the last go.
  void keep_model(const std::filesystem::path& file, std::uint64_t cursor);

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace ensue::apps
