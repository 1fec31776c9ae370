// SPDX-License-Identifier: Apache-2.0
// The models that answer tasks beside the next item, one per task.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/serve/task_model.h"

namespace ensue::serve {

/// Thread-safe. Whoever holds a model goes on with it while another takes its
/// place.
class TaskModels {
 public:
  /// Called with a model before it answers anybody.
  using Prepare = std::function<void(const TaskModel&)>;

  /// Loads, checks, then takes the place of the model of the same task.
  /// @throws what load_task_model() throws; the one that was there goes on.
  void load(const std::string& path, const Prepare& prepare = {});
  /// Loads all again from where they came; what fails goes on as it is.
  /// @return one line per failure.
  std::vector<std::string> reload(const Prepare& prepare = {});

  /// Null when no model answers the task.
  std::shared_ptr<const TaskModel> get(std::string_view task) const;
  std::vector<std::string> tasks() const;
  std::vector<std::shared_ptr<const TaskModel>> all() const;

 private:
  struct Entry {
    std::string path;
    std::shared_ptr<const TaskModel> model;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace ensue::serve
