// SPDX-License-Identifier: Apache-2.0
// ensue train --task response --task.table FILE --task.treatment COLUMN
#include <cstdio>

#include "apps/ensue/labels.h"
#include "apps/ensue/response.h"
#include "apps/ensue/terminal.h"
#include "ensue/data/read_table.h"
#include "ensue/tasks/response_model.h"
#include "ensue/train/response_task.h"

namespace ensue::apps {
namespace {

std::string between(const metrics::Interval& interval) {
  return "[" + fixed(interval.low, 4) + ", " + fixed(interval.high, 4) + "]";
}

std::string learners_text(const train::JudgedArm& arm) {
  TextTable table({"", "qini (folds)", "95 %", "qini", "95 %"});
  for (const auto& one : arm.learners) {
    const char* mark = one.name == arm.best ? "  <- best"
                       : one.in_mean        ? "  in the mean"
                                            : "";
    table.add({one.name + mark, fixed(one.folds.mean, 4), between(one.folds),
               fixed(one.test.mean, 4), between(one.test)});
  }
  return table.text();
}

std::string arms_text(const std::vector<train::JudgedArm>& arms) {
  TextTable table({"arm", "customers", "mean effect", "95 %", "learner", "qini",
                   "95 %", ""});
  for (const train::JudgedArm& arm : arms) {
    for (const auto& one : arm.learners) {
      if (one.name != arm.best) continue;
      table.add({arm.arm, grouped(arm.customers), fixed(arm.effect.mean, 4),
                 between(arm.effect), one.name, fixed(one.test.mean, 4),
                 between(one.test),
                 one.test.low > 0 ? "beats random" : "no better than random"});
    }
  }
  return table.text();
}

int train_response(const Settings& settings) {
  train::ResponseOptions asked;
  read_task(asked, settings);
  check_free_name(asked.name);
  const events::Table rows = data::read_table(asked.table);
  const train::ResponseResult result = train::fit_response(rows, asked);
  const train::JudgedArm& arm = result.arms[0];
  std::printf(
      "%s\n%s customers, %s of them, drawn by seed %llu, judge; folds of the "
      "others choose.\nqini: %s gained over random addressing, per treated "
      "customer\n\n%s\n%s",
      styled(Style::kBold, "whom does '" + arm.arm + "' change, against '" +
                               asked.control + "'?")
          .c_str(),
      grouped(arm.customers).c_str(), grouped(arm.judged).c_str(),
      static_cast<unsigned long long>(asked.split_seed), asked.target.c_str(),
      learners_text(arm).c_str(), arms_text(result.arms).c_str());
  const auto path = task_model_path(asked.name);
  std::filesystem::create_directories(path.parent_path());
  result.draft.write(path);
  std::printf(
      "\n%s: ask it with: ensue predict %s --rows FILE --budget 1000 --out "
      "FILE\n",
      path.c_str(), asked.name.c_str());
  return 0;
}

}  // namespace

TaskCommand response_command() {
  return {.name = "response",
          .fields = describe_fields<train::ResponseOptions>,
          .trains =
              [](const Settings& settings) {
                return asks_by(settings, "treatment") ||
                       settings.section("task").at("name") == Json("response");
              },
          .train = train_response,
          .holds = tasks::ResponseModel::is_one,
          .predict = predict_response,
          .explain = explain_response};
}

}  // namespace ensue::apps
