// SPDX-License-Identifier: Apache-2.0
#include "ensue/features/defaults.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <set>

#include "ensue/features/internal/survey.h"
#include "ensue/features/live.h"

namespace ensue::features {
namespace {

// Which action leads to which.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kSteps =
    {{{"impression", "click"},
      {"impression", "view"},
      {"view", "click"},
      {"view", "cart"},
      {"view", "favourite"},
      {"view", "purchase"},
      {"click", "purchase"},
      {"cart", "purchase"},
      {"search", "purchase"},
      {"purchase", "return"},
      {"purchase", "cancel"}}};

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += std::isalnum(byte) != 0 || byte >= 0x80
               ? static_cast<char>(std::tolower(byte))
               : '_';
  }
  return out;
}

std::string window_name(double days) {
  if (days == 0) return "";
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "_%gd", days);
  return text.data();
}

// Gathers definitions; names follow from what they are.
class List {
 public:
  List(bool has_clock, const std::vector<double>& windows)
      : has_clock_(has_clock), windows_(windows) {}

  Definition& add(Definition d, const std::string& name = "") {
    d.name = name.empty() ? name_of(d) : name;
    for (int n = 2; !names_.insert(d.name).second; ++n) {
      d.name = (name.empty() ? name_of(d) : name) + "_" + std::to_string(n);
    }
    list_.push_back(std::move(d));
    return list_.back();
  }
  // Over every window and over all time.
  void add_windows(Definition d) {
    for (const double days : windows_) {
      if (!has_clock_) break;
      d.window_days = days;
      add(d);
    }
    d.window_days = 0;
    add(d);
  }
  void add_clock(const Definition& d, const std::string& name = "") {
    if (has_clock_) add(d, name);
  }
  bool has_clock() const noexcept { return has_clock_; }
  std::vector<Definition> take() { return std::move(list_); }

 private:
  static std::string name_of(const Definition& d) {
    std::string out = d.action.empty() ? "" : plain(d.action) + "_";
    if (!d.column.empty()) out += plain(d.column) + "_";
    out += d.other.empty() ? d.kind : "to_" + plain(d.other);
    if (!d.value.empty()) out += "_" + plain(d.value);
    return out + window_name(d.window_days);
  }

  bool has_clock_;
  const std::vector<double>& windows_;
  std::set<std::string> names_;
  std::vector<Definition> list_;
};

void add_rhythm(List& list, const std::string& action) {
  for (const char* kind : {"gap_mean", "gap_deviation", "overdue", "pace"}) {
    list.add_clock({.kind = kind, .action = action});
  }
  for (const double days : {30.0, 90.0}) {
    list.add_clock({.kind = "trend", .action = action, .window_days = days});
    list.add_clock({.kind = "year_ago", .action = action, .window_days = days});
  }
}

void add_times(List& list) {
  constexpr std::array<std::pair<const char*, double>, 4> kParts = {
      {{"night", 0}, {"morning", 6}, {"afternoon", 12}, {"evening", 18}}};
  for (const auto& [name, from] : kParts) {
    list.add_clock({.kind = "hours", .low = from, .high = from + 6},
                   std::string("hours_") + name);
  }
  list.add_clock({.kind = "weekdays", .low = 5, .high = 7}, "weekend");
  for (const char* part : {"weekday", "month"}) {
    list.add_clock({.kind = "calendar", .column = part});
  }
}

void add_activity(List& list) {
  for (const char* kind : {"recency", "age"}) list.add_clock({.kind = kind});
  list.add_windows({.kind = "count"});
  if (!list.has_clock()) return;
  for (const char* kind :
       {"days_active", "sessions", "session_events", "dwell", "mean_dwell"}) {
    list.add({.kind = kind, .window_days = 30});
    list.add({.kind = kind});
  }
  add_rhythm(list, "");
  add_times(list);
}

void add_actions(List& list, const Survey& survey) {
  for (const std::string& action : survey.actions) {
    if (survey.actions.size() == 1 && action != survey.main) break;
    list.add_clock({.kind = "recency", .action = action});
    list.add_windows({.kind = "count", .action = action});
  }
  for (const auto& [from, to] : kSteps) {
    if (!survey.has_action(from) || !survey.has_action(to)) continue;
    for (const double days : {30.0, 0.0}) {
      if (days > 0 && !list.has_clock()) continue;
      list.add({.kind = "rate",
                .action = std::string(from),
                .other = std::string(to),
                .window_days = days});
    }
  }
}

