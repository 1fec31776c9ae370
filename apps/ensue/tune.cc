// SPDX-License-Identifier: Apache-2.0
// ensue tune: search the settings, judged on validation alone.
#include "ensue/train/tune.h"

#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "apps/ensue/judging.h"
#include "apps/ensue/model_settings.h"
#include "apps/ensue/run_folder.h"
#include "apps/ensue/terminal.h"
#include "apps/ensue/trials.h"
#include "apps/ensue/verb.h"
#include "ensue/base/file.h"
#include "ensue/base/hash.h"
#include "ensue/data/dataset.h"
#include "ensue/data/options.h"
#include "ensue/judge/leaks.h"
#include "ensue/metrics/catalog.h"
#include "ensue/train/fit.h"
#include "ensue/train/validation.h"

namespace ensue::apps {
namespace {

constexpr int kNothingFound = 1, kLeaky = 2, kInterrupted = 130;
constexpr char kTrials[] = "trials.jsonl", kPage[] = "tune.html";

struct Typed {
  bool resume = false, allow_leaks = false;
};

// What one configuration says of a training.
struct Recipe {
  ChosenModel model;
  train::TrainOptions train;

  explicit Recipe(const Settings& settings) : model(chosen_model(settings)) {
    settings.read(train, "train");
  }
};

Search read_search(const Settings& settings) {
  Search out;
  JsonObject section = settings.section("tune");
  const Json* space = section.if_contains("space");
  out.space = train::parse_space(space == nullptr ? Json() : *space);
  section.erase("space");
  read_fields(out.options, section, "[tune]");
  out.options.check();
  train::TrainOptions train;
  settings.read(train, "train");
  out.epochs = train.epochs;
  out.metric = train.metric;
  out.higher_is_better = metrics::metric_of(out.metric).higher_is_better;
  for (const train::Dimension& d : out.space) {
    if (d.key == "train.epochs" && out.options.method == "halving") {
      invalid(
          "[tune].space: key: 'train.epochs', expected another one: halving "
          "deals out epochs itself");
    }
  }
  return out;
}

Settings with_values(Settings settings, const Search& search,
                     const train::Place& place) {
  for (std::size_t d = 0; d < search.space.size(); ++d) {
    const train::Dimension& dimension = search.space[d];
    settings.set(dimension.section(), dimension.field(),
                 dimension.at(place[d]));
  }
  return settings;
}

// What `ensue train -c` repeats; with `run`, what `ensue tune --resume` reads.
JsonObject as_used(const Settings& settings) {
  data::SourceOptions source;
  judge::SplitOptions split;
  JudgeSettings judge;
  settings.read(source, "data");
  settings.read(split, "split");
  settings.read(judge, "judge");
  const Recipe recipe(settings);
  return {{"data", JsonObject{{"dataset", source.dataset}}},
          {"split", write_fields(split)},
          {"model", recipe.model.config},
          {"train", write_fields(recipe.train)},
          {"judge", write_fields(judge)}};
}

JsonObject search_section(const Search& search) {
  JsonObject out = write_fields(search.options);
  JsonArray space;
  for (const train::Dimension& d : search.space) space.emplace_back(d.text());
  out["space"] = std::move(space);
  return out;
}

// What is at hand while trials are trained.
struct Session {
  const Settings& settings;
  const Search& search;
  const RunFolder& folder;
  const events::Log& log;
  const judge::Split& split;  // without a test

