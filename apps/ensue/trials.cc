// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/trials.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "apps/ensue/plot.h"
#include "apps/ensue/report/chart.h"
#include "apps/ensue/report/html.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/base/file.h"

namespace ensue::apps {
namespace {

std::string shown(const Json& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (!value.is_double()) return to_text(value);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value.get_double());
  return text.data();
}

JsonObject to_json(const Search& search, const TrialLine& line) {
  JsonObject out = {{"trial", line.plan.trial + 1},
                    {"epochs", line.plan.epochs},
                    {"values", search.values(line.plan.place)}};
  if (line.failure.empty()) {
    out[search.metric] = line.metric;
    out["best_epoch"] = line.best_epoch;
  } else {
    out["failed"] = line.failure;
  }
  out["seconds"] = std::round(line.seconds * 100) / 100;
  return out;
}

// The line as it was written for `plan`; nullopt: for something else.
std::optional<TrialLine> from_json(const JsonObject& json, const Search& search,
                                   const train::TrialPlan& plan) {
  const auto number = [&](std::string_view name) {
    const Json* found = json.if_contains(name);
    return found != nullptr && found->is_number()
               ? found->to_number<double>()
               : std::numeric_limits<double>::quiet_NaN();
  };
  const Json* values = json.if_contains("values");
  if (number("trial") != plan.trial + 1 || number("epochs") != plan.epochs ||
      values == nullptr ||
      to_text(*values) !=
          to_text(parse_json(to_text(search.values(plan.place)), ""))) {
    return std::nullopt;
  }
  TrialLine out;
  out.plan = plan;
  out.seconds = number("seconds");
  if (const Json* failed = json.if_contains("failed")) {
    if (!failed->is_string()) return std::nullopt;
    out.failure = failed->get_string();
    return out;
  }
  out.metric = number(search.metric);
  const double epoch = number("best_epoch");
  if (!std::isfinite(out.metric) || !std::isfinite(epoch)) return std::nullopt;
  out.best_epoch = static_cast<int>(epoch);
  return out;
}

std::optional<TrialLine> read_line(const std::string& text,
                                   const Search& search,
                                   const train::TrialPlan& plan,
                                   const std::string& where) {
  const Json json = parse_json(text, where);
  if (!json.is_object()) return std::nullopt;
  return from_json(json.get_object(), search, plan);
}

bool better(const Search& search, const TrialLine& a, const TrialLine& b) {
  if (a.failure.empty() != b.failure.empty()) return a.failure.empty();
  if (a.plan.epochs != b.plan.epochs) return a.plan.epochs > b.plan.epochs;
  if (a.failure.empty() && a.metric != b.metric) {
    return (a.metric > b.metric) == search.higher_is_better;
  }
  return a.plan.trial < b.plan.trial;
}

// The last line of every trial.
std::vector<TrialLine> latest(const TrialFile& file) {
  std::map<int, TrialLine> out;
  for (const TrialLine& line : file.lines()) out[line.plan.trial] = line;
  std::vector<TrialLine> lines;
  for (auto& [trial, line] : out) lines.push_back(std::move(line));
  return lines;
}

struct Axis {
  std::string key, from, to;
  std::vector<Dot> dots;
};

std::vector<Axis> axes(const Search& search,
                       const std::vector<TrialLine>& all) {
  std::vector<Axis> out;
  for (std::size_t d = 0; d < search.space.size(); ++d) {
    const train::Dimension& dimension = search.space[d];
    Axis axis{dimension.key + (dimension.log ? ", log scale" : ""),
              shown(dimension.at(0)),
              shown(dimension.at(std::nexttoward(1, 0))),
              {}};
    for (const TrialLine& line : all) {
      axis.dots.push_back({line.plan.place[d], line.metric});
    }
    out.push_back(std::move(axis));
  }
  return out;
}

std::size_t place_of_best(const Search& search,
                          const std::vector<TrialLine>& all) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (better(search, all[i], all[best])) best = i;
  }
  return best;
}

}  // namespace

JsonObject Search::values(const train::Place& place) const {
  JsonObject out;
  for (std::size_t d = 0; d < space.size(); ++d) {
    out[space[d].key] = space[d].at(place[d]);
  }
  return out;
}

