// SPDX-License-Identifier: Apache-2.0
// ensue evaluate: artifacts judged side by side, the baselines always among
// them.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "apps/ensue/baselines.h"
#include "apps/ensue/judging.h"
#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/base/file.h"
#include "ensue/data/dataset.h"
#include "ensue/data/options.h"
#include "ensue/judge/leaks.h"
#include "ensue/judge/report.h"
#include "ensue/judge/scorer.h"

namespace ensue::apps {
namespace {

constexpr int kLeaky = 2;

struct Typed {
  std::vector<std::string> artifacts;
  std::vector<int> ks;
  std::string out;
  bool slices = false, allow_leaks = false;
};

// An artifact under the name it has in the table.
struct Contender {
  std::string name;
  std::shared_ptr<const runtime::Engine> engine;
};

// A model's own name, with its folder where that says more.
std::string name_of(const std::filesystem::path& path,
                    const artifact::Artifact& artifact,
                    const std::set<std::string>& taken) {
  const std::string model = artifact.description().model.name;
  const std::string folder = path.parent_path().filename().string();
  std::string name = folder.empty() || folder == "latest" ? model : folder;
  return taken.contains(name) ? name + " (" + path.string() + ")" : name;
}

std::vector<Contender> load(const std::vector<std::string>& paths) {
  std::set<std::string> taken = {"popularity", "markov", "session-knn"};
  std::vector<Contender> out;
  for (const std::string& path : paths) {
    Contender contender{{}, runtime::Engine::load(path)};
    contender.name = name_of(path, contender.engine->artifact(), taken);
    taken.insert(contender.name);
    out.push_back(std::move(contender));
  }
  return out;
}

// Leaks of the log and the split, then of each artifact with its name.
std::vector<judge::Leak> all_leaks(const events::Log& log,
                                   const judge::Split& split,
                                   const std::vector<Contender>& contenders) {
  std::vector<judge::Leak> out = judge::find_leaks(log, split);
  for (const Contender& contender : contenders) {
    for (judge::Leak& leak :
         judge::find_leaks(log, split, &contender.engine->artifact())) {
      if (leak.kind != "fitted-on-test") continue;
      leak.message = contender.name + ": " + leak.message;
      out.push_back(std::move(leak));
    }
  }
  return out;
}

void print_leaks(const std::vector<judge::Leak>& leaks) {
  for (const judge::Leak& leak : leaks) {
    std::fprintf(stderr, "%s %s: %s\n",
                 styled(Style::kBad, "leak", stderr).c_str(), leak.kind.c_str(),
                 leak.message.c_str());
  }
}

// What tables show, and ndcg and recall of the other list lengths.
std::vector<std::string> shown(const judge::Evaluation& evaluation,
                               const std::vector<int>& ks) {
  std::vector<std::string> out = shown_metrics(evaluation);
  for (const int k : ks) {
    for (const char* metric : {"ndcg@", "recall@"}) {
      const std::string label = metric + std::to_string(k);
      if (std::find(out.begin(), out.end(), label) == out.end()) {
        out.push_back(label);
      }
    }
  }
  return out;
}

std::string cell(const std::optional<judge::Report::Cell>& cell,
                 bool with_interval) {
  if (!cell) return "-";
  std::string out = fixed(cell->value, 4);
  if (with_interval && cell->interval) {
    out += " [" + fixed(cell->interval->low, 4) + ", " +
           fixed(cell->interval->high, 4) + "]";
  }
  return out + (cell->best ? " *" : "");
}

std::string difference(const judge::Report::Row& row) {
  if (!row.best_minus_this) return "";
  const judge::Interval& d = row.best_minus_this->difference;
  return fixed(d.mean, 4) + " [" + fixed(d.low, 4) + ", " + fixed(d.high, 4) +
         "]" + (judge::is_clear(*row.best_minus_this) ? "" : " unclear");
}

void print_table(const judge::Report& report,
                 const std::vector<judge::Evaluation>& evaluations) {
  std::vector<std::string> header = {"model"};
  for (std::size_t m = 0; m < report.metrics.size(); ++m) {
    header.push_back(report.metrics[m] + (m == 0 ? " [95 %]" : ""));
  }
  header.insert(header.end(), {"best - this", "p", "unknown"});
  TextTable table(std::move(header));
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const judge::Report::Row& row = report.rows[i];
    std::vector<std::string> cells = {row.model + (i == report.best ? " (best)"
                                                   : row.baseline
                                                       ? " (baseline)"
                                                       : "")};
    for (std::size_t m = 0; m < row.cells.size(); ++m) {
      cells.push_back(cell(row.cells[m], /*with_interval=*/m == 0));
    }
    cells.push_back(difference(row));
    cells.push_back(row.best_minus_this ? fixed(row.best_minus_this->p_value, 4)
                                        : "");
    cells.push_back(fixed(100 * evaluations[i].unknown_targets, 1) + " %");
    table.add(std::move(cells));
  }
  std::printf("%s", table.text().c_str());
}

// Rows are slices, columns models.
void print_slices(const std::vector<judge::Evaluation>& evaluations,
                  const std::string& metric) {
  std::vector<std::string> header = {"slice", "", "questions"};
  for (const auto& e : evaluations) header.push_back(e.model);
  TextTable table(std::move(header));
  const auto& slices = evaluations.front().slices;
  for (std::size_t s = 0; s < slices.size(); ++s) {
    std::vector<std::string> cells = {slices[s].by, slices[s].value,
                                      grouped(slices[s].queries)};
    for (const auto& e : evaluations) {
      cells.push_back(fixed(e.slices[s].metrics.at(metric), 4));
    }
    table.add(std::move(cells));
  }
  std::printf("\n%s by slice\n%s", metric.c_str(), table.text().c_str());
}

void print_conditions(const judge::Split& split,
                      const judge::Evaluation& evaluation,
                      const std::string& ties) {
  std::printf("split  %s\n", split.description.c_str());
  std::printf("asked  %s questions of %s users, %s targets\n",
              grouped(evaluation.queries).c_str(),
              grouped(evaluation.users).c_str(),
              grouped(evaluation.targets).c_str());
  std::printf("ties   %s\n\n", describe_ties(ties).c_str());
}

JsonObject metrics_json(const judge::Split& split, const std::string& ties,
                        const std::vector<judge::Leak>& leaks,
                        const std::vector<judge::Evaluation>& evaluations,
                        const judge::Report& report) {
  JsonArray found, judged, comparisons;
  for (const judge::Leak& leak : leaks) {
    found.push_back(JsonObject{{"kind", leak.kind}, {"message", leak.message}});
  }
  for (const judge::Evaluation& e : evaluations) judged.push_back(to_json(e));
  for (const judge::Report::Row& row : report.rows) {
    if (!row.best_minus_this) continue;
    JsonObject one = to_json(*row.best_minus_this);
    one["against"] = row.model;
    one["metric"] = report.metrics[0];
    comparisons.push_back(std::move(one));
  }
  return {{"model", report.rows[report.best].model},
          {"split", split.description},
          {"leak_free_in_time", split.leak_free_in_time},
          {"leaks", std::move(found)},
          {"ties", describe_ties(ties)},
          {"evaluations", std::move(judged)},
          {"comparisons", std::move(comparisons)}};
}

std::vector<judge::Evaluation> judge_all(
    const events::Log& log, const judge::Split& split,
    const std::vector<Contender>& contenders,
    const judge::EvaluateOptions& options) {
  ProgressPrinter progress;
  std::vector<judge::Evaluation> out;
  for (const Contender& contender : contenders) {
    const auto scorer =
        judge::engine_scorer(contender.name, contender.engine, log);
    out.push_back(judge::evaluate(log, split, split.test, *scorer, options,
                                  progress.function()));
  }
  for (judge::Evaluation& baseline :
       judge_baselines(log, split, split.test, options, progress.function())) {
    out.push_back(std::move(baseline));
  }
  return out;
}

int run(const Typed& typed, const Settings& settings) {
  data::SourceOptions source;
  judge::SplitOptions split_options;
  JudgeSettings judging;
  settings.read(source, "data");
  settings.read(split_options, "split");
  settings.read(judging, "judge");
  if (!typed.ks.empty()) judging.ks = typed.ks;
  auto options = judging.options();
  options.slices = typed.slices || !typed.out.empty();

  const auto contenders = load(typed.artifacts);
  const events::Log log = data::Dataset::open(source.dataset).log();
  const judge::Split split = judge::make_split(log, split_options);
  const auto leaks = all_leaks(log, split, contenders);
  print_leaks(leaks);
  if (!leaks.empty() && !typed.allow_leaks) {
    std::fprintf(stderr,
                 "ensue: figures from a leak mean nothing; --allow-leaks "
                 "shows them all the same\n");
    return kLeaky;
  }
  const auto evaluations = judge_all(log, split, contenders, options);
  const std::span all(evaluations);
  const judge::Report report = judge::make_report(
      all.first(contenders.size()), all.subspan(contenders.size()),
      shown(evaluations.front(), judging.ks), options.seed);
  print_conditions(split, evaluations.front(), judging.ties);
  print_table(report, evaluations);
  std::printf(
      "\n* best of its column; best - this: paired difference of %s "
      "over users, 95 %% interval\n",
      report.metrics[0].c_str());
  if (typed.slices) print_slices(evaluations, report.metrics[0]);
  if (!typed.out.empty()) {
    write_file(typed.out,
               to_pretty_text(metrics_json(split, judging.ties, leaks,
                                           evaluations, report)));
  }
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_option("models", typed->artifacts,
                 "artifacts; none: the baselines alone");
  app.add_option("-k,--k", typed->ks, "list lengths, such as 5,10,20")
      ->delimiter(',');
  app.add_flag("--slices", typed->slices,
               "also by history length, item popularity and action");
  app.add_option("--out", typed->out, "write metrics.json here");
  app.add_flag("--allow-leaks", typed->allow_leaks,
               "show figures in spite of a leak");
  settings.add_options<data::SourceOptions>(app, "data");
  settings.add_options<judge::SplitOptions>(app, "split");
  settings.add_options<JudgeSettings>(app, "judge");
  return [typed, &settings] { return run(*typed, settings); };
}

}  // namespace

Verb evaluate_verb() {
  return {"evaluate", "judge models side by side with simple baselines",
          "ensue evaluate runs/latest/model.safetensors --k 5,10,20", add};
}

}  // namespace ensue::apps
