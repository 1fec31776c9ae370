// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/task_commands.h"

#include <algorithm>
#include <set>

#include "ensue/base/error.h"
#include "ensue/tasks/catalog.h"

namespace ensue::apps {

TaskCommand customers_command();
TaskCommand response_command();
TaskCommand rows_command();
TaskCommand labels_command();
TaskCommand moments_command();
TaskCommand anomaly_command();
TaskCommand profile_command();
TaskCommand search_command();
TaskCommand segments_command();
TaskCommand moments_command();

const std::vector<TaskCommand>& task_commands() {
  static const std::vector<TaskCommand> list = {
      response_command(), rows_command(),      labels_command(),
      moments_command(),  customers_command(), anomaly_command(),
      profile_command(),  search_command(),    segments_command(),
  };
  return list;
}

void add_task_options(CLI::App& app, Settings& settings) {
  std::set<std::string> added;
  for (const TaskCommand& command : task_commands()) {
    for (const FieldDoc& field : command.fields()) {
      if (!added.insert(field.name).second) continue;
      settings.add_option(app, "task", field,
                          field.name == "name" ? "--task" : "");
    }
  }
}

const TaskCommand* command_to_train(const Settings& settings) {
  const JsonObject task = settings.section("task");
  if (!task.contains("name")) return nullptr;
  for (const TaskCommand& command : task_commands()) {
    if (command.trains(settings)) return &command;
  }
  tasks::tasks().find(std::string_view(task.at("name").as_string()));
  invalid("[task].name: \"" + std::string(task.at("name").as_string()) +
          "\" is answered by a model of the next item: ensue train --model");
}

const TaskCommand& command_to_predict(const TaskQuestion& question) {
  if (!std::filesystem::exists(question.model)) {
    if (question.model == task_model_path(question.task)) {
      const bool known = std::ranges::any_of(
          tasks::tasks().all(),
          [&](const auto& one) { return one.name == question.task; });
      if (!known) tasks::tasks().find(question.task);  // says which there are
    }
    throw Error(Code::kNotFound, question.model +
                                     ": no such file; made by: ensue train "
                                     "--task " +
                                     question.task);
  }
  const auto artifact = artifact::Artifact::load(question.model);
  for (const TaskCommand& command : task_commands()) {
    if (command.holds(artifact->description())) return command;
  }
  throw Error(Code::kCorrupt, question.model + ": answers no task");
}

std::filesystem::path task_model_path(const std::string& task) {
  return std::filesystem::path("runs") / "customers" / (task + ".safetensors");
}

JsonObject task_section(const Settings& settings,
                        const std::vector<FieldDoc>& own) {
  const auto has = [](const std::vector<FieldDoc>& fields,
                      std::string_view name) {
    return std::ranges::find(fields, name, &FieldDoc::name) != fields.end();
  };
  const JsonObject typed = settings.typed("task");
  JsonObject out;
  for (const auto& member : settings.section("task")) {
    const std::string_view name = member.key();
    const bool another =
        std::ranges::any_of(task_commands(), [&](const TaskCommand& command) {
          return has(command.fields(), name);
        });
    if (has(own, name) || typed.contains(name) || !another) {
      out[name] = member.value();
    }
  }
  return out;
}

}  // namespace ensue::apps
