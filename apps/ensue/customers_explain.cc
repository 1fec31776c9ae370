// SPDX-License-Identifier: Apache-2.0
// Why a question about customers was answered so.
#include <algorithm>
#include <cstdio>
#include <iterator>

#include "apps/ensue/asked_users.h"
#include "apps/ensue/customers.h"
#include "apps/ensue/explain_text.h"
#include "apps/ensue/reasons_page.h"
#include "apps/ensue/reasons_text.h"
#include "apps/ensue/rows.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/base/time_text.h"
#include "ensue/data/features.h"
#include "ensue/judge/instants.h"
#include "ensue/tasks/customer_reasons.h"
#include "ensue/tasks/next_item.h"

namespace ensue::apps {
namespace {

using tasks::CustomerModel, tasks::CustomerReasons;

constexpr std::size_t kRuleCustomers = 20'000, kTakenAtOnce = 3;

// One customer's reasons, and the words for each.
struct Told {
  std::string name;
  CustomerReasons reasons;
  std::vector<std::string> events, instants;  // by place among the reasons
};

std::string words_of(const artifact::Description& about,
                     const events::History& past,
                     const explain::EventReason& reason, events::Millis at) {
  const std::size_t i = reason.event;
  const std::size_t item = events::index(past.items[i]);
  std::string out =
      events::index(past.actions[i]) < about.actions.size()
          ? done(about.actions.name(events::index(past.actions[i])))
          : "something else";
  if (item < about.items.size()) {
    const std::string title = tasks::title_of(about, item);
    out += " " + (title.empty() ? std::string(about.items.name(item)) : title);
  }
  if (reason.events > 1) {
    out = std::to_string(reason.events) + " events: " + out + ", …";
  }
  return clip(out, 44) + ", " +
         ago(events::count(at) - events::count(past.times[i]));
}

Told tell(const CustomerModel& model, const events::History& all,
          events::Millis at, const std::string& name, std::size_t max_events) {
  const events::History past = tasks::before(all, at);
  Told out{name, tasks::explain_customer(model, past, at, max_events), {}, {}};
  const auto words = [&](const explain::EventReason& reason) {
    return words_of(model.about(), past, reason, at);
  };
  std::ranges::transform(out.reasons.events, std::back_inserter(out.events),
                         words);
  std::ranges::transform(out.reasons.instants, std::back_inserter(out.instants),
                         words);
  return out;
}

// Of past events or instants, in their words.
std::vector<SignedRow> event_rows(
    const std::vector<explain::EventReason>& reasons,
    const std::vector<std::string>& words) {
  std::vector<SignedRow> out;
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    out.push_back({words[i], "", reasons[i].moved});
  }
  return out;
}

void print(const Told& told, const WhyQuestion& question, const char* unit) {
  const CustomerReasons& why = told.reasons;
  std::printf(
      "%s  %s\n  %s %.3f before calibration = %.3f of everybody + what "
      "features add:\n",
      styled(Style::kBold, clip(told.name, 60)).c_str(),
      fixed(why.answer, 4).c_str(), unit, why.features.margin,
      why.features.base);
  const auto table = [&](const std::vector<SignedRow>& rows, const char* name,
                         const char* note, const char* value) {
    return signed_table(rows, question.shown, {name, note, value});
  };
  std::printf(
      "%s  without this event it would be less by:\n%s",
      table(signed_rows(why.features), "feature", "value", "added").c_str(),
      table(event_rows(why.events, told.events), "event", "", "moved").c_str());
  if (!why.instants.empty()) {
    std::printf(
        "  and without all of an instant by:\n%s",
        table(event_rows(why.instants, told.instants), "instant", "", "moved")
            .c_str());
  }
  if (why.not_looked_at > 0) {
    std::printf("  not looked at: %zu earlier events (--max-events)\n",
                why.not_looked_at);
  }
  std::printf("\n");
}

JsonObject to_json(const Told& told) {
  JsonArray features, events, instants;
  for (const SignedRow& row : signed_rows(told.reasons.features)) {
    features.push_back(JsonObject{
        {"feature", row.name}, {"value", row.note}, {"added", row.value}});
  }
  for (std::size_t i = 0; i < told.events.size(); ++i) {
    events.push_back(JsonObject{{"place", told.reasons.events[i].event},
                                {"event", told.events[i]},
                                {"moved", told.reasons.events[i].moved}});
  }
  for (std::size_t i = 0; i < told.instants.size(); ++i) {
    const explain::EventReason& reason = told.reasons.instants[i];
    instants.push_back(JsonObject{{"place", reason.event},
                                  {"events", reason.events},
                                  {"instant", told.instants[i]},
                                  {"moved", reason.moved}});
  }
  return {{"user", told.name},
          {"answer", told.reasons.answer},
          {"margin", told.reasons.features.margin},
          {"base", told.reasons.features.base},
          {"features", std::move(features)},
          {"events", std::move(events)},
          {"instants", std::move(instants)},
          {"not_looked_at", told.reasons.not_looked_at}};
}

ReasonsSection section_of(const Told& told, const char* unit) {
  ReasonsSection out{
      told.name,
      "answer " + fixed(told.reasons.answer, 4) + ", " + unit + " " +
          fixed(told.reasons.features.margin, 3) +
          " before calibration = " + fixed(told.reasons.features.base, 3) +
          " of everybody + what features add",
      {{"what each feature adds", chart_rows(told.reasons.features)},
       {"what each event moves",
        event_rows(told.reasons.events, told.events)}}};
  if (told.instants.empty()) return out;
  out.charts.push_back({"what each instant moves",
                        event_rows(told.reasons.instants, told.instants)});
  return out;
}

// Users drawn by chance, at most `most`.
std::vector<events::UserId> drawn(const AskedLog& asked, std::size_t most) {
  std::vector<events::UserId> out = everybody(asked);
  Rng rng(1);
  shuffle(out, rng);
  out.resize(std::min(out.size(), most));
  return out;
}

void print_rules(const CustomerModel& model, const AskedLog& asked, int depth) {
  const LogReading reading(asked.log, model.about());
  const auto users = drawn(asked, kRuleCustomers);
  events::Table parts[2];
  std::vector<double> answers[2];
  for (std::size_t i = 0; i < users.size(); ++i) {
    const auto past = reading.of(users[i]);
    const events::Table row = model.features(past.view(), asked.at);
    events::Table& to = parts[i % 2];
    answers[i % 2].push_back(model.table().predict(row)[0]);
    if (to.columns.empty()) {
      to = row;
      continue;
    }
    for (std::size_t c = 0; c < to.columns.size(); ++c) {
      std::visit(
          [&](auto& cells) {
            using Cells = std::remove_cvref_t<decltype(cells)>;
            cells.push_back(std::get<Cells>(row.columns[c].cells)[0]);
          },
          to.columns[c].cells);
    }
  }
  std::printf("%s", rules_text(parts, answers, depth, "customers").c_str());
}

void print_faithfulness(const CustomerModel& model, const AskedLog& asked,
                        const WhyQuestion& question) {
  const LogReading reading(asked.log, model.about());
  const auto score = tasks::margin_of(model, asked.at);
  explain::FaithfulnessCheck check(kTakenAtOnce);
  for (const events::UserId user : drawn(asked, question.faithful)) {
    const auto all = reading.of(user);
    const events::History past = tasks::before(all.view(), asked.at);
    check.add(score, past,
              explain::leave_events_out(score, past, question.max_events));
  }
  const explain::Faithfulness found = check.result();
  std::printf(
      "faithful? of %zu customers with more than %zu events, taking the %zu "
      "that reasons name first moves the margin by %.3f, %zu random ones by "
      "%.3f: %.1f times as much\n",
      found.histories, kTakenAtOnce, kTakenAtOnce, found.top, kTakenAtOnce,
      found.random, found.ratio());
}

}  // namespace

