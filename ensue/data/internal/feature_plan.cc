// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>

#include "ensue/data/internal/feature_sql.h"

namespace ensue::data {
namespace {

// Place of the text in the list, which gets it when it is new.
std::size_t place_in(std::vector<std::string>& list, const std::string& text) {
  const auto it = std::find(list.begin(), list.end(), text);
  const auto place = static_cast<std::size_t>(it - list.begin());
  if (it == list.end()) list.push_back(text);
  return place;
}

std::string millis(double days) {
  return std::to_string(
      static_cast<std::int64_t>(days * double{events::kDayMs}));
}

}  // namespace

std::string both(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a + b;
  return a + " AND " + b;
}

std::string FeaturePlan::window(const std::string& call, const Among& among) {
  std::string over = "\"user\"";
  if (among.action) over += ", action";
  if (!among.category.empty()) over += ", " + among.category;
  const std::size_t at = place_in(
      windows_, call + " OVER (PARTITION BY " + over + " ORDER BY place)");
  return "w" + std::to_string(at);
}

std::string FeaturePlan::previous_time(const Among& among) {
  return window("lag(\"time\")", among);
}

std::string FeaturePlan::next_time(const Among& among) {
  return window("lead(\"time\")", among);
}

std::string FeaturePlan::next_session() {
  const std::string before = previous_time({});
  const std::size_t at = place_in(
      later_, "min(CASE WHEN \"time\" - " + before + " > " +
                  std::to_string(features::kSessionGapMs) +
                  " THEN \"time\" END) OVER (PARTITION BY \"user\" ORDER BY "
                  "place ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)");
  return "v" + std::to_string(at);
}

std::string FeaturePlan::rank(const Among& among) {
  return window("row_number()", among);
}

std::string FeaturePlan::column(const features::Resolved& r, bool number) {
  const std::string kind = number ? "n" : "c";
  const std::size_t at =
      place_in(column_keys_, kind + " " + r.definition.column);
  const std::string name = kind + std::to_string(at);
  if (at == columns_.size()) columns_.push_back({*r.column, number, name});
  return name;
}

std::string FeaturePlan::number(const features::Resolved& r) {
  return column(r, true);
}

std::string FeaturePlan::category(const features::Resolved& r) {
  return column(r, false);
}

// CASE inside the call, not FILTER behind it: for each filtered aggregate
// DuckDB slices the columns of all of them, which takes twice as long here.
std::string FeaturePlan::aggregate(const std::string& function,
                                   const std::string& argument,
                                   const std::string& condition) {
  const std::string chosen =
      condition.empty()
          ? argument
          : "CASE WHEN " + condition + " THEN " + argument + " END";
  return "a" +
         std::to_string(place_in(aggregates_, function + "(" + chosen + ")"));
}

std::string FeaturePlan::events(const std::string& condition) {
  const std::string call =
      condition.empty() ? "count(*)" : "count_if(" + condition + ")";
  return "coalesce(a" + std::to_string(place_in(aggregates_, call)) + ", 0)";
}

std::string FeaturePlan::of_action(const features::ActionRef& action) {
  switch (action.is) {
    case features::ActionRef::Is::kAny:
      return "";
    case features::ActionRef::Is::kNone:
      return "false";
    case features::ActionRef::Is::kOne:
      break;
  }
  return "action = " + std::to_string(index(action.id));
}

std::string FeaturePlan::aged(double from_days, double to_days) {
  const std::string from = "age <= " + millis(from_days);
  return to_days > 0 ? both(from, "age > " + millis(to_days)) : from;
}

std::string FeaturePlan::of(const features::Resolved& r) {
  const double days = r.definition.window_days;
  return both(of_action(r.action), days > 0 ? aged(days, 0) : "");
}

std::string FeaturePlan::sql(const std::vector<std::string>& values) const {
  std::string seen = "SELECT *";
  for (std::size_t w = 0; w < windows_.size(); ++w) {
    seen += ", " + windows_[w] + " AS w" + std::to_string(w);
  }
  seen += " FROM events()";
  if (!later_.empty()) {
    std::string outer = "SELECT *";
    for (std::size_t v = 0; v < later_.size(); ++v) {
      outer += ", " + later_[v] + " AS v" + std::to_string(v);
    }
    seen = outer + " FROM (" + seen + ")";
  }
  std::string sums = "SELECT \"row\"";
  for (std::size_t a = 0; a < aggregates_.size(); ++a) {
    sums += ", " + aggregates_[a] + " AS a" + std::to_string(a);
  }
  std::string out = "WITH e AS (" + seen +
                    "), j AS (SELECT p.\"row\", p.t, p.t - "
                    "e.\"time\" AS age, e.* FROM e JOIN pairs p ON "
                    "e.\"user\" = p.\"user\" AND e.\"time\" < p.t), s AS (" +
                    sums + " FROM j GROUP BY \"row\") SELECT p.\"row\"";
  for (const std::string& value : values) {
    out += ", CAST(" + value + " AS DOUBLE)";
  }
  return out + " FROM pairs p LEFT JOIN s ON p.\"row\" = s.\"row\"";
}

}  // namespace ensue::data
