// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/report/report.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "apps/ensue/report/chart.h"
#include "apps/ensue/report/html.h"
#include "apps/ensue/terminal.h"

namespace ensue::apps {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string text_of(const Json& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_uint64()) return grouped(value.get_uint64());
  if (value.is_int64() && value.get_int64() >= 0) {
    return grouped(static_cast<std::uint64_t>(value.get_int64()));
  }
  return to_text(value);
}

std::string with_interval(const judge::Interval& value,
                          const char* between = " ") {
  return fixed(value.mean, 4) + between + "[" + fixed(value.low, 4) + ", " +
         fixed(value.high, 4) + "]";
}

const judge::Interval* find_metric(const judge::Evaluation& evaluation,
                                   const std::string& metric) {
  const auto found = evaluation.metrics.find(metric);
  return found == evaluation.metrics.end() ? nullptr : &found->second;
}

// ---- results

std::string results_table(const Report& report) {
  std::vector<std::string> names;
  for (const auto& [name, value] : report.evaluations.front().metrics) {
    names.push_back(name);
  }
  std::ranges::stable_partition(
      names, [&](const std::string& n) { return n == report.metric; });
  std::vector<std::string> header = {"model"};
  header.insert(header.end(), names.begin(), names.end());
  for (const auto& [name, value] : report.evaluations.front().totals) {
    header.push_back(name);
  }
  Rows rows;
  for (const judge::Evaluation& evaluation : report.evaluations) {
    std::vector<std::string> row = {evaluation.model};
    for (const std::string& name : names) {
      const judge::Interval* value = find_metric(evaluation, name);
      row.push_back(value == nullptr ? "-" : with_interval(*value, "\n"));
    }
    for (const auto& [name, unused] : report.evaluations.front().totals) {
      const auto found = evaluation.totals.find(name);
      row.push_back(found == evaluation.totals.end() ? "-"
                                                     : fixed(found->second, 4));
    }
    rows.push_back(std::move(row));
  }
  return html::table(header, rows, /*emphasised=*/0);
}

std::string results_chart(const Report& report) {
  std::vector<IntervalRow> rows;
  for (const judge::Evaluation& evaluation : report.evaluations) {
    if (const auto* value = find_metric(evaluation, report.metric)) {
      rows.push_back({evaluation.model, value->mean, value->low, value->high});
    }
  }
  return interval_chart(report.metric + " on the test split, 95 % intervals",
                        rows);
}

std::string comparisons_table(const Report& report) {
  Rows rows;
  for (std::size_t i = 0; i < report.comparisons.size(); ++i) {
    const judge::Comparison& c = report.comparisons[i];
    rows.push_back({report.model + " − " + report.evaluations[i + 1].model,
                    with_interval(c.difference), fixed(c.p_value, 4)});
  }
  if (rows.empty()) return {};
  return html::table({"paired difference of " + report.metric,
                      "mean [95 % interval]", "p (sign flips)"},
                     rows);
}

std::string results(const Report& report) {
  if (report.evaluations.empty()) return {};
  return html::section(
      "Results", "<div class=\"charts\">" + results_chart(report) + "</div>" +
                     results_table(report) + comparisons_table(report));
}

// ---- how it was judged

std::string judging(const Report& report) {
  std::string out = html::element("p", report.split);
  if (report.findings.empty()) {
    out += html::element("p",
                         "The split keeps every sentence of its own contract.");
  } else {
    out += html::element("p", "What was found wrong:") + "<ul>";
    for (const std::string& finding : report.findings) {
      out += html::element("li", finding);
    }
    out += "</ul>";
  }
  if (!report.leak_free_in_time) {
    out += html::element("p",
                         "Not leak-free in global time: other customers' "
                         "later events are among the training events.");
  }
  out += html::element("p", "Every item is ranked. Ties are judged " +
                                report.ties +
                                ". Intervals come from resampled customers.");
  Rows rows;
  for (const judge::Evaluation& e : report.evaluations) {
    rows.push_back({e.model, grouped(e.users), grouped(e.queries),
                    grouped(e.targets), fixed(100 * e.unknown_targets, 2)});
  }
  if (!rows.empty()) {
    out += html::table({"model", "customers", "questions", "targets",
                        "targets it cannot rank, %"},
                       rows);
  }
  return html::section("How it was judged", out);
}

// ---- curves

std::string curve_of(const Report& report, const std::string& column,
                     bool mark) {
  std::vector<Point> points;
  for (const train::CurveRow& row : report.curve) {
    const auto x = row.find("epoch"), y = row.find(column);
    if (x != row.end() && y != row.end()) {
      points.push_back({x->second, y->second});
    }
  }
  return line_chart(column, "epoch", points,
                    mark && report.best_epoch > 0
                        ? std::optional<double>(report.best_epoch)
                        : std::nullopt,
                    "best");
}

std::string curves(const Report& report) {
  if (report.curve.empty()) return {};
  std::string charts = curve_of(report, "loss", false);
  for (const auto& [name, value] : report.curve.back()) {
    if (name.starts_with("validation ")) {
      charts += curve_of(report, name, true);
    }
  }
  return html::section(
      "Training", html::element("p", "Trained in " + duration(report.seconds) +
                                         "; the artifact holds epoch " +
                                         std::to_string(report.best_epoch) +
                                         ", the best on validation.") +
                      "<div class=\"charts\">" + charts + "</div>");
}

// ---- slices

