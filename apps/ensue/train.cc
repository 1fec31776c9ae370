// SPDX-License-Identifier: Apache-2.0
// ensue train: fit a model, judge it beside the baselines, write a run folder.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "apps/ensue/baselines.h"
#include "apps/ensue/data_settings.h"
#include "apps/ensue/examples.h"
#include "apps/ensue/judging.h"
#include "apps/ensue/machine.h"
#include "apps/ensue/model_settings.h"
#include "apps/ensue/report/report.h"
#include "apps/ensue/run_folder.h"
#include "apps/ensue/task_commands.h"
#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/classic/table_fit.h"
#include "ensue/data/dataset.h"
#include "ensue/judge/leaks.h"
#include "ensue/judge/scorer.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

constexpr int kLeaky = 2, kInterrupted = 130;  // 130: as shells say it

// Everything the settings say about one training.
struct Plan {
  data::SourceOptions source;
  judge::SplitOptions split;
  ChosenModel model;
  train::TrainOptions train;
  JudgeSettings judge;
  RunSettings run;

  explicit Plan(const Settings& settings) : model(chosen_model(settings)) {
    settings.read(source, "data");
    settings.read(split, "split");
    settings.read(train, "train");
    settings.read(judge, "judge");
    settings.read(run, "run");
    if (judge.target_actions.empty()) {
      judge.target_actions = train.target_actions;
    }
  }

  JsonObject as_used(const RunFolder& folder) const {
    return {
        {"data", JsonObject{{"dataset", source.dataset}}},
        {"split", write_fields(split)},
        {"model", model.config},
        {"train", write_fields(train)},
        {"judge", write_fields(judge)},
        {"run", JsonObject{{"folder", run.folder}, {"name", folder.name()}}}};
  }
};

struct Typed {
  bool resume = false, allow_leaks = false, profile = false;
};

// What is at hand while a run is made.
struct Session {
  const Plan& plan;
  const RunFolder& folder;
  const data::Dataset& dataset;
  const events::Log& log;
  const judge::Split& split;
  std::vector<std::string> findings;  // broken contract, leaks
};

std::vector<std::string> findings_of(const events::Log& log,
                                     const judge::Split& split) {
  std::vector<std::string> out = judge::check_contract(log, split);
  for (const judge::Leak& leak : judge::find_leaks(log, split)) {
    out.push_back(leak.kind + ": " + leak.message);
  }
  return out;
}

void print_split(const judge::Split& split,
                 const std::vector<std::string>& findings) {
  std::printf("split   %s\n", split.description.c_str());
  std::printf(
      "        %s training events, %s questions for validation, %s for "
      "test\n",
      grouped(split.train_events()).c_str(),
      grouped(split.validation.size()).c_str(),
      grouped(split.test.size()).c_str());
  if (findings.empty()) {
    std::printf("        checked against its contract and for leaks: %s\n",
                styled(Style::kGood, "clean").c_str());
  }
  for (const std::string& finding : findings) {
    std::printf("        %s %s\n", styled(Style::kBad, "leak").c_str(),
                finding.c_str());
  }
}

train::FitResult fit(const Session& session, bool resume) {
  ProgressPrinter progress;
  try {
    return train::fit({.log = session.log,
                       .split = session.split,
                       .model = session.plan.model.spec,
                       .options = session.plan.train,
                       .folder = session.folder.path(),
                       .resume = resume,
                       .progress = progress.function(),
                       .stop = &stop_on_interrupt()});
  } catch (const Error&) {
    session.folder.remove_unbegun();
    throw;
  }
}

// The model first, then the baselines that are not the model itself.
// Only those judged so far where the user stopped it.
std::vector<judge::Evaluation> judge_all(
    const Session& session,
    const std::shared_ptr<const runtime::Engine>& engine) {
  const auto options = session.plan.judge.options();
  ProgressPrinter progress;
  const auto scorer =
      judge::engine_scorer(session.plan.model.spec.name, engine, session.log);
  std::vector<judge::Evaluation> out;
  out.push_back(judge::evaluate(session.log, session.split, session.split.test,
                                *scorer, options, progress.function()));
  if (stop_on_interrupt()) return out;
  for (judge::Evaluation& baseline :
       judge_baselines(session.log, session.split, session.split.test, options,
                       progress.function())) {
    if (baseline.model != out[0].model) out.push_back(std::move(baseline));
  }
  return out;
}

JsonObject metrics_json(const Report& report) {
  JsonArray evaluations, comparisons;
  for (const auto& e : report.evaluations) evaluations.push_back(to_json(e));
  for (std::size_t i = 0; i < report.comparisons.size(); ++i) {
    JsonObject one = to_json(report.comparisons[i]);
    one["against"] = report.evaluations[i + 1].model;
    one["metric"] = report.metric;
    comparisons.push_back(std::move(one));
  }
  JsonArray findings(report.findings.begin(), report.findings.end());
  return {{"model", report.model},
          {"split", report.split},
          {"leak_free_in_time", report.leak_free_in_time},
          {"findings", std::move(findings)},
          {"ties", report.ties},
          {"training_seconds", report.seconds},
          {"best_epoch", report.best_epoch},
          {"evaluations", std::move(evaluations)},
          {"comparisons", std::move(comparisons)}};
}

