// SPDX-License-Identifier: Apache-2.0
// ensue train --task NAME --task.label FILE_OR_SELECT
#include <algorithm>
#include <cstdio>

#include "apps/ensue/contest_text.h"
#include "apps/ensue/customers.h"
#include "apps/ensue/labels.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/data/dataset.h"
#include "ensue/data/options.h"
#include "ensue/judge/instants.h"
#include "ensue/tasks/catalog.h"
#include "ensue/tasks/customer_task.h"
#include "ensue/train/label_task.h"

namespace ensue::apps {
namespace {

constexpr int kLeaky = 2;

struct LabelSettings {
  std::string name = "label";
  data::LabelOptions label;
  int horizon_days = 0;
  judge::ShareOptions shares;
  classic::ContestOptions contest;
  void visit(auto&& field) {
    field("name", name, "the question's name: small letters, digits, _ and -");
    label.visit(field);
    field("horizon_days", horizon_days,
          "of a label table: days until a label is known");
    shares.visit(field);
    contest.visit(field);
  }
};

bool is_taken(const std::string& name) {
  return name == "next" || name == "next_item" ||
         std::ranges::any_of(tasks::customer_tasks().all(),
                             [&](const auto& one) { return one.name == name; });
}

std::string show(const events::Log& log, events::Millis time) {
  return log.schema().has_clock ? judge::show_instant(time)
                                : std::to_string(count(time));
}

// "12,000 rows before 2011-01-01 to learn from, …"
std::string split_text(const events::Log& log, const judge::LabelSplit& split,
                       int horizon_days) {
  std::string out = grouped(split.train.size()) + " rows before " +
                    show(log, split.validation_from) + " to learn from, " +
                    grouped(split.validation.size()) + " from then on to " +
                    "choose by,\n" + grouped(split.test.size()) + " from " +
                    show(log, split.test_from) + " on to judge on";
  if (split.between > 0) {
    out += "; " + grouped(split.between) + " left out, whose labels were not " +
           "known " + std::to_string(horizon_days) + " days later";
  }
  return out;
}

int train_labels(const Settings& settings) {
  LabelSettings task;
  data::SourceOptions source;
  read_task(task, settings);
  check_free_name(task.name);
  settings.read(source, "data");
  const auto dataset = data::Dataset::open(settings.base() / source.dataset);
  const events::Log log = dataset.log();
  const data::LabelTable labels =
      data::read_labels(dataset.folder(), log, task.label);
  ProgressPrinter progress;
  train::LabelTaskInput input{
      .log = log,
      .labels = labels,
      .name = task.name,
      .question = "what is '" + task.name + "' of this user? (" +
                  std::string(data::name_of(labels.kind)) + " of " +
                  labels.source + ")",
      .horizon_days = task.horizon_days,
      .shares = task.shares,
      .contest = task.contest,
      .progress = progress.function()};
  settings.read(input.contest.table, "table");
  return finish_labels(input, train::fit_labels(input));
}

}  // namespace

bool asks_by(const Settings& settings, const char* field) {
  if (settings.typed("task").contains(field)) return true;
  const JsonObject task = settings.section("task");
  return task.contains(field) &&
         std::ranges::none_of(tasks::tasks().all(), [&](const auto& one) {
           return one.name != "label" && task.at("name") == Json(one.name);
         });
}

void check_free_name(const std::string& name) {
  if (is_taken(name)) {
    invalid("task.name: '" + name +
            "' is a question of its own, asked of a log; expected another "
            "word for a table's");
  }
}

int finish_labels(const train::LabelTaskInput& input,
                  const train::LabelTaskResult& result) {
  const classic::ContestResult& contest = result.fitted.contest;
  std::printf("%s\n%s\n\n%s%s", styled(Style::kBold, input.question).c_str(),
              split_text(input.log, result.split, input.horizon_days).c_str(),
              contest_text(contest.kind, contest.best, contest.models,
                           contest.refitted, result.fitted.baselines)
                  .c_str(),
              leaks_text(result.fitted.leaks).c_str());
  if (!result.fitted.leaks.empty()) return kLeaky;
  const auto path = task_model_path(input.name);
  std::filesystem::create_directories(path.parent_path());
  contest.draft.write(path);
  std::printf("\n%s: ask it with: ensue predict %s --user NAME\n", path.c_str(),
              input.name.c_str());
  return 0;
}

TaskCommand labels_command() {
  return {.name = "labels",
          .fields = describe_fields<LabelSettings>,
          .trains =
              [](const Settings& settings) {
                return asks_by(settings, "label") ||
                       settings.section("task").at("name") == Json("label");
              },
          .train = train_labels,
          .holds = [](const artifact::Description&) { return false; },
          .predict = predict_customers};  // holds: customers_command()
}

}  // namespace ensue::apps
