// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/quality.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "apps/ensue-bench/quality_options.h"
#include "apps/ensue/data_settings.h"
#include "apps/ensue/terminal.h"
#include "apps/settings/settings.h"
#include "ensue/data/dataset.h"
#include "ensue/judge/evaluate.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/engine.h"
#include "ensue/train/blend.h"
#include "ensue/train/fit.h"
#include "ensue/train/refit.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void overwrite(JsonObject& section, const JsonObject& with) {
  for (const auto& [key, value] : with) section[key] = value;
}

}  // namespace

Recipe read_recipe(const std::string& model, const std::string& data,
                   const QualityOptions& options) {
  const fs::path file = options.configs / data / (model + ".toml");
  JsonObject settings;
  if (fs::exists(file)) settings = read_toml(file);
  const auto section = [&](std::string_view name) {
    const Json* found = settings.if_contains(name);
    return found == nullptr ? JsonObject() : found->as_object();
  };
  Recipe out;
  JsonObject fields = section("model");
  fields.erase("name");
  out.model = models::models().find(model).build(fields);
  out.neural = !out.model.inputs.empty();
  if (out.neural) {
    overwrite(fields, options.model);
    out.model = models::models().find(model).build(fields);
  }
  JsonObject train = section("train");
  overwrite(train, options.train);
  read_fields(out.train, train, file.string() + " [train]");
  return out;
}

train::FitResult fit_recipe(const Recipe& recipe, const events::Log& log,
                            const judge::Split& split,
                            const ProgressFn& progress) {
  return train::fit({.log = log,
                     .split = split,
                     .model = recipe.model,
                     .options = recipe.train,
                     .folder = {},
                     .progress = progress});
}

namespace {

// Values of one model, each a mean over its seeds.
struct Row {
  std::string model;
  std::map<std::string, double> figures;
  double train_seconds = 0, judge_seconds = 0, epochs = 0;
};

// The mean of a metric over users, or over the questions of all users.
double mean_of(const judge::Evaluation& evaluation, const std::string& metric,
               std::span<const judge::Query> queries, bool per_question) {
  const judge::Interval& over_users = evaluation.metrics.at(metric);
  if (!per_question) return over_users.mean;
  const std::vector<double>& values = evaluation.per_user.at(metric);
  double sum = 0;
  std::size_t user = 0;
  for (std::size_t q = 0; q < queries.size(); ++q) {
    if (q > 0 && queries[q].user != queries[q - 1].user) ++user;
    sum += values.at(user);
  }
  return sum / static_cast<double>(queries.size());
}

class Runner {
 public:
  Runner(const QualityData& data, const QualityOptions& options,
         const events::Log& log, const judge::Split& split)
      : data_(data),
        options_(options),
        log_(log),
        split_(split),
        classic_split_(options.validation ? split
                                          : train::with_validation(split)),
        queries_(options.validation ? split.validation : split.test) {}

  Row run(const Variant& variant, const ProgressFn& progress) const {
    QualityOptions options = options_;
    options.train = variant.train;
    overwrite(options.train, options_.train);
    Recipe recipe = read_recipe(variant.model, data_.name, options);
    const int seeds = recipe.neural ? std::max(1, options_.seeds) : 1;
    const int first = recipe.train.seed;
    Row row;
    row.model = variant.name;
    for (int s = 0; s < seeds; ++s) {
      recipe.train.seed = first + s;
      add(row, recipe, 1.0 / seeds, progress);
    }
    return row;
  }

 private:
  void add(Row& row, const Recipe& recipe, double weight,
           const ProgressFn& progress) const {
    const auto fitted = fit_recipe(
        recipe, log_, recipe.neural ? split_ : classic_split_, progress);
    const auto started = Clock::now();
    const auto engine = std::make_shared<const runtime::Engine>(
        artifact::Artifact::from_bytes(fitted.draft.bytes(), row.model));
    const auto scorer = judge::engine_scorer(row.model, engine, log_);
    const auto evaluation = judge::evaluate(
        log_, split_, queries_, *scorer,
        {.ks = {data_.k}, .lists = false, .slices = false}, progress);
    row.judge_seconds += weight * seconds_since(started);
    row.train_seconds += weight * fitted.seconds;
    row.epochs += weight * fitted.best_epoch;
    for (const auto& [metric, interval] : evaluation.metrics) {
      row.figures[metric] +=
          weight * mean_of(evaluation, metric, queries_, data_.per_question);
    }
  }

  const QualityData& data_;
  const QualityOptions& options_;
  const events::Log& log_;
  const judge::Split& split_;
  const judge::Split classic_split_;
  std::span<const judge::Query> queries_;
};

void print_table(const QualityData& data, const std::vector<Row>& rows) {
  std::vector<std::string> header = {"model"};
  header.insert(header.end(), data.metrics.begin(), data.metrics.end());
  header.insert(header.end(), {"logloss", "best epoch", "train s", "judge s"});
  TextTable table(header);
  for (const Row& row : rows) {
    std::vector<std::string> cells = {row.model};
    for (const std::string& metric : data.metrics) {
      cells.push_back(fixed(row.figures.at(metric), 4));
    }
    cells.push_back(fixed(row.figures.at("logloss"), 3));
    cells.push_back(fixed(row.epochs, 0));
    cells.push_back(fixed(row.train_seconds, 1));
    cells.push_back(fixed(row.judge_seconds, 1));
    table.add(cells);
  }
  std::fputs(table.text().c_str(), stdout);
}

}  // namespace

