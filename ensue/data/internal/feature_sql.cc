// SPDX-License-Identifier: Apache-2.0
// One expression per kind. `place` is the order of events, `age` the time from
// an event to the as-of instant, both in milliseconds.
#include "ensue/data/internal/feature_sql.h"

#include <array>
#include <charconv>

#include "ensue/features/past.h"

namespace ensue::data {
namespace {

using features::Resolved;
using Among = FeaturePlan::Among;

const std::string kDay = "86400000.0";

// Exact: the shortest digits that read back as the number.
std::string digits(double number) {
  std::array<char, 64> text;
  const auto end = std::to_chars(text.begin(), text.end(), number).ptr;
  return "CAST('" + std::string(text.data(), end) + "' AS DOUBLE)";
}

// Whole days, rounded down also before 1970: see features/past.h.
std::string day(const std::string& time) {
  return "((" + time + " + " +
         std::to_string(features::kDayShift * events::kDayMs) +
         ") // 86400000)";
}

Among same_action(const Resolved& r) {
  return {r.action.is != features::ActionRef::Is::kAny, ""};
}

Among same_category(FeaturePlan& plan, const Resolved& r) {
  return {same_action(r).action, plan.category(r)};
}

std::string ratio(const std::string& part, const std::string& all) {
  return "(" + part + " / nullif(" + all + ", 0)::DOUBLE)";
}

// The last event of its kind before t stands for all of them.
std::string last_before(const std::string& next) {
  return "(" + next + " IS NULL OR " + next + " >= t)";
}

std::string recency(FeaturePlan& plan, const Resolved& r) {
  return "(" + plan.aggregate("min", "age", plan.of(r)) + " / " + kDay + ")";
}

std::string age(FeaturePlan& plan, const Resolved& r) {
  return "(" + plan.aggregate("max", "age", plan.of(r)) + " / " + kDay + ")";
}

std::string count(FeaturePlan& plan, const Resolved& r) {
  return plan.events(plan.of(r));
}

std::string instants(FeaturePlan& plan, const Resolved& r) {
  const std::string next = plan.next_time(same_action(r));
  return plan.events(both(plan.of(r), "(" + next + " IS NULL OR " + next +
                                          " >= t OR " + next + " > \"time\")"));
}

std::string days_active(FeaturePlan& plan, const Resolved& r) {
  const std::string next = plan.next_time(same_action(r));
  return plan.events(both(plan.of(r), "(" + next + " IS NULL OR " + next +
                                          " >= t OR " + day(next) + " > " +
                                          day("\"time\"") + ")"));
}

std::string pace(FeaturePlan& plan, const Resolved& r) {
  return "(" + instants(plan, r) + " / greatest(1.0, coalesce(" + age(plan, r) +
         ", 1.0)))";
}

std::string rate(FeaturePlan& plan, const Resolved& r) {
  Resolved other = r;
  other.action = r.other;
  return ratio(count(plan, other), count(plan, r));
}

std::string trend(FeaturePlan& plan, const Resolved& r) {
  const double days = r.definition.window_days;
  const std::string now = count(plan, r);
  const std::string earlier =
      plan.events(both(plan.of_action(r.action), plan.aged(2 * days, days)));
  return ratio("(" + now + " - " + earlier + ")",
               "(" + now + " + " + earlier + ")");
}

std::string year_ago(FeaturePlan& plan, const Resolved& r) {
  return plan.events(both(plan.of_action(r.action),
                          plan.aged(365, 365 - r.definition.window_days)));
}

std::string sum(FeaturePlan& plan, const Resolved& r) {
  return "coalesce(" + plan.aggregate("sum", plan.number(r), plan.of(r)) +
         ", 0)";
}

std::string mean(FeaturePlan& plan, const Resolved& r) {
  return ratio(plan.aggregate("sum", plan.number(r), plan.of(r)),
               plan.aggregate("count", plan.number(r), plan.of(r)));
}

std::string largest(FeaturePlan& plan, const Resolved& r) {
  return plan.aggregate("max", plan.number(r), plan.of(r));
}

std::string above(FeaturePlan& plan, const Resolved& r) {
  const std::string number = plan.number(r);
  return ratio(
      plan.events(both(plan.of(r), number + " > " + digits(r.definition.low))),
      plan.aggregate("count", number, plan.of(r)));
}

// Calls an aggregate with the days since the instant before, of one event of
// each instant but the first.
std::string of_gaps(FeaturePlan& plan, const Resolved& r,
                    const std::string& aggregate) {
  const std::string before = plan.previous_time(same_action(r));
  return plan.aggregate(aggregate,
                        "((\"time\" - " + before + ") / " + kDay + ")",
                        both(plan.of_action(r.action), "\"time\" > " + before));
}

std::string gap_mean(FeaturePlan& plan, const Resolved& r) {
  return ratio(of_gaps(plan, r, "sum"), of_gaps(plan, r, "count"));
}

std::string gap_deviation(FeaturePlan& plan, const Resolved& r) {
  return "(CASE WHEN " + of_gaps(plan, r, "count") + " >= 2 THEN " +
         of_gaps(plan, r, "stddev_pop") + " END)";
}

std::string overdue(FeaturePlan& plan, const Resolved& r) {
  return ratio(recency(plan, r), gap_mean(plan, r));
}

std::string sessions(FeaturePlan& plan, const Resolved& r) {
  const std::string before = plan.previous_time({});
  return plan.events(both(
      plan.of(r), "(" + before + " IS NULL OR \"time\" - " + before + " > " +
                      std::to_string(features::kSessionGapMs) + ")"));
}

std::string session_events(FeaturePlan& plan, const Resolved& r) {
  return ratio(count(plan, r), sessions(plan, r));
}

// Of events that are followed by another one of the session.
std::string of_stays(FeaturePlan& plan, const Resolved& r,
                     const std::string& aggregate) {
  const std::string next = plan.next_time({});
  return plan.aggregate(
      aggregate, "((" + next + " - \"time\") / 1000.0)",
      both(plan.of(r), next + " < t AND " + next + " - \"time\" <= " +
                           std::to_string(features::kSessionGapMs)));
}

std::string dwell(FeaturePlan& plan, const Resolved& r) {
  return "coalesce(" + of_stays(plan, r, "sum") + ", 0)";
}

std::string mean_dwell(FeaturePlan& plan, const Resolved& r) {
  return ratio(of_stays(plan, r, "sum"), of_stays(plan, r, "count"));
}

// Of events of the session that is open at t, when there is one.
std::string if_open(FeaturePlan& plan, const std::string& number) {
  return "(CASE WHEN " + plan.aggregate("min", "age", "") +
         " <= " + std::to_string(features::kSessionGapMs) + " THEN " + number +
         " ELSE 0 END)";
}

std::string in_open(FeaturePlan& plan, const Resolved& r) {
  const std::string next = plan.next_session();
  return both(plan.of(r), "(" + next + " IS NULL OR " + next + " >= t)");
}

std::string open_count(FeaturePlan& plan, const Resolved& r) {
  return if_open(plan, plan.events(in_open(plan, r)));
}

std::string open_minutes(FeaturePlan& plan, const Resolved& r) {
  return if_open(plan, "((" + plan.aggregate("max", "age", in_open(plan, r)) +
                           " - " + plan.aggregate("min", "age", "") +
                           ") / 60000.0)");
}

std::string open_distinct(FeaturePlan& plan, const Resolved& r) {
  const std::string known =
      both(in_open(plan, r), plan.category(r) + " IS NOT NULL");
  const std::string next = plan.next_time(same_category(plan, r));
  return if_open(plan, plan.events(both(known, last_before(next))));
}

std::string open_sum(FeaturePlan& plan, const Resolved& r) {
  return if_open(plan,
                 "coalesce(" +
                     plan.aggregate("sum", plan.number(r), in_open(plan, r)) +
                     ", 0)");
}

std::string inside(FeaturePlan& plan, const Resolved& r,
                   const std::string& number) {
  const std::string condition = number + " >= " + digits(r.definition.low) +
                                " AND " + number + " < " +
                                digits(r.definition.high);
  return ratio(plan.events(both(plan.of(r), condition)), count(plan, r));
}

std::string hour(const std::string& time) {
  return "(((" + time + " + " +
         std::to_string(features::kDayShift * events::kDayMs) +
         ") % 86400000) // 3600000)";
}

std::string weekday(const std::string& time) {
  return "((" + day(time) + " + 3) % 7)";
}

std::string hours(FeaturePlan& plan, const Resolved& r) {
  return inside(plan, r, hour("\"time\""));
}

std::string weekdays(FeaturePlan& plan, const Resolved& r) {
  return inside(plan, r, weekday("\"time\""));
}

std::string calendar(FeaturePlan&, const Resolved& r) {
  const std::string& part = r.definition.column;
  if (part == "hour") return hour("p.t");
  if (part == "weekday") return weekday("p.t");
  return std::string(part == "month" ? "month" : "dayofyear") +
         "(make_timestamp(p.t * 1000))";
}

std::string distinct(FeaturePlan& plan, const Resolved& r) {
  const std::string next = plan.next_time(same_category(plan, r));
  return plan.events(both(both(plan.of(r), plan.category(r) + " IS NOT NULL"),
                          last_before(next)));
}

// sum of c ln c over counts c is the sum over events of k ln k - (k-1) ln(k-1),
// k being an event's rank among those of its category.
std::string entropy(FeaturePlan& plan, const Resolved& r) {
  const std::string k = plan.rank(same_category(plan, r));
  const std::string known = both(plan.of(r), plan.category(r) + " IS NOT NULL");
  const std::string n = "nullif(" + plan.events(known) + ", 0)";
  const std::string sum = plan.aggregate(
      "sum",
      k + " * ln(" + k + ") - (" + k + " - 1) * ln(greatest(" + k + " - 1, 1))",
      known);
  // With NULL greatest() takes the other one: unknown stays unknown by CASE.
  return "(CASE WHEN " + n + " IS NOT NULL THEN greatest(0.0, ln(" + n +
         ") - " + sum + " / " + n + ") END)";
}

std::string top_share(FeaturePlan& plan, const Resolved& r) {
  const std::string known = both(plan.of(r), plan.category(r) + " IS NOT NULL");
  const std::string k = plan.rank(same_category(plan, r));
  return ratio(plan.aggregate("max", k, known), plan.events(known));
}

std::string share(FeaturePlan& plan, const Resolved& r) {
  const std::string column = plan.category(r);
  const std::string all =
      plan.events(both(plan.of(r), column + " IS NOT NULL"));
  const std::string hits =
      r.code == features::EventColumn::kNothing
          ? "0"
          : plan.events(
                both(plan.of(r), column + " = " + std::to_string(r.code)));
  return ratio(hits, all);
}

}  // namespace

const Catalog<FeatureSql>& feature_sql() {
  static const Catalog<FeatureSql> list("kind of feature",
                                        {{"recency", recency},
                                         {"age", age},
                                         {"count", count},
                                         {"instants", instants},
                                         {"days_active", days_active},
                                         {"pace", pace},
                                         {"rate", rate},
                                         {"trend", trend},
                                         {"year_ago", year_ago},
                                         {"sum", sum},
                                         {"mean", mean},
                                         {"largest", largest},
                                         {"above", above},
                                         {"gap_mean", gap_mean},
                                         {"gap_deviation", gap_deviation},
                                         {"overdue", overdue},
                                         {"sessions", sessions},
                                         {"session_events", session_events},
                                         {"dwell", dwell},
                                         {"mean_dwell", mean_dwell},
                                         {"open_count", open_count},
                                         {"open_minutes", open_minutes},
                                         {"open_distinct", open_distinct},
                                         {"open_sum", open_sum},
                                         {"hours", hours},
                                         {"weekdays", weekdays},
                                         {"calendar", calendar},
                                         {"distinct", distinct},
                                         {"entropy", entropy},
                                         {"top_share", top_share},
                                         {"share", share}});
  return list;
}

std::string feature_value(FeaturePlan& plan, const Resolved& r) {
  const std::string value =
      feature_sql().find(r.definition.kind).value(plan, r);
  if (r.definition.edges.empty()) return value;
  std::string out = "(1";
  for (const double edge : r.definition.edges) {
    out += " + (" + value + " > " + digits(edge) + ")::INTEGER";
  }
  return out + ")";
}

}  // namespace ensue::data
