// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/churn.h"

#include <cmath>
#include <cstdio>
#include <numeric>
#include <vector>

#include "apps/ensue/plot.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/tasks/churn.h"
#include "ensue/tasks/returns.h"

namespace ensue::apps {
namespace {

constexpr int kDays[] = {7, 14, 30, 60, 90, 180, 365};

events::ActionId aim_of(const events::Log& log, const std::string& name) {
  const auto found = log.action_names().find(name);
  if (!found && !name.empty()) {
    throw Error(Code::kNotFound, "the log has no action '" + name + "'");
  }
  return events::ActionId{static_cast<std::uint8_t>(found.value_or(0))};
}

std::string percent(double share) {
  return std::isnan(share) ? "" : fixed(100 * share, 1) + " %";
}

}  // namespace

void check_churn(const TaskQuestion& question,
                 const tasks::CustomerModel& model) {
  if (!question.churn && !question.survival) return;
  if (model.asked().name == "retention") return;
  invalid(std::string(question.churn ? "--churn" : "--survival") +
          ": expected the task retention, not " + model.asked().name);
}

events::Table churn_table(const tasks::CustomerModel& model,
                          const AskedLog& asked, const events::Table& answers) {
  const auto& log = asked.log;
  const events::ActionId aim = aim_of(log, model.asked().action);
  const features::EventColumn amount(model.asked().amount,
                                     features::names_of(log));
  std::vector<double> stays, spends;
  for (std::size_t i = 0; i < answers.rows(); ++i) {
    stays.push_back(answers.columns[1].number(i));
    const events::UserId user{
        *log.user_names().find(answers.columns[0].text(i))};
    spends.push_back(tasks::usual_spend(log.history(user), asked.at, aim,
                                        amount, model.asked().horizon_days));
  }
  std::vector<std::string> names;
  std::vector<double> columns[3];
  for (const tasks::AtRisk& one : tasks::churn_list(stays, spends)) {
    names.emplace_back(answers.columns[0].text(one.place));
    columns[0].push_back(1 - one.lost);
    columns[1].push_back(one.usual_spend);
    columns[2].push_back(one.value_at_risk);
  }
  const double all = std::accumulate(spends.begin(), spends.end(), 0.0);
  const double risk =
      std::accumulate(columns[2].begin(), columns[2].end(), 0.0);
  std::printf(
      "%s customers usually spend %s in %d days; %s of it (%.1f %%) is at "
      "risk\n\n",
      grouped(answers.rows()).c_str(),
      grouped(static_cast<std::uint64_t>(std::llround(std::max(0.0, all))))
          .c_str(),
      model.asked().horizon_days,
      grouped(static_cast<std::uint64_t>(std::llround(std::max(0.0, risk))))
          .c_str(),
      all > 0 ? 100 * risk / all : 0);
  events::Table out;
  out.columns = {{"user", std::move(names)},
                 {"retention", std::move(columns[0])},
                 {"usual_spend", std::move(columns[1])},
                 {"value_at_risk", std::move(columns[2])}};
  return out;
}

void print_survival(const TaskQuestion& question,
                    const tasks::CustomerModel& model, const AskedLog& asked) {
  const events::ActionId aim = aim_of(asked.log, model.asked().action);
  const tasks::Returns returns(asked.log, aim, asked.at);
  std::vector<std::string> head = {"purchases", "returns"};
  for (const int days : kDays) head.push_back(std::to_string(days) + " days");
  head.push_back("half are back after");
  TextTable table(head);
  const auto add = [&](const std::string& name,
                       const metrics::SurvivalCurve& curve) {
    const double half = curve.quantile_left(0.5);
    std::vector<double> line;
    for (int day = 0; day <= kDays[std::size(kDays) - 1]; day += 15) {
      line.push_back(curve.at(day));
    }
    std::vector<std::string> cells = {name, sparkline(line)};
    for (const int days : kDays) cells.push_back(percent(curve.at(days)));
    cells.push_back(std::isnan(half) ? "never seen" : fixed(half, 0) + " days");
    table.add(cells);
  };
  add("any", returns.everybody());
  for (std::size_t c = 0; c < tasks::kReturnClasses.size(); ++c) {
    const auto* curve = returns.of_class(c);
    if (curve != nullptr) add(tasks::return_class_name(c), *curve);
  }
  std::printf("share of customers still away so long after a purchase:\n%s",
              table.text().c_str());
  for (const std::string& name : question.users) {
    const auto past = tasks::purchases_until(
        asked.log.history(find_user(asked, name)), aim, asked.at);
    std::printf("%s: %zu purchases; still away in", clip(name, 60).c_str(),
                past.count);
    for (const int days : kDays) {
      const double away = returns.away(past, days);
      std::printf(" %d days %s", days,
                  std::isnan(away) ? "(unknown)" : percent(away).c_str());
    }
    std::printf("\n");
  }
}

}  // namespace ensue::apps