  std::filesystem::path trial(int number) const {
    return folder.path() / "trials" / std::to_string(number + 1);
  }
};

double metric_of(const Session& session, const train::TrainOptions& options,
                 train::FitResult& fitted) {
  const std::string name = "validation " + options.metric;
  const JsonObject& reached = fitted.draft.description().metrics;
  if (const Json* found = reached.if_contains(name)) {
    return found->to_number<double>();
  }
  return train::Validation(
      session.log, session.split,
      {options.metric, options.validation_users,
       static_cast<std::uint64_t>(options.seed)})(fitted.draft);
}

// nullopt: stopped by the user.
std::optional<TrialLine> train_trial(const Session& session,
                                     const train::TrialPlan& plan) {
  const auto folder = session.trial(plan.trial);
  std::filesystem::create_directories(folder);
  const Recipe recipe(
      with_values(session.settings, session.search, plan.place));
  ProgressPrinter progress;
  train::FitResult fitted = train::fit({.log = session.log,
                                        .split = session.split,
                                        .model = recipe.model.spec,
                                        .options = recipe.train,
                                        .folder = folder,
                                        .resume = true,
                                        .progress = progress.function(),
                                        .stop = &stop_on_interrupt(),
                                        .pause_after = plan.epochs});
  if (fitted.stopped) return std::nullopt;
  TrialLine out;
  out.plan = plan;
  out.metric = metric_of(session, recipe.train, fitted);
  out.best_epoch = fitted.best_epoch;
  out.seconds = fitted.seconds;
  if (!std::isfinite(out.metric)) out.failure = "the metric is not a number";
  return out;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// A combination that cannot be trained is a result, a full disk is not.
std::optional<TrialLine> try_trial(const Session& session,
                                   const train::TrialPlan& plan) {
  TrialLine failed;
  failed.plan = plan;
  try {
    return train_trial(session, plan);
  } catch (const Error& error) {
    if (error.code() == Code::kUnavailable) throw;
    failed.failure = error.what();
  } catch (const std::exception& error) {
    failed.failure = first_line(error.what());
  }
  return failed;
}

void write_best(const Session& session, const TrialFile& file) {
  const TrialLine* best = file.best();
  if (best == nullptr) return;
  const Settings settings =
      with_values(session.settings, session.search, best->plan.place);
  write_file(session.folder / "best.toml", to_toml(as_used(settings)));
}

void say_trial(const Search& search, const TrialLine& line) {
  std::string values;
  for (const auto& [key, value] : search.values(line.plan.place)) {
    values += "  " + std::string(key) + " " + to_toml_value(value);
  }
  std::printf("trial %d%s  %s%s\n", line.plan.trial + 1,
              line.plan.epochs > 0
                  ? (" to epoch " + std::to_string(line.plan.epochs)).c_str()
                  : "",
              line.failure.empty()
                  ? (search.metric + " " + fixed(line.metric, 4)).c_str()
                  : ("failed: " + line.failure).c_str(),
              values.c_str());
}

void print_result(const Session& session, const TrialFile& file) {
  const TrialTable found = trial_table(session.search, file);
  TextTable table(found.header);
  for (const auto& row : found.rows) table.add(row);
  std::printf("\n%s\n%s\non validation; no test question was asked\n",
              table.text().c_str(), trial_plots(session.search, file).c_str());
}

int search_on(const Session& session) {
  TrialFile file(session.folder / kTrials, session.search);
  file.write();
  while (const auto plan = file.next()) {
    const auto line = try_trial(session, *plan);
    if (!line) {
      std::printf("\nstopped; to go on: ensue tune --resume\n");
      return kInterrupted;
    }
    file.add(*line);
    write_best(session, file);
    say_trial(session.search, *line);
    // Halving may train it on.
    if (session.search.options.method != "halving") {
      std::filesystem::remove_all(session.trial(plan->trial));
    }
  }
  std::filesystem::remove_all(session.folder / "trials");
  print_result(session, file);
  write_file(session.folder / kPage,
             trial_page(session.folder.name(), session.search, file,
                        session.split.description));
  if (file.best() == nullptr) {
    std::fprintf(stderr, "ensue: every trial failed; the table says why\n");
    return kNothingFound;
  }
  std::printf("%s: best.toml, %s, %s; next: ensue train -c %s\n",
              session.folder.path().c_str(), kTrials, kPage,
              (session.folder / "best.toml").c_str());
  return 0;
}

bool leaks(const events::Log& log, const judge::Split& split) {
  bool found = false;
  for (const auto& broken : judge::check_contract(log, split)) {
    std::fprintf(stderr, "ensue: leak %s\n", broken.c_str());
    found = true;
  }
  for (const judge::Leak& leak : judge::find_leaks(log, split)) {
    std::fprintf(stderr, "ensue: leak %s: %s\n", leak.kind.c_str(),
                 leak.message.c_str());
    found = true;
  }
  return found;
}

// Trials are comparable on one log and one split alone.
void check_same_data(const RunFolder& folder, const events::Log& log,
                     const judge::Split& split) {
  const JsonObject now = {{"log", to_hex(log.fingerprint())},
                          {"part", to_hex(split.fingerprint())}};
  const auto path = folder / "data.json";
  if (!std::filesystem::exists(path)) {
    write_file(path, to_pretty_text(now));
  } else if (parse_json(read_file(path), path.string()) != Json(now)) {
    invalid(path.string() +
            ": the search was begun on another log or split, expected the "
            "same to go on");
  }
}

int run(Settings& settings, const Typed& typed) {
  RunSettings run_settings;
  settings.read(run_settings, "run");
  std::optional<RunFolder> folder;
  if (typed.resume) {  // as it was begun, but for what was typed now
    folder = RunFolder::resume(run_settings, kTrials, kPage);
    settings.reload((*folder / "config.toml").string());
  }
  const Search search = read_search(settings);
  JsonObject used = as_used(settings);
  const auto dataset = data::Dataset::open(
      std::string(used.at("data").at("dataset").as_string()));
  const events::Log log = dataset.log();
  judge::SplitOptions split_options;
  settings.read(split_options, "split");
  const judge::Split whole = judge::make_split(log, split_options);
  if (leaks(log, whole) && !typed.allow_leaks) {
    std::fprintf(stderr,
                 "ensue: figures from a leak mean nothing; --allow-leaks "
                 "searches all the same\n");
    return kLeaky;
  }
  const judge::Split split = train::without_test(whole);
  if (!folder) folder = RunFolder::create(run_settings, "tune");
  check_same_data(*folder, log, split);
  used["tune"] = search_section(search);
  used["run"] =
      JsonObject{{"folder", run_settings.folder}, {"name", folder->name()}};
  write_file(*folder / "config.toml", to_toml(used));
  return search_on({settings, search, *folder, log, split});
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_flag("--resume", typed->resume, "go on with an unfinished search");
  app.add_flag("--allow-leaks", typed->allow_leaks,
               "search in spite of a leak");
  settings.add_option(app, "tune",
                      {"space", "a list of strings", "[]",
                       "train.learning_rate=1e-4..1e-2:log,model.width=32|64"},
                      "--search");
  settings.add_options<train::TuneOptions>(app, "tune");
  add_model_options(app, settings);
  settings.add_options<train::TrainOptions>(app, "train");
  settings.add_options<judge::SplitOptions>(app, "split");
  settings.add_options<JudgeSettings>(app, "judge");
  settings.add_options<RunSettings>(app, "run");
  settings.add_options<data::SourceOptions>(app, "data");
  return [&settings, typed] { return run(settings, *typed); };
}

}  // namespace

Verb tune_verb() {
  return {"tune", "search the settings, judged on validation alone",
          "ensue tune --model gru --search "
          "\"train.learning_rate=1e-4..1e-2:log,model.width=32|64\"",
          add};
}

}  // namespace ensue::apps
