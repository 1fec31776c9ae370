// SPDX-License-Identifier: Apache-2.0
// ensue train --task intent, satisfaction: asked at instants of the log's own.
#include <algorithm>
#include <cstdio>

#include "apps/ensue/customers.h"
#include "apps/ensue/labels.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/data/dataset.h"
#include "ensue/data/options.h"
#include "ensue/features/defaults.h"
#include "ensue/features/session.h"
#include "ensue/judge/moment_labels.h"
#include "ensue/tasks/moment_task.h"

namespace ensue::apps {
namespace {

struct MomentSettings {
  std::string name = "intent", action;
  int most_rows = 100'000;
  judge::ShareOptions shares;
  classic::ContestOptions contest;
  void visit(auto&& field) {
    field("name", name, "intent or satisfaction");
    field("action", action, "what the shop is after; empty: its main action");
    field("most_rows", most_rows,
          "of intent: about that many instants are drawn");
    shares.visit(field);
    contest.visit(field);
  }
};

std::string action_of(const events::Log& log, const tasks::MomentTask& task,
                      const std::string& said) {
  if (!said.empty()) return said;
  return task.action.empty() ? features::main_action(log)
                             : std::string(task.action);
}

int train_moments(const Settings& settings) {
  MomentSettings asked;
  read_task(asked, settings);
  if (asked.most_rows < 100) {
    invalid("task.most_rows: " + std::to_string(asked.most_rows) +
            ", expected 100 or more");
  }
  const tasks::MomentTask& task = tasks::moment_tasks().find(asked.name);
  data::SourceOptions source;
  settings.read(source, "data");
  const events::Log log =
      data::Dataset::open(settings.base() / source.dataset).log();
  const std::string action = action_of(log, task, asked.action);
  const auto moments = judge::moment_labels(
      log, task, action, static_cast<std::size_t>(asked.most_rows), /*seed=*/1);
  std::printf("asked of '%s' at %s of %s instants\n", action.c_str(),
              grouped(moments.labels.size()).c_str(),
              grouped(moments.all).c_str());
  ProgressPrinter progress;
  train::LabelTaskInput input{.log = log,
                              .labels = moments.labels,
                              .name = asked.name,
                              .question = std::string(task.question),
                              .known = moments.known,
                              .action = action,
                              .shares = asked.shares,
                              .contest = asked.contest,
                              .progress = progress.function()};
  if (task.session) {
    const auto until =
        judge::split_labels(moments.labels, 0, asked.shares, moments.known)
            .validation_from;
    input.more = features::session_definitions(log, until);
  }
  settings.read(input.contest.table, "table");
  return finish_labels(input, train::fit_labels(input));
}

}  // namespace

TaskCommand moments_command() {
  return {.name = "moments",
          .fields = describe_fields<MomentSettings>,
          .trains =
              [](const Settings& settings) {
                const JsonObject task = settings.section("task");
                return std::ranges::any_of(
                    tasks::moment_tasks().all(), [&](const auto& one) {
                      return task.at("name") == Json(one.name);
                    });
              },
          .train = train_moments,
          .holds = [](const artifact::Description&) { return false; },
          .predict = predict_customers};  // holds: customers_command()
}

}  // namespace ensue::apps
