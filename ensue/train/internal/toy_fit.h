// SPDX-License-Identifier: Apache-2.0
// Trainings on the toy log, for the tests of this room.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "ensue/train/fit.h"
#include "ensue/train/internal/toy_log.h"

namespace ensue::train {

/// A few short epochs.
inline TrainOptions quick() {
  TrainOptions out;
  out.epochs = 4;
  out.batch_tokens = 300;
  out.learning_rate = 5e-3;
  out.metric = "hit@1";
  out.threads = 2;
  return out;
}

/// An empty folder of that name, of this process alone: tests run side by side.
/// It goes when the process ends.
inline std::filesystem::path fresh_folder(const std::string& name) {
  struct Folders {
    std::vector<std::filesystem::path> paths;
    ~Folders() {
      std::error_code ignored;
      for (const auto& path : paths) {
        std::filesystem::remove_all(path, ignored);
      }
    }
  };
  static Folders made;
  made.paths.push_back(std::filesystem::path(testing::TempDir()) /
                       ("ensue_" + name + "_" + std::to_string(::getpid())));
  std::filesystem::remove_all(made.paths.back());
  std::filesystem::create_directories(made.paths.back());
  return made.paths.back();
}

/// A log, its split, and trainings on it.
struct Toy {
  events::Log log = second_order_log(/*users=*/60, /*length=*/20, /*items=*/5);
  judge::Split split = last_event_split(log);

  FitRequest request(artifact::ModelSpec model, TrainOptions options) const {
    return {log, split, std::move(model), std::move(options), {}};
  }
};

/// As long as the toy log takes to be known by heart.
inline TrainOptions thorough() {
  TrainOptions out = quick();
  out.epochs = out.patience = 40;
  out.batch_tokens = 100;
  out.learning_rate = 1e-2;
  out.evaluate_every = 20;
  out.threads = 1;
  return out;
}

}  // namespace ensue::train
