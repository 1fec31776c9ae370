// SPDX-License-Identifier: Apache-2.0
// ensue train --task profile, ensue predict profile: one customer.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>

#include "apps/ensue/asked_users.h"
#include "apps/ensue/customer.h"
#include "apps/ensue/task_commands.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/time_text.h"
#include "ensue/classic/profile.h"
#include "ensue/data/dataset.h"
#include "ensue/data/export.h"
#include "ensue/data/options.h"
#include "ensue/features/defaults.h"
#include "ensue/judge/instants.h"
#include "ensue/tasks/customer_model.h"
#include "ensue/tasks/next_item.h"
#include "ensue/tasks/profile.h"

namespace ensue::apps {
namespace {

constexpr const char* kTask = "profile";

struct ProfileSettings {
  std::string name = kTask, action;
  classic::ProfileOptions fit;
  void visit(auto&& field) {
    field("name", name, "the task");
    field("action", action, "what the shop is after; empty: its main action");
    field("category", fit.category,
          "profile: item column of categories; empty: found, else the words "
          "of titles");
    field("price", fit.price, "profile: item column; else the events' values");
    field("recent_days", fit.recent_days, "profile: days that count as lately");
    field("neighbours", fit.neighbours, "kept lifts of an item");
    field("discount", fit.discount,
          "profile, segments: event columns of money off; none said: those "
          "called discount, retail_disc, coupon_disc, …; none: do not look");
  }
};

std::string percent(double share) { return fixed(100 * share, 0) + " %"; }

int train(const Settings& settings) {
  ProfileSettings task;
  data::SourceOptions source;
  read_task(task, settings);
  settings.read(source, "data");
  const events::Log log =
      data::Dataset::open(settings.base() / source.dataset).log();
  task.fit.buying =
      task.action.empty() ? features::main_action(log) : task.action;
  const auto draft = classic::fit_profile(log, end_of(log), task.fit);
  const tasks::ProfileModel model(
      artifact::Artifact::from_bytes(draft.bytes(), kTask));
  const auto path = task_model_path(kTask);
  std::filesystem::create_directories(path.parent_path());
  draft.write(path);
  std::printf("interests are %s of the items; a purchase is '%s'\n",
              model.topics() == "words"
                  ? "words of the titles"
                  : ("values of '" + model.topics() + "'").c_str(),
              task.fit.buying.c_str());
  if (const auto share = model.discounted_share()) {
    std::printf("%s of a customer's purchases are with money off, on average\n",
                percent(*share).c_str());
  }
  std::printf("\n%s: ask it with: ensue predict profile --user NAME\n",
              path.c_str());
  return 0;
}

// Models at hand that know more than a profile does.
class Others {
 public:
  explicit Others(const AskedLog& asked) : asked_(asked) {
    const CustomerOptions usual;
    if (std::filesystem::exists(usual.model)) {
      engine_ = runtime::Engine::load(usual.model);
      translation_ =
          std::make_unique<runtime::Translation>(asked.log, *engine_);
    }
    const auto path = task_model_path("retention");
    if (!std::filesystem::exists(path)) return;
    retention_ = tasks::CustomerModel::load(path);
    reading_ = std::make_unique<LogReading>(asked.log, retention_->about());
  }

  // The likeliest next items, and the chance not to come back.
  void add(events::UserId user, tasks::Profile& profile) const {
    if (engine_ != nullptr) {
      const auto all = asked_.log.history(user);
      const auto known = static_cast<std::size_t>(
          std::ranges::lower_bound(all.times, asked_.at) - all.times.begin());
      const auto past = translation_->translate(all.first(known));
      profile.offers.clear();
      for (const auto& one : tasks::next_items(*engine_, past.view(), {},
                                               tasks::ProfileModel::kOffers)) {
        profile.offers.push_back({one.name, one.title, one.score});
      }
      profile.offered_by = "next_item";
    }
    if (retention_ != nullptr) {
      const auto events = reading_->of(user);
      profile.risk =
          tasks::risk_from(retention_->answer(events.view(), asked_.at)[0],
                           retention_->asked().horizon_days);
    }
  }

