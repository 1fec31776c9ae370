// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/task_models.h"

#include "ensue/base/error.h"

namespace ensue::serve {

void TaskModels::load(const std::string& path, const Prepare& prepare) {
  auto model = load_task_model(path);
  if (prepare) prepare(*model);
  const std::string task = model->task();
  const std::lock_guard lock(mutex_);
  entries_[task] = {path, std::move(model)};
}

std::vector<std::string> TaskModels::reload(const Prepare& prepare) {
  std::vector<std::string> paths, failures;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [task, entry] : entries_) paths.push_back(entry.path);
  }
  for (const std::string& path : paths) {
    try {
      load(path, prepare);
    } catch (const Error& error) {
      failures.push_back(error.what());
    }
  }
  return failures;
}

std::shared_ptr<const TaskModel> TaskModels::get(std::string_view task) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(task);
  return found == entries_.end() ? nullptr : found->second.model;
}

std::vector<std::shared_ptr<const TaskModel>> TaskModels::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const TaskModel>> out;
  for (const auto& [task, entry] : entries_) out.push_back(entry.model);
  return out;
}

std::vector<std::string> TaskModels::tasks() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [task, entry] : entries_) out.push_back(task);
  return out;
}

}  // namespace ensue::serve
