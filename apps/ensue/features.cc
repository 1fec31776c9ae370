// SPDX-License-Identifier: Apache-2.0
// ensue features: what is known of users at an instant, as a table.
#include "ensue/data/features.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/base/time_text.h"
#include "ensue/data/dataset.h"
#include "ensue/data/labels.h"
#include "ensue/data/options.h"
#include "ensue/features/defaults.h"
#include "ensue/features/kinds.h"
#include "ensue/judge/label_leaks.h"

namespace ensue::apps {
namespace {

using events::Millis;
using features::Definition;

struct Typed {
  std::string dataset, at, pairs, out = "features.parquet", definitions, save;
  bool kinds = false;
};

int print_kinds() {
  TextTable table({"kind", "what"});
  for (const features::Kind& kind : features::kinds().all()) {
    table.add({std::string(kind.name), std::string(kind.summary)});
  }
  std::fputs(table.text().c_str(), stdout);
  return 0;
}

Millis end_of(const events::Log& log) {
  const auto times = log.columns().times;
  if (times.empty()) invalid("the dataset has no events");
  return Millis{count(*std::max_element(times.begin(), times.end())) + 1};
}

// Whom to describe, when, and the labels when the settings name some.
struct Rows {
  std::vector<data::AsOf> pairs;
  events::Table labels;
  std::string what;
};

Millis instant(const std::string& text, const events::Log& log) {
  if (text.empty()) return end_of(log);
  const auto time = read_iso(text);
  if (!time) invalid("--at: '" + text + "', expected a time: 2024-04-03");
  return Millis{*time};
}

Rows labelled(const data::LabelTable& table) {
  Rows out{table.pairs, {}, std::string(name_of(table.kind)) + " labels"};
  if (table.classes.empty()) {
    out.labels.columns = {{"label", table.values}};
    return out;
  }
  std::vector<std::string> names;
  for (const double value : table.values) {
    names.push_back(table.classes[static_cast<std::size_t>(value)]);
  }
  out.labels.columns = {{"label", names}};
  return out;
}

// The earliest instant asked about; what is learnt of the log for the default
// definitions comes before it.
Millis first_of(const Rows& rows) {
  Millis out = rows.pairs.front().time;
  for (const data::AsOf& pair : rows.pairs) out = std::min(out, pair.time);
  return out;
}

Rows rows_of(const Typed& typed, const Settings& settings,
             const std::string& folder, const events::Log& log) {
  data::LabelOptions label;
  settings.read(label, "task");
  if (typed.pairs.empty() && typed.at.empty() && !label.label.empty()) {
    return labelled(data::read_labels(folder, log, label));
  }
  if (!typed.pairs.empty()) {
    if (!typed.at.empty()) invalid("--at and --pairs exclude each other");
    return {data::read_pairs(log, typed.pairs), {}, "pairs"};
  }
  const Millis time = instant(typed.at, log);
  Rows out{data::everyone_at(log, time), {}, "users"};
  if (out.pairs.empty()) {
    invalid("--at: no user has an event before " + time_text(count(time)));
  }
  return out;
}

std::vector<Definition> definitions_of(const Typed& typed,
                                       const events::Log& log, Millis until) {
  if (typed.definitions.empty()) {
    return features::default_definitions(log, {.until = until});
  }
  return features::definitions_from_json(
      parse_json(read_file(typed.definitions), typed.definitions),
      typed.definitions);
}

std::string share_text(std::uint64_t part, std::size_t all) {
  return fixed(100 * static_cast<double>(part) / static_cast<double>(all), 1);
}

void print_summary(const std::vector<data::FeatureSummary>& summary,
                   std::size_t rows) {
  constexpr std::size_t kShown = 12;
  TextTable table({"feature", "known %", "mean", "lowest", "highest"});
  const std::size_t step = std::max<std::size_t>(1, summary.size() / kShown);
  for (std::size_t i = 0; i < summary.size(); i += step) {
    const data::FeatureSummary& s = summary[i];
    table.add({s.name, share_text(s.known, rows), fixed(s.mean, 3),
               fixed(s.low, 3), fixed(s.high, 3)});
  }
  std::fputs(table.text().c_str(), stdout);
  const auto empty = std::count_if(summary.begin(), summary.end(),
                                   [](const auto& s) { return s.known == 0; });
  if (empty > 0) {
    std::printf("  %td features are unknown for everyone\n", empty);
  }
}

void print_leaks(const events::Log& log,
                 const std::vector<Definition>& definitions, const Rows& rows) {
  if (rows.labels.columns.empty() || rows.labels.columns[0].is_text()) return;
  constexpr std::size_t kLooked = 20'000;
  const std::size_t step = rows.pairs.size() / kLooked + 1;
  std::vector<data::AsOf> pairs;
  std::vector<double> labels;
  for (std::size_t i = 0; i < rows.pairs.size(); i += step) {
    pairs.push_back(rows.pairs[i]);
    labels.push_back(rows.labels.columns[0].number(i));
  }
  const auto table = data::compute_features(log, definitions, pairs);
  for (const judge::Leak& leak : judge::find_label_leaks(table, labels)) {
    std::printf("  %s %s\n", styled(Style::kBad, "!").c_str(),
                leak.message.c_str());
  }
}

int run(const Typed& typed, const Settings& settings) {
  if (typed.kinds) return print_kinds();
  data::SourceOptions source;
  settings.read(source, "data");
  const std::string folder =
      typed.dataset.empty() ? source.dataset : typed.dataset;
  ProgressPrinter progress;
  const events::Log log = data::Dataset::open(folder).log(progress.function());
  const Rows rows = rows_of(typed, settings, folder, log);
  const auto definitions = definitions_of(typed, log, first_of(rows));
  if (!typed.save.empty()) {
    write_file(typed.save, to_pretty_text(features::to_json(definitions)));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto summary =
      data::write_features(typed.out, log, definitions, rows.pairs, rows.labels,
                           {.progress = progress.function()});
  progress.finish();
  print_summary(summary, rows.pairs.size());
  print_leaks(log, definitions, rows);
  std::printf("  %s: %s features of %s %s in %s\n", typed.out.c_str(),
              grouped(definitions.size()).c_str(),
              grouped(rows.pairs.size()).c_str(), rows.what.c_str(),
              duration(std::chrono::duration<double>(
                           std::chrono::steady_clock::now() - start)
                           .count())
                  .c_str());
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_option("DATASET", typed->dataset, "a dataset's folder");
  app.add_option("--at", typed->at,
                 "an instant, for every user; default: the end of the log");
  app.add_option("--pairs", typed->pairs,
                 "a file with columns user and time, instead");
  app.add_option("--out", typed->out, "a .parquet, .csv or .jsonl file")
      ->capture_default_str();
  app.add_option("--definitions", typed->definitions,
                 "a JSON list of features, instead of those that suit the log");
  app.add_option("--save-definitions", typed->save,
                 "write the list of features to this file");
  app.add_flag("--kinds", typed->kinds, "list the kinds of features");
  settings.add_options<data::LabelOptions>(app, "task");
  settings.add_options<data::SourceOptions>(app, "data");
  return [typed, &settings] { return run(*typed, settings); };
}

}  // namespace

Verb features_verb() {
  return {"features", "what is known of users at an instant, as a table",
          "ensue features dataset --at 2011-06-01 --out features.parquet", add};
}

}  // namespace ensue::apps