std::string slices(const Report& report) {
  if (report.evaluations.empty() || report.evaluations[0].slices.empty()) {
    return {};
  }
  std::vector<std::string> header = {"slice", "", "questions"};
  for (const auto& e : report.evaluations) header.push_back(e.model);
  Rows rows;
  for (const auto& slice : report.evaluations[0].slices) {
    std::vector<std::string> row = {slice.by, slice.value,
                                    grouped(slice.queries)};
    for (const judge::Evaluation& e : report.evaluations) {
      const auto same = std::ranges::find_if(e.slices, [&](const auto& other) {
        return other.by == slice.by && other.value == slice.value;
      });
      const bool known =
          same != e.slices.end() && same->metrics.contains(report.metric);
      row.push_back(known ? fixed(same->metrics.at(report.metric), 4) : "-");
    }
    rows.push_back(std::move(row));
  }
  return html::section("Slices: " + report.metric, html::table(header, rows));
}

// ---- examples

std::string example(const Example& e) {
  std::string out =
      "<div class=\"answer\">" + html::element("strong", "Customer " + e.user);
  std::string before;
  for (const std::string& item : e.history) {
    before += (before.empty() ? "" : " → ") + item;
  }
  out += html::element("p", "Took: " + before);
  out += "<ol>";
  for (const Example::Answer& answer : e.answers) {
    out += "<li>" + html::escape(answer.item) + " <span class=\"soft\">" +
           fixed(100 * answer.probability, 2) + " %</span>" +
           (answer.hit ? " <span class=\"hit\">taken</span>" : "") + "</li>\n";
  }
  std::string then;
  for (const std::string& item : e.targets) {
    then += (then.empty() ? "" : ", ") + item;
  }
  return out + "</ol>" + html::element("p", "What came: " + then) + "</div>\n";
}

std::string examples(const Report& report) {
  if (report.examples.empty()) return {};
  std::string out = html::element(
      "p", "Customers of the test split, drawn by chance, not by success.");
  for (const Example& e : report.examples) out += example(e);
  return html::section("Example answers", out);
}

// ---- data

std::string cleaning(const JsonObject& report) {
  const Json* rules = report.if_contains("rules");
  if (rules == nullptr || !rules->is_array()) return {};
  Rows rows;
  for (const Json& rule : rules->get_array()) {
    const JsonObject& r = rule.as_object();
    if (to_text(r.at("rows")) == "0") continue;
    rows.push_back({text_of(r.at("rule")), text_of(r.at("rows"))});
  }
  std::string out;
  for (const char* key : {"rows", "kept", "aside"}) {
    if (const Json* value = report.if_contains(key)) {
      out +=
          (out.empty() ? "" : ", ") + std::string(key) + " " + text_of(*value);
    }
  }
  std::string html = html::element("p", "Cleaning: " + out + ".");
  if (!rows.empty()) html += html::table({"rule", "rows"}, rows);
  return html + html::details("All rules with sample rows",
                              html::element("pre", to_pretty_text(report)));
}

std::string data(const Report& report) {
  Rows rows;
  for (const auto& [key, value] : report.manifest) {
    if (value.is_string() && value.get_string().empty()) continue;
    if (!value.is_object() && !value.is_array()) {
      rows.push_back({std::string(key), text_of(value)});
    } else if (key == "counts" && value.is_object()) {
      for (const auto& [name, count] : value.get_object()) {
        rows.push_back({std::string(name), text_of(count)});
      }
    }
  }
  return html::section(
      "Data", html::table({"dataset", ""}, rows) + cleaning(report.cleaning));
}

std::string configuration(const Report& report) {
  Rows rows;
  for (const auto& [section, fields] : report.config) {
    if (!fields.is_object()) continue;
    for (const auto& [name, value] : fields.get_object()) {
      rows.push_back({"[" + std::string(section) + "]", std::string(name),
                      value.is_string() ? std::string(value.get_string())
                                        : to_toml_value(value)});
    }
  }
  return html::section(
      "Configuration",
      html::details("Every setting as used",
                    html::table({"section", "key", "value"}, rows)));
}

}  // namespace

std::string verdict(const Report& report) {
  if (report.evaluations.empty()) return "The model was not judged.";
  const auto* own = find_metric(report.evaluations[0], report.metric);
  if (own == nullptr) return report.metric + " was not measured.";
  std::string out =
      report.model + " reaches " + report.metric + " " + with_interval(*own);
  std::size_t best = 0;
  for (std::size_t i = 1; i < report.evaluations.size(); ++i) {
    const auto* other = find_metric(report.evaluations[i], report.metric);
    const auto* leader = find_metric(report.evaluations[best], report.metric);
    if (other != nullptr && (best == 0 || other->mean > leader->mean)) best = i;
  }
  if (best == 0 || best > report.comparisons.size()) return out + ".";
  const judge::Comparison& c = report.comparisons[best - 1];
  const char* word = c.difference.low > 0    ? "above"
                     : c.difference.high < 0 ? "below"
                                             : "not distinguishable from";
  return out + ", " + word + " the best baseline, " +
         report.evaluations[best].model + " " +
         fixed(find_metric(report.evaluations[best], report.metric)->mean, 4) +
         " (difference " + with_interval(c.difference) + ").";
}

std::string html_report(const Report& report) {
  return html::page(
      "ensue: " + report.run,
      html::element("h1", report.run) +
          html::element("p class=\"soft\"",
                        "model " + report.model + ", made by ensue") +
          "<div class=\"verdict\">" + html::escape(verdict(report)) +
          "</div>\n" + results(report) + judging(report) + curves(report) +
          slices(report) + examples(report) + data(report) +
          configuration(report));
}

}  // namespace ensue::apps
