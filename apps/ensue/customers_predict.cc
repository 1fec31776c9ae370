// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <numeric>

#include "apps/ensue/asked_users.h"
#include "apps/ensue/customers.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/data/export.h"
#include "ensue/data/features.h"
#include "ensue/judge/instants.h"
#include "ensue/tasks/customer_model.h"

namespace ensue::apps {
namespace {

constexpr std::size_t kShown = 10;

void print_for_users(const TaskQuestion& question,
                     const tasks::CustomerModel& model, const AskedLog& asked) {
  const LogReading reading(asked.log, model.about());
  for (const std::string& name : question.users) {
    const auto events = reading.of(find_user(asked, name));
    std::printf("%s  %s\n", styled(Style::kBold, clip(name, 60)).c_str(),
                fixed(model.answer(events.view(), asked.at)[0], 4).c_str());
  }
}

// By the same features, all at once, in SQL.
events::Table answers_of_all(const tasks::CustomerModel& model,
                             const events::Log& log, events::Millis at) {
  const auto pairs = data::everyone_at(log, at);
  if (pairs.empty()) {
    invalid("nobody has an event before " + judge::show_instant(at));
  }
  const std::vector<double> answers = model.table().predict(
      data::compute_features(log, model.definitions(), pairs));
  std::vector<std::size_t> order(pairs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return answers[a] > answers[b];
  });
  std::vector<std::string> names;
  std::vector<double> sorted;
  for (const std::size_t i : order) {
    names.emplace_back(log.user_names().name(index(pairs[i].user)));
    sorted.push_back(answers[i]);
  }
  events::Table out;
  out.columns = {{"user", std::move(names)},
                 {model.asked().name, std::move(sorted)}};
  return out;
}

void print_first(const events::Table& answers) {
  TextTable table({"user", answers.columns[1].name});
  for (std::size_t i = 0; i < std::min(kShown, answers.rows()); ++i) {
    table.add(
        {answers.columns[0].text(i), fixed(answers.columns[1].number(i), 4)});
  }
  std::printf("%s", table.text().c_str());
  if (answers.rows() > kShown) {
    std::printf("  … of %s\n", grouped(answers.rows()).c_str());
  }
}

}  // namespace

int predict_customers(const TaskQuestion& question, const Settings& settings) {
  const auto model = tasks::CustomerModel::load(question.model);
  if (model->asked().name != question.task) {
    invalid(question.model + ": answers " + model->asked().name +
            ", expected " + question.task);
  }
  const AskedLog asked = asked_log(question, settings);
  std::printf("%s\nas of %s, %d days ahead\n\n",
              styled(Style::kBold, std::string(model->task().question)).c_str(),
              judge::show_instant(asked.at).c_str(),
              model->asked().horizon_days);
  print_for_users(question, *model, asked);
  if (!question.all_users) return 0;
  const events::Table answers = answers_of_all(*model, asked.log, asked.at);
  print_first(answers);
  if (!question.out.empty()) {
    data::write_table(question.out, answers);
    std::printf("\n%s: everybody, the highest first\n", question.out.c_str());
  }
  return 0;
}

}  // namespace ensue::apps