int explain_customers(const WhyQuestion& question, const Settings& settings) {
  refuse_rows(question);
  if (question.users.empty() && question.rules == 0 && question.faithful == 0) {
    invalid("explain: expected --user NAME, --rules DEPTH or --faithful N");
  }
  const auto model = CustomerModel::load(question.model);
  TaskQuestion whom = question;
  whom.all_users = true;
  const AskedLog asked = asked_log(whom, settings);
  const char* unit = unit_of(model->table().label());
  const std::string title(model->task().question);
  if (!question.json) {
    std::printf(
        "%s\nas of %s, %d days ahead\n\n", styled(Style::kBold, title).c_str(),
        judge::show_instant(asked.at).c_str(), model->asked().horizon_days);
  }
  const LogReading reading(asked.log, model->about());
  std::vector<ReasonsSection> sections;
  for (const std::string& name : question.users) {
    const auto all = reading.of(find_user(asked, name));
    const Told told =
        tell(*model, all.view(), asked.at, name, question.max_events);
    if (question.json) {
      std::printf("%s\n", to_text(to_json(told)).c_str());
    } else {
      print(told, question, unit);
    }
    sections.push_back(section_of(told, unit));
  }
  if (question.rules > 0) print_rules(*model, asked, question.rules);
  if (question.faithful > 0) print_faithfulness(*model, asked, question);
  write_page(question, title, sections);
  return 0;
}

}  // namespace ensue::apps
