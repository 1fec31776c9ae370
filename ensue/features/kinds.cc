// SPDX-License-Identifier: Apache-2.0
#include "ensue/features/kinds.h"

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/features/internal/values.h"

namespace ensue::features {
namespace {

using Window = Kind::Window;

void require(bool good, const Definition& d, const std::string& what) {
  if (!good) {
    invalid("feature '" + d.name + "' of kind " + d.kind + ": " + what);
  }
}

ActionRef find_action(std::string_view name, const Names& names) {
  if (name.empty()) return {};
  const auto id = names.actions.find(name);
  if (!id) return {ActionRef::Is::kNone};
  return {ActionRef::Is::kOne, events::ActionId(*id)};
}

void check_column(const Kind& kind, Resolved& r, const Names& names) {
  const Definition& d = r.definition;
  if (kind.column == Wants::kNoColumn) {
    require(d.column.empty(), d, "takes no column, '" + d.column + "' given");
    return;
  }
  if (kind.column == Wants::kCalendar) {
    require(d.column == "hour" || d.column == "weekday" ||
                d.column == "month" || d.column == "day_of_year",
            d,
            "column '" + d.column +
                "', expected hour, weekday, month or day_of_year");
    return;
  }
  require(!d.column.empty(), d, "needs a column");
  r.column.emplace(d.column, names);
  if (kind.column == Wants::kNumber) {
    require(r.column->is_number(), d,
            "column '" + d.column + "' holds text, expected numbers");
    return;
  }
  require(!r.column->is_product(), d, "a product is no category");
  r.code = r.column->code_of(d.value).value_or(EventColumn::kNothing);
}

void check_window(const Kind& kind, const Definition& d) {
  require(d.window_days >= 0 && d.window_days < 1e5, d,
          "window_days must be from 0 (all) to 100000");
  require(kind.window != Window::kNone || d.window_days == 0, d,
          "takes no window");
  require(kind.window != Window::kNeeded || d.window_days > 0, d,
          "needs window_days above 0");
}

}  // namespace

const Catalog<Kind>& kinds() {
  static const Catalog<Kind> list(
      "kind of feature",
      {
          {.name = "recency",
           .summary = "days since the last event",
           .window = Window::kNone,
           .value = recency},
          {.name = "age",
           .summary = "days since the first event",
           .window = Window::kNone,
           .value = age},
          {.name = "count", .summary = "events", .value = count_events},
          {.name = "instants",
           .summary = "distinct instants with an event: baskets",
           .value = instants},
          {.name = "days_active",
           .summary = "distinct days (UTC) with an event",
           .value = days_active},
          {.name = "pace",
           .summary = "instants per day since the first event, at least a day",
           .window = Window::kNone,
           .value = pace},
          {.name = "rate",
           .summary = "events of `other` per event of `action`",
           .other = true,
           .value = rate},
          {.name = "trend",
           .summary = "(n - m) / (n + m): n events of the window, m of the one "
                      "before it",
           .window = Window::kNeeded,
           .value = trend},
          {.name = "year_ago",
           .summary = "events of the window that began 365 days ago",
           .window = Window::kNeeded,
           .value = year_ago},
          {.name = "sum",
           .summary = "sum of a column",
           .column = Wants::kNumber,
           .value = sum},
          {.name = "mean",
           .summary = "mean of a column",
           .column = Wants::kNumber,
           .value = mean},
          {.name = "largest",
           .summary = "largest number of a column",
           .column = Wants::kNumber,
           .value = largest},
          {.name = "above",
           .summary = "share of events whose column is above `low`",
           .column = Wants::kNumber,
           .value = above},
          {.name = "gap_mean",
           .summary = "mean days between instants",
           .window = Window::kNone,
           .value = gap_mean},
          {.name = "gap_deviation",
           .summary = "standard deviation of the days between instants",
           .window = Window::kNone,
           .value = gap_deviation},
          {.name = "overdue",
           .summary = "recency over gap_mean",
           .window = Window::kNone,
           .value = overdue},
          {.name = "sessions",
           .summary = "sessions that began, cut where 30 minutes are silent",
           .any_only = true,
           .value = sessions},
          {.name = "session_events",
           .summary = "events per session that began",
           .any_only = true,
           .value = session_events},
          {.name = "dwell",
           .summary = "seconds until the session's next event, in all",
           .value = dwell},
          {.name = "mean_dwell",
           .summary = "seconds until the session's next event",
           .value = mean_dwell},
          {.name = "open_count",
           .summary = "events of the session that is open",
           .window = Window::kNone,
           .value = open_count},
          {.name = "open_minutes",
           .summary = "minutes from its first event to its last",
           .any_only = true,
           .window = Window::kNone,
           .value = open_minutes},
          {.name = "open_distinct",
           .summary = "distinct values of a column in it",
           .column = Wants::kCategory,
           .window = Window::kNone,
           .value = open_distinct},
          {.name = "open_sum",
           .summary = "sum of a column in it",
           .column = Wants::kNumber,
           .window = Window::kNone,
           .value = open_sum},
          {.name = "hours",
           .summary = "share of events in the hours [low, high) UTC",
           .value = hours},
          {.name = "weekdays",
           .summary = "share of events on weekdays [low, high), Monday is 0",
           .value = weekdays},
          {.name = "calendar",
           .summary = "hour, weekday, month or day_of_year of the instant",
           .column = Wants::kCalendar,
           .any_only = true,
           .window = Window::kNone,
           .value = calendar},
          {.name = "distinct",
           .summary = "distinct values of a column",
           .column = Wants::kCategory,
           .value = distinct},
          {.name = "entropy",
           .summary = "entropy of a column's values, nats",
           .column = Wants::kCategory,
           .window = Window::kNone,
           .value = entropy},
          {.name = "top_share",
           .summary = "share of the most frequent value of a column",
           .column = Wants::kCategory,
           .window = Window::kNone,
           .value = top_share},
          {.name = "share",
           .summary = "share of events whose column is `value`",
           .column = Wants::kCategory,
           .value = share},
      });
  return list;
}

Resolved resolve(const Definition& definition, const Names& names) {
  require(!definition.name.empty(), definition, "needs a name");
  const Kind& kind = kinds().find(definition.kind);
  Resolved r{definition, find_action(definition.action, names),
             find_action(definition.other, names), std::nullopt,
             EventColumn::kNothing};
  require(!kind.any_only || definition.action.empty(), definition,
          "is of all events, action '" + definition.action + "' given");
  require(kind.other == !definition.other.empty(), definition,
          kind.other ? "needs `other`" : "takes no `other`");
  check_column(kind, r, names);
  check_window(kind, definition);
  return r;
}

double scored(double number, const std::vector<double>& edges) noexcept {
  if (edges.empty() || std::isnan(number)) return number;
  double score = 1;
  for (const double edge : edges) score += number > edge ? 1 : 0;
  return score;
}

}  // namespace ensue::features