TrialFile::TrialFile(std::filesystem::path path, const Search& search)
    : path_(std::move(path)), search_(search) {
  if (!std::filesystem::exists(path_)) return;
  const std::string text = read_file(path_);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    const std::string where =
        path_.string() + ":" + std::to_string(lines_.size() + 1);
    const auto plan = next();
    const auto read = plan ? read_line(line, search_, *plan, where)
                           : std::optional<TrialLine>();
    if (!read) {
      throw Error(Code::kCorrupt,
                  where +
                      ": not a trial of this search; expected the same "
                      "space, method, seed and epochs to go on");
    }
    take(*read, line);
    begin = end + 1;
  }
}

std::optional<train::TrialPlan> TrialFile::next() const {
  return train::next_trial(search_.space, search_.options, search_.epochs,
                           records_);
}

void TrialFile::take(const TrialLine& line, std::string text) {
  train::TrialRecord record{line.plan.trial, line.plan.epochs, line.plan.place,
                            std::nullopt};
  if (line.failure.empty()) {
    record.loss = search_.higher_is_better ? -line.metric : line.metric;
  }
  records_.push_back(std::move(record));
  lines_.push_back(line);
  texts_.push_back(std::move(text));
}

// Taken as it will be read, so that a search that goes on is the same.
void TrialFile::add(const TrialLine& line) {
  const std::string text = to_text(to_json(search_, line));
  take(read_line(text, search_, line.plan, "trial").value(), text);
  write();
}

void TrialFile::write() const {
  std::string all;
  for (const std::string& text : texts_) all += text + "\n";
  write_file(path_, all);
}

const TrialLine* TrialFile::best() const {
  const TrialLine* best = nullptr;
  for (const TrialLine& line : lines_) {
    if (!line.failure.empty()) continue;
    if (best == nullptr || better(search_, line, *best)) best = &line;
  }
  return best;
}

TrialTable trial_table(const Search& search, const TrialFile& file) {
  auto lines = latest(file);
  std::ranges::sort(lines, [&](const TrialLine& a, const TrialLine& b) {
    return better(search, a, b);
  });
  TrialTable out;
  out.header = {"trial", search.metric};
  for (const train::Dimension& d : search.space) out.header.push_back(d.key);
  out.header.insert(out.header.end(), {"epochs", "seconds", ""});
  for (const TrialLine& line : lines) {
    std::vector<std::string> row = {std::to_string(line.plan.trial + 1),
                                    fixed(line.metric, 4)};
    for (const auto& [key, value] : search.values(line.plan.place)) {
      row.push_back(shown(value));
    }
    row.push_back(line.plan.epochs > 0 ? std::to_string(line.plan.epochs)
                                       : "all");
    row.push_back(fixed(line.seconds, 1));
    row.push_back(line.failure.empty() ? "" : "failed: " + line.failure);
    out.rows.push_back(std::move(row));
  }
  return out;
}

std::string trial_plots(const Search& search, const TrialFile& file) {
  const auto lines = latest(file);
  if (lines.empty()) return {};
  std::string out;
  for (const Axis& axis : axes(search, lines)) {
    const std::string picture =
        scatter(axis.dots, place_of_best(search, lines), axis.from, axis.to);
    if (picture.empty()) continue;
    out += "  " + search.metric + " by " + axis.key + "\n" + picture;
  }
  return out;
}

std::string trial_page(const std::string& name, const Search& search,
                       const TrialFile& file, const std::string& split) {
  const auto lines = latest(file);
  std::string charts;
  for (const Axis& axis : axes(search, lines)) {
    std::vector<Point> points;
    for (const Dot& dot : axis.dots) points.push_back({dot.x, dot.y});
    charts += scatter_chart(axis.key, points, place_of_best(search, lines),
                            axis.from, axis.to);
  }
  const TrialTable table = trial_table(search, file);
  return html::page(
      name,
      html::element("h1", name) +
          html::element("p class=\"soft\"",
                        std::to_string(lines.size()) + " trials by " +
                            search.options.method + ", judged by " +
                            search.metric + " on validation alone; " + split) +
          html::section(search.metric + " by each searched key",
                        "<div class=\"charts\">" + charts + "</div>") +
          html::section("Trials, best first",
                        html::table(table.header, table.rows, 0)));
}

}  // namespace ensue::apps