void add_main(List& list, const Survey& survey) {
  if (survey.main.empty()) return;
  list.add_windows({.kind = "instants", .action = survey.main});
  if (list.has_clock()) {
    list.add({.kind = "age", .action = survey.main});
    list.add({.kind = "days_active", .action = survey.main});
  }
  if (survey.actions.size() > 1) add_rhythm(list, survey.main);
  list.add_windows(
      {.kind = "distinct", .action = survey.main, .column = "item"});
  if (!survey.has_values) return;
  list.add_windows({.kind = "sum", .action = survey.main, .column = "value"});
  for (const char* kind : {"mean", "largest"}) {
    list.add({.kind = kind, .action = survey.main, .column = "value"});
  }
}

void add_diversity(List& list, const Survey& survey) {
  list.add({.kind = "distinct", .column = "item"});
  list.add_clock({.kind = "distinct", .window_days = 30, .column = "item"});
  list.add({.kind = "top_share", .column = "item"});
  list.add({.kind = "entropy", .column = "item"});
  for (const Survey::Categories& column : survey.categories) {
    for (const char* kind : {"distinct", "entropy", "top_share"}) {
      list.add({.kind = kind, .column = column.name});
    }
    for (const std::string& value : column.top) {
      list.add({.kind = "share", .column = column.name, .value = value});
    }
  }
}

void add_numbers(List& list, const Survey& survey) {
  for (const Survey::Numbers& column : survey.numbers) {
    const Definition mean = {.kind = "mean", .column = column.name};
    list.add(mean);
    Definition recent = mean;
    recent.window_days = 90;
    list.add_clock(recent);
    list.add({.kind = "above", .column = column.name, .low = column.median});
    if (survey.actions.size() < 2 || survey.main.empty()) continue;
    list.add({.kind = "mean", .action = survey.main, .column = column.name});
  }
}

void add_rfm(List& list, const events::Log& log, const Survey& survey,
             events::Millis until) {
  if (!list.has_clock() || survey.main.empty()) return;
  const auto scored = [&](Definition d, const char* name) {
    d.name = name;
    d.edges = fifths(log, d, until);
    if (!d.edges.empty()) list.add(d, name);
  };
  scored({.kind = "recency", .action = survey.main}, "rfm_recency");
  scored({.kind = "instants", .action = survey.main}, "rfm_frequency");
  if (!survey.has_values) return;
  scored({.kind = "sum", .action = survey.main, .column = "value"},
         "rfm_monetary");
}

}  // namespace

std::vector<Definition> default_definitions(const events::Log& log,
                                            const DefaultOptions& options) {
  const Survey survey = look_over(log, options);
  List list(log.schema().has_clock, options.windows);
  add_activity(list);
  add_actions(list, survey);
  add_main(list, survey);
  add_diversity(list, survey);
  add_numbers(list, survey);
  add_rfm(list, log, survey, std::min(options.until, survey.end));
  return list.take();
}

std::vector<std::string> category_columns(const events::Log& log,
                                          events::Millis until) {
  std::vector<std::string> out;
  for (const Survey::Categories& column :
       look_over(log, {.until = until}).categories) {
    out.push_back(column.name);
  }
  return out;
}

std::vector<double> fifths(const events::Log& log, const Definition& definition,
                           events::Millis at) {
  constexpr std::size_t kUsers = 100'000;
  Definition plain = definition;
  plain.edges.clear();
  const Live live(std::span(&plain, 1), names_of(log));
  std::vector<double> numbers;
  const std::size_t step = log.users() / kUsers + 1;
  for (std::size_t u = 0; u < log.users(); u += step) {
    const auto history =
        log.history(events::UserId{static_cast<std::uint32_t>(u)});
    if (history.empty() || history.times[0] >= at) continue;
    const double number = live.values(history, at)[0];
    if (!std::isnan(number)) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  std::vector<double> edges;
  for (std::size_t fifth = 1; fifth < 5 && numbers.size() > 4; ++fifth) {
    const double edge = numbers[numbers.size() * fifth / 5];
    if (edge < numbers.back() && (edges.empty() || edge > edges.back())) {
      edges.push_back(edge);
    }
  }
  return edges;
}

}  // namespace ensue::features