JsonObject cleaning_of(const data::Dataset& dataset) {
  const auto path = dataset.folder() / "cleaning.json";
  if (!std::filesystem::exists(path)) return {};
  return parse_json(read_file(path), path.string()).as_object();
}

Report make_report(const Session& session, const train::FitResult& fitted,
                   std::vector<judge::Evaluation> evaluations,
                   std::vector<Example> examples) {
  Report out;
  out.run = session.folder.name();
  out.model = session.plan.model.spec.name;
  out.metric = "ndcg@" + std::to_string(session.plan.judge.ks.front());
  out.config = session.plan.as_used(session.folder);
  out.manifest = session.dataset.manifest();
  out.cleaning = cleaning_of(session.dataset);
  out.split = session.split.description;
  out.leak_free_in_time = session.split.leak_free_in_time;
  out.findings = session.findings;
  out.ties = describe_ties(session.plan.judge.ties);
  for (std::size_t i = 1; i < evaluations.size(); ++i) {
    out.comparisons.push_back(
        judge::compare(evaluations[0], evaluations[i], out.metric));
  }
  out.evaluations = std::move(evaluations);
  out.curve = fitted.curve;
  out.best_epoch = fitted.best_epoch;
  out.seconds = fitted.seconds;
  out.examples = std::move(examples);
  return out;
}

// metrics.json last: with it the run counts as finished.
void write_run(const RunFolder& folder, const Report& report,
               JsonObject next_action) {
  write_file(folder / "curves.csv", to_csv(report.curve));
  if (!report.cleaning.empty()) {
    write_file(folder / "cleaning.json", to_pretty_text(report.cleaning));
  }
  std::string customers;
  for (const Example& e : report.examples) customers += e.user + "\n";
  write_file(folder / "examples.txt", customers);
  write_file(folder / "report.html", html_report(report));
  JsonObject metrics = metrics_json(report);
  if (!next_action.empty()) metrics["next_action"] = std::move(next_action);
  write_file(folder / "metrics.json", to_pretty_text(metrics));
}

void print_result(const Report& report, const RunFolder& folder) {
  std::printf("\n%s\n%s\n",
              evaluation_table(report.evaluations,
                               shown_metrics(report.evaluations.front()))
                  .c_str(),
              styled(Style::kBold, verdict(report)).c_str());
  std::printf("every item ranked; ties %s\n", report.ties.c_str());
  std::printf(
      "\n%s: model.safetensors, metrics.json, curves.csv, "
      "report.html\n",
      folder.path().c_str());
}

int interrupted(const RunFolder& folder) {
  std::printf("\nstopped: %s is usable; to go on: ensue train --resume\n",
              (folder / "model.safetensors").c_str());
  return kInterrupted;
}

// The artifact carries what it reached; the same training, the same bytes.
void write_model(const RunFolder& folder, train::FitResult& fitted) {
  fitted.draft.write(folder / "model.safetensors");
  folder.make_latest();
}

void remember_metrics(train::FitResult& fitted, const Report& report) {
  JsonObject test;
  for (const auto& [name, value] : report.evaluations[0].metrics) {
    test[name] = value.mean;
  }
  fitted.draft.description().metrics["test"] = std::move(test);
}

void print_profile(const train::Profile& profile,
                   const std::string& precision) {
  const double all =
      std::accumulate(profile.seconds.begin(), profile.seconds.end(), 0.0);
  if (all <= 0) return;
  TextTable table({"where the time went", "seconds", "share"});
  for (std::size_t i = 0; i < profile.seconds.size(); ++i) {
    table.add({std::string(train::kPhases[i]), fixed(profile.seconds[i], 2),
               fixed(100 * profile.seconds[i] / all, 1) + " %"});
  }
  const double peak = peak_gflops(precision);
  const double steps =
      all -
      profile.seconds[static_cast<std::size_t>(train::Phase::kValidation)];
  const double rate = 1e-9 * static_cast<double>(profile.product_flops) / steps;
  std::printf(
      "\n%smatrix products: %.0f GFLOP/s over all steps, %.0f %% of the %.0f "
      "that this machine reaches in %s\npeak memory: %.2f GB\n",
      table.text().c_str(), rate, 100 * rate / peak, peak, precision.c_str(),
      peak_memory_gb());
}

