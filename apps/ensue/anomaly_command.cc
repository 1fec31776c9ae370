// SPDX-License-Identifier: Apache-2.0
// ensue train --task anomaly, ensue predict anomaly: who does not fit.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "apps/ensue/asked_users.h"
#include "apps/ensue/task_commands.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/time_text.h"
#include "ensue/classic/anomaly.h"
#include "ensue/data/dataset.h"
#include "ensue/data/export.h"
#include "ensue/data/options.h"
#include "ensue/features/defaults.h"
#include "ensue/judge/instants.h"
#include "ensue/tasks/anomaly.h"

namespace ensue::apps {
namespace {

constexpr const char* kTask = "anomaly";
constexpr std::size_t kShown = 10;
constexpr double kOdd = 0.99;

struct AnomalySettings {
  std::string name = kTask, action;
  classic::AnomalyOptions fit;
  void visit(auto&& field) {
    field("name", name, "the task");
    field("action", action, "what the shop is after; empty: its main action");
    field("least_customers", fit.least_customers,
          "anomaly: customers that a class by number of events has at least");
    field("seed", fit.seed, "seed of samples and of whatever is drawn");
  }
};

// Everybody, the oddest first.
events::Table answers_of_all(const runtime::Anomaly& model,
                             const AskedLog& asked) {
  const LogReading reading(asked.log, model.artifact().description());
  const auto users = everybody(asked);
  std::vector<runtime::AnomalyAnswer> answers;
  for (const events::UserId user : users) {
    answers.push_back(tasks::judge_customer(model, reading.of(user).view(),
                                            asked.at, /*most=*/0)
                          .answer);
  }
  std::vector<std::size_t> order(users.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](std::size_t i) { return answers[i].oddness; });
  std::vector<std::string> names, reasons;
  std::vector<double> scores, oddness;
  for (const std::size_t i : order) {
    names.emplace_back(asked.log.user_names().name(index(users[i])));
    scores.push_back(answers[i].score);
    oddness.push_back(answers[i].oddness);
    reasons.push_back(tasks::reasons_text(model, answers[i]));
  }
  events::Table out;
  out.columns = {{"user", std::move(names)},
                 {"score", std::move(scores)},
                 {"oddness", std::move(oddness)},
                 {"reasons", std::move(reasons)}};
  return out;
}

void print_first(const events::Table& answers) {
  const auto& scores = std::get<std::vector<double>>(answers.columns[1].cells);
  const auto odd =
      std::ranges::count_if(scores, [](double score) { return score >= kOdd; });
  std::printf(
      "%s of %s customers are odder than 99 %% of those that calibrate; about "
      "%s would be by nature\n\n",
      grouped(static_cast<std::uint64_t>(odd)).c_str(),
      grouped(scores.size()).c_str(),
      fixed((1 - kOdd) * static_cast<double>(scores.size()), 0).c_str());
  for (std::size_t i = 0; i < std::min(kShown, answers.rows()); ++i) {
    std::printf(
        "  %s  oddness %s, score %s\n      %s\n",
        styled(Style::kBold, clip(answers.columns[0].text(i), 60)).c_str(),
        fixed(answers.columns[2].number(i), 2).c_str(),
        fixed(scores[i], 4).c_str(), answers.columns[3].text(i).c_str());
  }
}

int train(const Settings& settings) {
  AnomalySettings task;
  data::SourceOptions source;
  read_task(task, settings);
  settings.read(source, "data");
  AskedLog asked{data::Dataset::open(settings.base() / source.dataset).log()};
  asked.at = end_of(asked.log);
  task.fit.buying =
      task.action.empty() ? features::main_action(asked.log) : task.action;
  const auto draft = classic::fit_anomaly(asked.log, asked.at, task.fit);
  const runtime::Anomaly model(
      artifact::Artifact::from_bytes(draft.bytes(), kTask));
  print_first(answers_of_all(model, asked));
  const auto path = task_model_path(kTask);
  std::filesystem::create_directories(path.parent_path());
  draft.write(path);
  std::printf("\n%s: ask it with: ensue predict anomaly --user NAME\n",
              path.c_str());
  return 0;
}

void print_user(const std::string& name, const runtime::Anomaly& model,
                const events::History& history,
                const tasks::OddCustomer& judged) {
  std::printf("%s  oddness %s, score %s\n  %s\n\n",
              styled(Style::kBold, clip(name, 60)).c_str(),
              fixed(judged.answer.oddness, 4).c_str(),
              fixed(judged.answer.score, 4).c_str(),
              tasks::reasons_text(model, judged.answer).c_str());
  const artifact::Description& about = model.artifact().description();
  TextTable table({"when", "action", "item", "surprise", "of time", "of action",
                   "of item"});
  for (const tasks::OddEvent& odd : judged.events) {
    const events::Event event = history[odd.event];
    const auto action = events::index(event.action);
    const auto item = events::index(event.item);
    table.add(
        {time_text(events::count(event.time)),
         action < about.actions.size() ? std::string(about.actions.name(action))
                                       : "unknown",
         item < about.items.size() ? std::string(about.items.name(item)) : "",
         fixed(odd.surprise, 2), fixed(odd.parts.time, 2),
         fixed(odd.parts.action, 2), fixed(odd.parts.item, 2)});
  }
  std::printf("%s\n", table.text().c_str());
}

int predict(const TaskQuestion& question, const Settings& settings) {
  const runtime::Anomaly model(artifact::Artifact::load(question.model));
  const AskedLog asked = asked_log(question, settings);
  std::printf("as of %s\n\n", judge::show_instant(asked.at).c_str());
  const LogReading reading(asked.log, model.artifact().description());
  for (const std::string& name : question.users) {
    const auto events = reading.of(find_user(asked, name));
    print_user(name, model, events.view(),
               tasks::judge_customer(
                   model, events.view(), asked.at,
                   static_cast<std::size_t>(std::max(question.k, 0))));
  }
  if (!question.all_users) return 0;
  const events::Table answers = answers_of_all(model, asked);
  print_first(answers);
  if (!question.out.empty()) {
    data::write_table(question.out, answers);
    std::printf("\n%s: everybody, the oddest first\n", question.out.c_str());
  }
  return 0;
}

}  // namespace

TaskCommand anomaly_command() {
  return {.name = kTask,
          .fields = describe_fields<AnomalySettings>,
          .trains =
              [](const Settings& settings) {
                return settings.section("task").at("name") == Json(kTask);
              },
          .train = train,
          .holds = tasks::is_anomaly,
          .predict = predict};
}

}  // namespace ensue::apps
