// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <numeric>

#include "apps/ensue/answers_text.h"
#include "apps/ensue/asked_users.h"
#include "apps/ensue/churn.h"
#include "apps/ensue/customers.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/classic/uplift.h"
#include "ensue/data/export.h"
#include "ensue/data/features.h"
#include "ensue/judge/customer_features.h"
#include "ensue/judge/instants.h"
#include "ensue/tasks/customer_model.h"
#include "ensue/tasks/moment_task.h"
#include "ensue/tasks/row_model.h"

namespace ensue::apps {
namespace {

constexpr std::size_t kShown = 10;

void print_for_users(const TaskQuestion& question,
                     const tasks::CustomerModel& model, const AskedLog& asked) {
  const LogReading reading(asked.log, model.about());
  for (const std::string& name : question.users) {
    const auto events = reading.of(find_user(asked, name));
    const std::string why = model.not_asked(events.view(), asked.at);
    if (!why.empty()) invalid("user '" + name + "': " + why);
    std::printf(
        "%s  %s\n", styled(Style::kBold, clip(name, 60)).c_str(),
        answer_text(model.table(), model.answer(events.view(), asked.at))
            .c_str());
  }
}

// By the same features, all at once, in SQL.
events::Table answers_of_all(const tasks::CustomerModel& model,
                             const events::Log& log, events::Millis at) {
  auto pairs = data::everyone_at(log, at);
  if (pairs.empty()) {
    invalid("nobody has an event before " + judge::show_instant(at));
  }
  if (tasks::find_moment_task(model.asked().name) != nullptr) {
    const LogReading reading(log, model.about());
    std::erase_if(pairs, [&](const data::AsOf& pair) {
      return !model.not_asked(reading.of(pair.user).view(), at).empty();
    });
  }
  if (pairs.empty()) {
    invalid("nobody is asked as of " + judge::show_instant(at));
  }
  events::Table answers = tasks::answer_columns(
      model.table(),
      model.table().predict(judge::features_of(log, model, pairs)));
  answers.columns[0].name = model.asked().name;
  std::vector<std::size_t> order(pairs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto most = [&](std::size_t row) {  // of classes: how sure
    double out = answers.columns.back().number(row);
    for (std::size_t c = 1; c < answers.columns.size(); ++c) {
      out = std::max(out, answers.columns[c].number(row));
    }
    return out;
  };
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return most(a) > most(b); });
  std::vector<std::string> names;
  for (const std::size_t i : order) {
    names.emplace_back(log.user_names().name(index(pairs[i].user)));
  }
  events::Table out = classic::rows_at(answers, order);
  out.columns.insert(out.columns.begin(), {"user", std::move(names)});
  return out;
}

void print_first(const events::Table& answers) {
  std::printf("%s", first_rows_text(answers, kShown).c_str());
}

}  // namespace

int predict_customers(const TaskQuestion& question, const Settings& settings) {
  const auto model = tasks::CustomerModel::load(question.model);
  if (model->asked().name != question.task) {
    invalid(question.model + ": answers " + model->asked().name +
            ", expected " + question.task);
  }
  check_churn(question, *model);
  TaskQuestion whom = question;
  whom.all_users = whom.all_users || whom.churn || whom.survival;
  const AskedLog asked = asked_log(whom, settings);
  const int days = model->asked().horizon_days;
  std::printf(
      "%s\nas of %s%s\n\n",
      styled(Style::kBold, std::string(model->task().question)).c_str(),
      judge::show_instant(asked.at).c_str(),
      days > 0 ? (", " + std::to_string(days) + " days ahead").c_str() : "");
  print_for_users(question, *model, asked);
  if (question.survival) print_survival(question, *model, asked);
  if (!question.all_users && !question.churn) return 0;
  events::Table answers = answers_of_all(*model, asked.log, asked.at);
  if (question.churn) answers = churn_table(*model, asked, answers);
  print_first(answers);
  if (!question.out.empty()) {
    data::write_table(question.out, answers);
    std::printf("\n%s: everybody, the %s first\n", question.out.c_str(),
                question.churn ? "most money" : "highest");
  }
  return 0;
}

}  // namespace ensue::apps
