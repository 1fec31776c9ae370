// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "apps/ensue/contest_text.h"
#include "apps/ensue/customers.h"
#include "apps/ensue/run_folder.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/data/dataset.h"
#include "ensue/data/options.h"
#include "ensue/judge/instants.h"
#include "ensue/tasks/customer_model.h"
#include "ensue/train/customers.h"

namespace ensue::apps {
namespace {

constexpr int kLeaky = 2;

// [task]: what is asked, as of when, of which models.
struct TaskSettings {
  tasks::CustomerTaskOptions asked;
  judge::CutOptions cuts;
  classic::ContestOptions contest{.models = {"linear", "trees", "linear+trees",
                                             "head", "head+linear+trees",
                                             "linear+trees:embedding"}};
  train::SequenceOptions sequence;
  void visit(auto&& field) {
    asked.visit(field);
    cuts.visit(field);
    contest.visit(field);
    sequence.visit(field);
  }
};

void print_cuts(const train::CustomersResult& result,
                const tasks::CustomerTaskOptions& asked) {
  const judge::Cuts& cuts = result.cuts;
  std::printf(
      "learnt as of %s to %s (%zu instants, %s rows), chosen as of %s (%s "
      "rows),\njudged as of %s (%s customers); each looks %d days ahead\n\n",
      judge::show_instant(cuts.train.front()).c_str(),
      judge::show_instant(cuts.train.back()).c_str(), cuts.train.size(),
      grouped(result.train_rows).c_str(),
      judge::show_instant(cuts.validation).c_str(),
      grouped(result.validation_rows).c_str(),
      judge::show_instant(cuts.test).c_str(), grouped(result.test_rows).c_str(),
      asked.horizon_days);
}

}  // namespace

int train_customers(const Settings& settings) {
  TaskSettings task;
  data::SourceOptions source;
  read_task(task, settings);
  settings.read(source, "data");
  if (std::string& encoder = task.sequence.encoder; !encoder.empty()) {
    encoder = model_file(encoder).string();
  }
  const auto dataset = data::Dataset::open(settings.base() / source.dataset);
  const events::Log log = dataset.log();
  ProgressPrinter progress;
  train::CustomersInput input{.log = log,
                              .asked = task.asked,
                              .cuts = task.cuts,
                              .contest = task.contest,
                              .sequence = task.sequence,
                              .progress = progress.function()};
  settings.read(input.contest.table, "table");
  const auto& about = tasks::customer_tasks().find(task.asked.name);
  std::printf("%s\n",
              styled(Style::kBold, std::string(about.question)).c_str());
  train::CustomersResult result = train::fit_customers(input);
  print_cuts(result, task.asked);
  std::printf("%s%s",
              contest_text(result.kind, result.best, result.models,
                           result.refitted, result.baselines)
                  .c_str(),
              leaks_text(result.leaks).c_str());
  if (!result.leaks.empty()) return kLeaky;
  const auto path = task_model_path(task.asked.name);
  std::filesystem::create_directories(path.parent_path());
  result.draft.write(path);
  std::printf("\n%s: ask it with: ensue predict %s --user NAME\n", path.c_str(),
              task.asked.name.c_str());
  return 0;
}

TaskCommand customers_command() {
  return {.name = "customers",
          .fields = describe_fields<TaskSettings>,
          .trains =
              [](const Settings& settings) {
                const JsonObject task = settings.section("task");
                return std::ranges::any_of(
                    tasks::customer_tasks().all(), [&](const auto& one) {
                      return task.at("name") == Json(one.name);
                    });
              },
          .train = train_customers,
          .holds = tasks::CustomerModel::is_one,
          .predict = predict_customers,
          .explain = explain_customers};
}

}  // namespace ensue::apps