// Which action comes next, of a model with events: the head, what was counted,
// and their blend, which answers.
JsonObject judge_next_action(
    const Session& session, const train::FitResult& fitted,
    const std::shared_ptr<const runtime::Engine>& engine) {
  if (!fitted.next_action || session.split.test.empty()) return {};
  const judge::CountsWeighed& weighed = *fitted.next_action;
  TextTable table({"next action", "logloss (validation)", "accuracy",
                   "macro_f1", "logloss", "time_error"});
  JsonObject out;
  const auto row = [&](const char* name, double chosen_by,
                       const judge::NextGuesser& guesser) {
    const auto figures =
        judge::evaluate_next_action(session.log, session.split.test, guesser)
            .figures;
    table.add({name, fixed(chosen_by, 4), fixed(figures.at("accuracy"), 4),
               fixed(figures.at("macro_f1"), 4),
               fixed(figures.at("logloss"), 4),
               fixed(figures.at("time_error"), 4)});
    JsonObject one{{"validation_logloss", chosen_by}};
    for (const auto& [figure, value] : figures) one[figure] = value;
    out[name] = std::move(one);
  };
  row("head", weighed.head,
      judge::engine_guesser(engine, session.log, 10, /*blended=*/false));
  row("counts", weighed.counted,
      judge::counting_guesser(session.log, session.split, nullptr));
  row("blend", weighed.blend, judge::engine_guesser(engine, session.log));
  std::printf(
      "\n%sthe blend answers, with %.0f %% of counted actions and "
      "%.0f %% of counted times: what suits the validation\n",
      table.text().c_str(), 100 * weighed.share, 100 * weighed.gap_share);
  return out;
}

int train_and_judge(const Session& session, const Typed& typed) {
  const RunFolder& folder = session.folder;
  train::FitResult fitted = fit(session, typed.resume);
  write_model(folder, fitted);
  if (fitted.stopped) return interrupted(folder);
  std::printf("model   %s, trained in %s, best epoch %d\n",
              session.plan.model.spec.name.c_str(),
              duration(fitted.seconds).c_str(), fitted.best_epoch);
  if (typed.profile)
    print_profile(fitted.profile, session.plan.train.precision);
  for (const std::string& note : fitted.notes) {
    std::printf("        %s\n", note.c_str());
  }
  const auto engine =
      runtime::Engine::load((folder / "model.safetensors").string());
  std::vector<judge::Evaluation> judged = judge_all(session, engine);
  if (stop_on_interrupt()) return interrupted(folder);
  const Report report = make_report(
      session, fitted, std::move(judged),
      pick_examples(session.log, session.split, *engine, /*count=*/3));
  remember_metrics(fitted, report);
  write_model(folder, fitted);
  JsonObject next_action = judge_next_action(session, fitted, engine);
  print_result(report, folder);
  write_run(folder, report, std::move(next_action));
  return 0;
}

int run(Settings& settings, const Typed& typed) {
  if (const TaskCommand* command = command_to_train(settings)) {
    return command->train(settings);
  }
  auto plan = std::make_unique<Plan>(settings);
  std::optional<RunFolder> folder;
  if (typed.resume) {  // as it was begun, but for what was typed now
    folder = RunFolder::resume(plan->run);
    settings.reload((*folder / "config.toml").string());
    plan = std::make_unique<Plan>(settings);
  }
  const auto dataset = data::Dataset::open(plan->source.dataset);
  const events::Log log = dataset.log();
  const judge::Split split = judge::make_split(log, plan->split);
  const auto findings = findings_of(log, split);
  print_split(split, findings);
  if (!findings.empty() && !typed.allow_leaks) {
    std::fprintf(stderr,
                 "ensue: figures from a leak mean nothing; --allow-leaks "
                 "trains all the same\n");
    return kLeaky;
  }
  if (!folder) folder = RunFolder::create(plan->run, plan->model.spec.name);
  write_file(*folder / "config.toml", to_toml(plan->as_used(*folder)));
  return train_and_judge({*plan, *folder, dataset, log, split, findings},
                         typed);
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_flag("--resume", typed->resume, "go on with an unfinished run");
  app.add_flag("--profile", typed->profile, "say where the time went");
  app.add_flag("--allow-leaks", typed->allow_leaks, "train in spite of a leak");
  add_model_options(app, settings);
  settings.add_options<train::TrainOptions>(app, "train");
  settings.add_options<judge::SplitOptions>(app, "split");
  settings.add_options<JudgeSettings>(app, "judge");
  settings.add_options<RunSettings>(app, "run");
  settings.add_options<data::SourceOptions>(app, "data");
  add_task_options(app, settings);  // --seed and such are the others'
  settings.add_options<classic::TableFitOptions>(app, "table");
  return [&settings, typed] { return run(settings, *typed); };
}

}  // namespace

Verb train_verb() {
  return {"train", "fit a model and judge it beside simple baselines",
          "ensue train --model sasrec --epochs 20", add};
}

}  // namespace ensue::apps
