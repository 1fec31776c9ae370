// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/asked_users.h"

#include <algorithm>

#include "ensue/base/error.h"
#include "ensue/data/dataset.h"
#include "ensue/data/options.h"
#include "ensue/judge/instants.h"
#include "ensue/runtime/engine.h"

namespace ensue::apps {

LogReading::LogReading(const events::Log& log,
                       const artifact::Description& about)
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

tasks::CustomerEvents LogReading::of(events::UserId user) const {
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

events::Cell LogReading::cell(const events::History& all, std::size_t i,
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

AskedLog asked_log(const TaskQuestion& question, const Settings& settings) {
  if (question.users.empty() && !question.all_users) {
    invalid("predict: expected --user NAME or --all-users");
  }
  data::SourceOptions source;
  settings.read(source, "data");
  AskedLog out{data::Dataset::open(settings.base() / source.dataset).log()};
  out.at = question.at.empty() ? end_of(out.log)
                               : judge::parse_instant(question.at, "--at");
  return out;
}

events::Millis end_of(const events::Log& log) {
  return events::Millis{count(std::ranges::max(log.columns().times)) + 1};
}

events::UserId find_user(const AskedLog& asked, const std::string& name) {
  const auto user = asked.log.user_names().find(name);
  if (!user) throw Error(Code::kNotFound, "unknown user '" + name + "'");
  const events::History all = asked.log.history(events::UserId{*user});
  if (all.empty() || all.times.front() >= asked.at) {
    invalid("user '" + name + "' has no event before " +
            judge::show_instant(asked.at));
  }
  return events::UserId{*user};
}

std::vector<events::UserId> everybody(const AskedLog& asked) {
  std::vector<events::UserId> out;
  for (std::uint32_t u = 0; u < asked.log.users(); ++u) {
    const auto all = asked.log.history(events::UserId{u});
    if (!all.empty() && all.times.front() < asked.at) {
      out.push_back(events::UserId{u});
    }
  }
  if (out.empty()) {
    invalid("nobody has an event before " + judge::show_instant(asked.at));
  }
  return out;
}

}  // namespace ensue::apps
