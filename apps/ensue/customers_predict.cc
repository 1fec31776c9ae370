// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <optional>

#include "apps/ensue/answers_text.h"
#include "apps/ensue/customers.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/classic/uplift.h"
#include "ensue/data/dataset.h"
#include "ensue/data/export.h"
#include "ensue/data/features.h"
#include "ensue/data/options.h"
#include "ensue/judge/instants.h"
#include "ensue/runtime/engine.h"
#include "ensue/tasks/customer_events.h"
#include "ensue/tasks/customer_model.h"
#include "ensue/tasks/row_model.h"

namespace ensue::apps {
namespace {

constexpr std::size_t kShown = 10;

// A log's events in the ids of a model.
class Reading {
 public:
  Reading(const events::Log& log, const artifact::Description& about)
      : log_(log), about_(about) {
    for (const events::ContextColumn& wanted : about.context) {
      const auto found = std::ranges::find(log.context(), wanted.name,
                                           &events::ContextColumn::name);
      places_.push_back(found == log.context().end()
                            ? std::nullopt
                            : std::optional(static_cast<std::size_t>(
                                  found - log.context().begin())));
    }
  }

  tasks::CustomerEvents of(events::UserId user) const {
    tasks::CustomerEvents out(about_);
    const events::History all = log_.history(user);
    std::vector<events::Cell> row(about_.context.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t c = 0; c < row.size(); ++c) row[c] = cell(all, i, c);
      out.add(all.items[i] == events::kNoItem
                  ? ""
                  : log_.item_names().name(index(all.items[i])),
              log_.action_names().name(index(all.actions[i])), all.times[i],
              all.values[i], row);
    }
    return out;
  }

 private:
  events::Cell cell(const events::History& all, std::size_t i,
                    std::size_t c) const {
    if (!places_[c]) return {};
    const events::Cell from = all.context.row(i)[*places_[c]];
    const events::ContextColumn& column = log_.context()[*places_[c]];
    if (from.empty()) return {};
    if (column.kind == events::ContextKind::kNumber) {
      return about_.context[c].kind == events::ContextKind::kNumber
                 ? from
                 : runtime::cell_of(about_.context[c],
                                    events::text_of(from.number()));
    }
    return runtime::cell_of(about_.context[c], column.values.name(from.code()));
  }

  const events::Log& log_;
  const artifact::Description& about_;
  std::vector<std::optional<std::size_t>> places_;
};

events::Millis end_of(const events::Log& log) {
  return events::Millis{count(std::ranges::max(log.columns().times)) + 1};
}

void print_for_users(const TaskQuestion& question,
                     const tasks::CustomerModel& model, const events::Log& log,
                     events::Millis at) {
  const Reading reading(log, model.about());
  for (const std::string& name : question.users) {
    const auto user = log.user_names().find(name);
    if (!user) throw Error(Code::kNotFound, "unknown user '" + name + "'");
    const tasks::CustomerEvents events = reading.of(events::UserId{*user});
    const auto all = events.view();
    if (all.empty() || all.times.front() >= at) {
      invalid("user '" + name + "' has no event before " +
              judge::show_instant(at));
    }
    std::printf("%s  %s\n", styled(Style::kBold, clip(name, 60)).c_str(),
                answer_text(model.table(), model.answer(all, at)).c_str());
  }
}

// By the same features, all at once, in SQL.
events::Table answers_of_all(const tasks::CustomerModel& model,
                             const events::Log& log, events::Millis at) {
  const auto pairs = data::everyone_at(log, at);
  if (pairs.empty()) {
    invalid("nobody has an event before " + judge::show_instant(at));
  }
  events::Table answers = tasks::answer_columns(
      model.table(), model.table().predict(data::compute_features(
                         log, model.definitions(), pairs)));
  answers.columns[0].name = model.asked().name;
  std::vector<std::size_t> order(pairs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto& lead = answers.columns.back();  // of classes the last one's share
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return lead.number(a) > lead.number(b);
  });
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
  if (question.users.empty() && !question.all_users) {
    invalid("predict: expected --user NAME or --all-users");
  }
  const auto model = tasks::CustomerModel::load(question.model);
  if (model->asked().name != question.task) {
    invalid(question.model + ": answers " + model->asked().name +
            ", expected " + question.task);
  }
  data::SourceOptions source;
  settings.read(source, "data");
  const events::Log log =
      data::Dataset::open(settings.base() / source.dataset).log();
  const events::Millis at = question.at.empty()
                                ? end_of(log)
                                : judge::parse_instant(question.at, "--at");
  const int days = model->asked().horizon_days;
  std::printf(
      "%s\nas of %s%s\n\n",
      styled(Style::kBold, std::string(model->task().question)).c_str(),
      judge::show_instant(at).c_str(),
      days > 0 ? (", " + std::to_string(days) + " days ahead").c_str() : "");
  print_for_users(question, *model, log, at);
  if (!question.all_users) return 0;
  const events::Table answers = answers_of_all(*model, log, at);
  print_first(answers);
  if (!question.out.empty()) {
    data::write_table(question.out, answers);
    std::printf("\n%s: everybody, the highest first\n", question.out.c_str());
  }
  return 0;
}

}  // namespace ensue::apps