events::Log import_public_data(const std::string& name,
                               const std::vector<std::string>& files,
                               const fs::path& root, const fs::path& work,
                               const ProgressFn& progress) {
  std::vector<std::string> paths;
  for (const std::string& file : files) paths.push_back((root / file).string());
  data::ImportRequest request = import_request(Settings(), paths);
  request.source.dataset = (work / name).string();
  request.progress = progress;
  fs::create_directories((work / name).parent_path());
  const auto imported = data::import_log(request);
  return data::Dataset::open(imported.dataset).log(progress);
}

BenchFigures run_quality(const QualityData& data, const BenchOptions& options) {
  std::vector<Variant> variants;
  for (const auto& model : parse_quality_options(options.extra).models) {
    variants.push_back({model, model, {}});
  }
  return run_variants(data, variants, options);
}

BenchFigures run_variants(const QualityData& data,
                          const std::vector<Variant>& variants,
                          const BenchOptions& options) {
  const QualityOptions typed = parse_quality_options(options.extra);
  ProgressPrinter printer;
  const ProgressFn progress = printer.function();
  const events::Log log = import_public_data(
      data.name, data.files, options.data, typed.work, progress);
  const judge::Split split = judge::make_split(log, data.split);
  printer.finish();
  std::printf("%s: %s users, %s items, %s events\n%s%s\n", data.name.c_str(),
              grouped(log.users()).c_str(), grouped(log.items()).c_str(),
              grouped(log.size()).c_str(), split.description.c_str(),
              typed.validation ? "; judged on validation" : "");
  std::fflush(stdout);

  const Runner runner(data, typed, log, split);
  std::vector<Row> rows;
  BenchFigures figures;
  for (const Variant& variant : variants) {
    rows.push_back(runner.run(variant, progress));
    const Row& row = rows.back();
    for (const std::string& metric : data.metrics) {
      figures.emplace_back(variant.name + "." + metric,
                           fixed(row.figures.at(metric), 4));
    }
    figures.emplace_back(variant.name + ".seconds",
                         fixed(row.train_seconds, 1));
  }
  printer.finish();
  print_table(data, rows);
  return figures;
}

namespace {

constexpr int kSeedsApart = 1000;  // of a model that is several members

BenchFigures print_best(const QualityData& data,
                        const std::map<std::string, double>& means, int seeds) {
  BenchFigures out;
  for (const std::string& metric : data.metrics) {
    out.emplace_back(metric, fixed(means.at(metric), 4));
  }
  TextTable table({"mean of " + std::to_string(seeds) + " seeds", "figure"});
  for (const auto& [name, value] : means) table.add({name, fixed(value, 4)});
  std::fputs(table.text().c_str(), stdout);
  for (const auto& [name, value] : means) {
    if (name.find('@') == std::string::npos ||
        name.find('.') != std::string::npos) {
      out.emplace_back(name, fixed(value, 4));
    }
  }
  out.emplace_back("seeds", std::to_string(seeds));
  return out;
}

}  // namespace

BenchFigures run_best(const QualityData& data,
                      const std::vector<std::string>& members,
                      const std::string& fit_metric, int seeds,
                      const BenchOptions& options) {
  QualityOptions typed = parse_quality_options(options.extra);
  if (typed.seeds > 0) seeds = typed.seeds;
  ProgressPrinter printer;
  const ProgressFn progress = printer.function();
  const events::Log log = import_public_data(
      data.name, data.files, options.data, typed.work, progress);
  const judge::Split split = judge::make_split(log, data.split);
  std::map<std::string, double> means;
  const auto judged = [&](const std::string& name,
                          const std::vector<std::byte>& bytes) {
    const auto scorer =
        judge::engine_scorer(name,
                             std::make_shared<const runtime::Engine>(
                                 artifact::Artifact::from_bytes(bytes, name)),
                             log);
    return judge::evaluate(log, split, split.test, *scorer,
                           {.ks = {data.k}, .lists = false, .slices = false},
                           progress);
  };
  for (int seed = 1; seed <= seeds; ++seed) {
    const auto start = Clock::now();
    std::vector<train::BlendMember> parts;
    std::vector<Recipe> recipes;
    std::map<std::string, int> times;
    for (const std::string& model : members) {
      const int before = times[model]++;
      recipes.push_back(read_recipe(model, data.name, typed));
      recipes.back().train.seed = seed + kSeedsApart * before;
      const auto fitted = fit_recipe(recipes.back(), log, split, progress);
      parts.push_back(
          {before == 0 ? model : model + "-" + std::to_string(before + 1),
           fitted.draft.bytes()});
      recipes.back().train.epochs = fitted.best_epoch;
    }
    const train::Blended blend =
        train::fit_blend(log, split, parts, {.metric = fit_metric}, progress);
    if (data.learns_validation) {
      judge::Split all = train::with_validation(split);
      all.validation.clear();
      for (std::size_t m = 0; m < parts.size(); ++m) {
        parts[m].bytes =
            fit_recipe(recipes[m], log, all, progress).draft.bytes();
      }
    } else {
      parts = train::refit_classical(log, split, std::move(parts));
    }
    const auto bytes = train::make_blend(parts, blend.weights).bytes();
    const judge::Evaluation evaluation = judged("blend", bytes);
    means["value"] += seconds_since(start) / seeds;
    for (const std::string& metric : data.metrics) {
      means[metric] +=
          mean_of(evaluation, metric, split.test, data.per_question) / seeds;
    }
    for (std::size_t m = 0; m < parts.size(); ++m) {
      means[parts[m].name + ".weight"] += blend.weights[m] / seeds;
      const auto alone = judged(parts[m].name, parts[m].bytes);
      for (const std::string& metric : data.metrics) {
        means[parts[m].name + "." + metric] +=
            mean_of(alone, metric, split.test, data.per_question) / seeds;
      }
    }
  }
  printer.finish();
  return print_best(data, means, seeds);
}

}  // namespace ensue::apps