 private:
  const AskedLog& asked_;
  std::shared_ptr<const runtime::Engine> engine_;
  std::unique_ptr<runtime::Translation> translation_;
  std::shared_ptr<const tasks::CustomerModel> retention_;
  std::unique_ptr<LogReading> reading_;
};

std::string day_text(events::Millis time) {
  return time_text(events::count(time)).substr(0, 10);
}

void print_interests(const char* what,
                     const std::vector<tasks::Interest>& interests) {
  std::string out;
  for (const tasks::Interest& one : interests) {
    out += (out.empty() ? "" : ", ") + clip(one.name, 30) + " " +
           percent(one.share) + " (x" + fixed(one.lift, 1) + ")";
  }
  std::printf("  %-12s%s\n", what, out.empty() ? "-" : out.c_str());
}

void print_rhythm(const tasks::Profile& profile) {
  if (!profile.rhythm) return;
  const tasks::Rhythm& rhythm = *profile.rhythm;
  std::printf("  %-12s%zu purchase days", "rhythm", rhythm.days);
  if (rhythm.due) {
    std::printf(", every %s days, due %s", fixed(rhythm.gap, 1).c_str(),
                day_text(*rhythm.due).c_str());
  }
  std::printf("; %s (%s), about %d:00 UTC (%s); silent for %s days\n",
              rhythm.weekday.c_str(), percent(rhythm.weekday_share).c_str(),
              rhythm.hour, percent(rhythm.hour_share).c_str(),
              fixed(rhythm.silence, 0).c_str());
}

void print_discount(const tasks::Profile& profile) {
  if (!profile.discount) return;
  const tasks::DiscountUse& use = *profile.discount;
  std::printf(
      "  %-12s%s: %s of %zu purchases, %s expected; %+.1f points (%+.1f "
      "to %+.1f), drawn by %s purchases\n",
      "discount", use.word.c_str(), percent(use.share).c_str(), use.purchases,
      percent(use.expected).c_str(), 100 * use.difference, 100 * use.low,
      100 * use.high, fixed(use.drawn_by, 1).c_str());
}

void print_profile(const std::string& name, const tasks::Profile& profile) {
  std::printf("%s  %zu events, %zu purchases, spent %s, %s to %s\n",
              styled(Style::kBold, clip(name, 60)).c_str(), profile.events,
              profile.purchases, fixed(profile.spend, 2).c_str(),
              day_text(profile.first).c_str(), day_text(profile.last).c_str());
  print_interests("favourites", profile.favourites);
  print_interests("long-term", profile.long_term);
  print_interests("lately", profile.short_term);
  if (profile.price) {
    std::printf("  %-12s%s: %s, mostly %s to %s\n", "price",
                profile.price->name.c_str(),
                fixed(profile.price->middle, 2).c_str(),
                fixed(profile.price->low, 2).c_str(),
                fixed(profile.price->high, 2).c_str());
  }
  print_rhythm(profile);
  print_discount(profile);
  std::string offers;
  for (const tasks::Offer& offer : profile.offers) {
    offers += (offers.empty() ? "" : ", ") +
              clip(offer.title.empty() ? offer.item : offer.title, 40);
  }
  std::printf("  %-12s%s (by %s)\n", "offer", offers.c_str(),
              profile.offered_by.c_str());
  if (profile.risk) {
    std::printf("  %-12s%s by %s: %s\n", "risk",
                fixed(profile.risk->value, 4).c_str(), profile.risk->by.c_str(),
                profile.risk->words.c_str());
  }
  std::printf("\n");
}

// A row of numbers and texts; NaN and "" where nothing is known.
class Rows {
 public:
  void add(const std::string& user, const tasks::Profile& p) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    const auto first = [](const std::vector<tasks::Interest>& interests) {
      return interests.empty() ? std::string() : interests.front().name;
    };
    const bool due = p.rhythm && p.rhythm->due;
    text("user", user);
    number("events", static_cast<double>(p.events));
    number("purchases", static_cast<double>(p.purchases));
    number("spend", p.spend);
    text("favourite", first(p.favourites));
    text("long_term", first(p.long_term));
    text("short_term", first(p.short_term));
    text("price_band", p.price ? p.price->name : "");
    number("gap_days", due ? p.rhythm->gap : kNone);
    text("due", due ? day_text(*p.rhythm->due) : "");
    number("silence_days", p.rhythm ? p.rhythm->silence : kNone);
    text("offer", p.offers.empty() ? "" : p.offers.front().item);
    number("risk", p.risk ? p.risk->value : kNone);
    text("risk_by", p.risk ? p.risk->by : "");
    text("discount", p.discount ? p.discount->word : "");
    number("discount_share", p.discount ? p.discount->share : kNone);
    number("discount_expected", p.discount ? p.discount->expected : kNone);
    number("discount_difference", p.discount ? p.discount->difference : kNone);
    number("discount_low", p.discount ? p.discount->low : kNone);
    number("discount_high", p.discount ? p.discount->high : kNone);
    place_ = 0;
  }
  const events::Table& table() const { return table_; }

 private:
  void text(const char* name, std::string value) {
    cells<std::vector<std::string>>(name).push_back(std::move(value));
  }
  void number(const char* name, double value) {
    cells<std::vector<double>>(name).push_back(value);
  }
  template <class T>
  T& cells(const char* name) {
    if (place_ == table_.columns.size()) table_.columns.push_back({name, T()});
    return std::get<T>(table_.columns[place_++].cells);
  }

  events::Table table_;
  std::size_t place_ = 0;
};

int predict(const TaskQuestion& question, const Settings& settings) {
  const tasks::ProfileModel model(artifact::Artifact::load(question.model));
  const AskedLog asked = asked_log(question, settings);
  std::printf("as of %s\n\n", judge::show_instant(asked.at).c_str());
  const LogReading reading(asked.log, model.about());
  const Others others(asked);
  const auto of = [&](events::UserId user) {
    const auto events = reading.of(user);
    tasks::Profile out = model.describe(events.view(), asked.at);
    others.add(user, out);
    return out;
  };
  for (const std::string& name : question.users) {
    print_profile(name, of(find_user(asked, name)));
  }
  if (!question.all_users) return 0;
  Rows rows;
  for (const events::UserId user : everybody(asked)) {
    rows.add(std::string(asked.log.user_names().name(index(user))), of(user));
  }
  std::printf("%s customers\n", grouped(rows.table().rows()).c_str());
  if (!question.out.empty()) {
    data::write_table(question.out, rows.table(), {"events", "purchases"});
    std::printf("\n%s: everybody, a row each\n", question.out.c_str());
  }
  return 0;
}

}  // namespace

TaskCommand profile_command() {
  return {.name = kTask,
          .fields = describe_fields<ProfileSettings>,
          .trains =
              [](const Settings& settings) {
                return settings.section("task").at("name") == Json(kTask);
              },
          .train = train,
          .holds = tasks::ProfileModel::is_one,
          .predict = predict};
}

}  // namespace ensue::apps
