// SPDX-License-Identifier: Apache-2.0
// The tasks of ensue train --task NAME and ensue predict NAME: one file and one
// line each.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "apps/settings/settings.h"
#include "ensue/artifact/artifact.h"
#include "ensue/tasks/filter.h"

namespace ensue::apps {

/// What was typed behind ensue predict TASK. Which of it counts, the task says.
struct TaskQuestion {
  std::string task, model;  // model: the file that answers
  std::vector<std::string> users;
  bool all_users = false;
  std::string at;    // ISO 8601; empty: the end of the log
  std::string out;   // a file for everybody's answers; empty: none
  std::string rows;  // a file of rows; empty: none
  std::string query;
  tasks::FilterOptions filter;  // items that may be answered
  std::size_t budget = 0;       // customers that may be written to; 0: not said
  int k = 10;
  bool churn = false, survival = false;  // of retention
};

/// What was typed behind ensue explain TASK.
struct WhyQuestion : TaskQuestion {
  std::size_t max_events = 200;  // latest ones that are looked at
  std::size_t shown = 10;        // rows of a table
  std::vector<std::size_t> row;  // of question.rows, from 1; none: the first
  std::string of_class;          // whose score; empty: the answer's
  int rules = 0;                 // depth of a tree that imitates; 0: none
  std::size_t faithful = 0;      // customers that reasons are checked on
  std::string plot;              // an HTML page to be written; empty: none
  bool json = false;
};

/// One way to answer tasks.
struct TaskCommand {
  std::string_view name;
  /// The fields of [task] that it reads.
  std::vector<FieldDoc> (*fields)() = nullptr;
  /// Whether [task] asks for this one.
  bool (*trains)(const Settings& settings) = nullptr;
  /// Fits, judges, prints, writes task_model_path(). Returns the exit status.
  int (*train)(const Settings& settings) = nullptr;
  /// Whether this one answers with such a model file.
  bool (*holds)(const artifact::Description& about) = nullptr;
  int (*predict)(const TaskQuestion& question,
                 const Settings& settings) = nullptr;
  /// Null where the answer says why by itself.
  int (*explain)(const WhyQuestion& question,
                 const Settings& settings) = nullptr;
};

const std::vector<TaskCommand>& task_commands();

/// --task and every other field of [task], once each.
void add_task_options(CLI::App& app, Settings& settings);

/// The command that [task] asks for, or null when it names no task.
/// @throws Error(kInvalidArgument) listing the tasks when none takes it.
const TaskCommand* command_to_train(const Settings& settings);

/// The command that holds the model file.
/// @throws Error(kNotFound) saying how to make the file, Error(kCorrupt).
const TaskCommand& command_to_predict(const TaskQuestion& question);

/// runs/customers/TASK.safetensors
std::filesystem::path task_model_path(const std::string& task);

/// [task] without what other tasks alone read from the settings file; what was
/// typed stays, so that a field that does not count is refused.
JsonObject task_section(const Settings& settings,
                        const std::vector<FieldDoc>& own);

/// Reads the fields of one task. @throws Error(kInvalidArgument) as
/// Settings::read.
template <class T>
void read_task(T& config, const Settings& settings) {
  read_fields(config, task_section(settings, describe_fields<T>()), "[task]");
}

}  // namespace ensue::apps
