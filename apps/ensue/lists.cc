// SPDX-License-Identifier: Apache-2.0
// ensue models, ensue tasks: what can be trained and what can be asked.
#include <cstdio>
#include <string>

#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/models/catalog.h"
#include "ensue/tasks/catalog.h"

namespace ensue::apps {
namespace {

void print_model(const models::ModelEntry& entry) {
  std::printf("%s  %s (%s)\n", styled(Style::kBold, entry.name).c_str(),
              std::string(entry.summary).c_str(),
              std::string(entry.source).c_str());
  for (const FieldDoc& field : entry.fields()) {
    std::printf("    %-12s %-10s %s\n", field.name.c_str(), field.value.c_str(),
                field.help.c_str());
  }
}

int print_models() {
  for (const models::ModelEntry& entry : models::models().all()) {
    print_model(entry);
  }
  return 0;
}

int print_tasks() {
  for (const tasks::TaskEntry& task : tasks::tasks().all()) {
    std::printf("%s  %s\n    label    %s\n    metrics  %s\n",
                styled(Style::kBold, task.name).c_str(),
                std::string(task.question).c_str(),
                std::string(task.label).c_str(),
                std::string(task.metrics).c_str());
  }
  return 0;
}

}  // namespace

Verb models_verb() {
  return {"models", "the models and their options", "ensue models",
          [](CLI::App&, Settings&) -> Action { return print_models; }};
}

Verb tasks_verb() {
  return {"tasks", "the questions that can be asked", "ensue tasks",
          [](CLI::App&, Settings&) -> Action { return print_tasks; }};
}

}  // namespace ensue::apps
