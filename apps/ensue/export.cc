// SPDX-License-Identifier: Apache-2.0
// ensue export: a model with its weights stored in fewer bits, and what that
// costs.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "apps/ensue/export_loss.h"
#include "apps/ensue/judging.h"
#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/artifact/weights.h"
#include "ensue/base/hash.h"
#include "ensue/data/dataset.h"
#include "ensue/data/options.h"

namespace ensue::apps {
namespace {

using artifact::Weights, runtime::Engine;

struct Typed {
  std::string in = "runs/latest/model.safetensors", out, weights = "int8";
  int histories = 1000;
  bool quick = false;
};

using EnginePtr = std::shared_ptr<const Engine>;

std::string megabytes(std::uintmax_t bytes) {
  return fixed(static_cast<double>(bytes) / (1 << 20), 2) + " MiB";
}

void print_sizes(const Typed& typed, const Engine& before,
                 const Engine& after) {
  const auto whole = std::filesystem::file_size(typed.in);
  const auto stored = std::filesystem::file_size(typed.out);
  const auto said = [](const Engine& engine) {
    return std::string(name_of(engine.artifact().weights()));
  };
  const double share =
      100 * static_cast<double>(stored) / static_cast<double>(whole);
  std::printf("%s: %s, %s\n%s: %s, %s, %s %% of it\n", typed.in.c_str(),
              said(before).c_str(), megabytes(whole).c_str(), typed.out.c_str(),
              said(after).c_str(), megabytes(stored).c_str(),
              fixed(share, 1).c_str());
  if (before.artifact().weights() != Weights::kFp32) {
    std::printf("%s holds %s: what that lost stays lost\n", typed.in.c_str(),
                said(before).c_str());
  }
}

void print_lists(const ListsKept& kept) {
  std::printf(
      "over %s random histories: %s of the top %zu kept [%s, %s], the first "
      "item the same in %s\n",
      grouped(kept.histories).c_str(), fixed(kept.share.mean, 4).c_str(),
      kept.k, fixed(kept.share.low, 4).c_str(),
      fixed(kept.share.high, 4).c_str(), fixed(kept.first, 4).c_str());
}

void print_judged(const JudgedLoss& loss, const std::string& weights) {
  TextTable table(
      {"metric", "before", weights, weights + " - before [95 %]", "p"});
  for (const JudgedLoss::Row& row : loss.rows) {
    const judge::Interval& d = row.after_minus_before.difference;
    table.add({row.metric, fixed(loss.before.metrics.at(row.metric).mean, 4),
               fixed(loss.after.metrics.at(row.metric).mean, 4),
               fixed(d.mean, 5) + " [" + fixed(d.low, 5) + ", " +
                   fixed(d.high, 5) + "]",
               fixed(row.after_minus_before.p_value, 4)});
  }
  std::printf("asked  %s questions of %s users; %s\n%s",
              grouped(loss.before.queries).c_str(),
              grouped(loss.before.users).c_str(), loss.before.split.c_str(),
              table.text().c_str());
}

// The folder of the dataset to judge on; empty: nobody named one, and where it
// would be by default there is none.
std::filesystem::path dataset_of(const Settings& settings) {
  data::SourceOptions source;
  settings.read(source, "data");
  const auto folder = settings.base() / source.dataset;
  const bool named = settings.section("data").contains("dataset");
  return named || std::filesystem::exists(folder / "manifest.json")
             ? folder
             : std::filesystem::path();
}

void judge_loss(const std::filesystem::path& folder, const Typed& typed,
                const Settings& settings, const EnginePtr& before,
                const EnginePtr& after) {
  judge::SplitOptions split_options;
  JudgeSettings judging;
  settings.read(split_options, "split");
  settings.read(judging, "judge");
  const events::Log log = data::Dataset::open(folder).log();
  const Json* trained =
      before->artifact().description().data.if_contains("log");
  if (trained == nullptr || *trained != Json(to_hex(log.fingerprint()))) {
    std::printf("judged on another log than the model was trained on\n");
  }
  const judge::Split split = judge::make_split(log, split_options);
  ProgressPrinter progress;
  const JudgedLoss loss = judged_loss(before, after, log, split,
                                      judging.options(), progress.function());
  progress.finish();
  print_judged(loss, typed.weights);
}

int run(const Settings& settings, const Typed& typed) {
  const Weights weights = artifact::weights_named(typed.weights);
  if (typed.histories < 1) {
    invalid("histories: " + std::to_string(typed.histories) +
            ", expected 1 or more");
  }
  const EnginePtr before = Engine::load(typed.in);
  artifact::with_weights(before->artifact(), weights).write(typed.out);
  const EnginePtr after = Engine::load(typed.out);
  print_sizes(typed, *before, *after);
  const auto folder =
      typed.quick ? std::filesystem::path() : dataset_of(settings);
  if (folder.empty()) {
    print_lists(lists_kept(*before, *after,
                           static_cast<std::size_t>(typed.histories),
                           /*k=*/10, /*seed=*/1));
  } else {
    judge_loss(folder, typed, settings, before, after);
  }
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_option("IN", typed->in, "the trained model")->required();
  app.add_option("OUT", typed->out, "artifact to write")->required();
  app.add_option("--weights", typed->weights,
                 "how its matrices are stored: fp32, bf16 or int8")
      ->capture_default_str();
  app.add_flag("--quick", typed->quick,
               "compare over random histories, also where there is a dataset");
  app.add_option("--histories", typed->histories, "random histories asked")
      ->capture_default_str();
  settings.add_options<data::SourceOptions>(app, "data");
  settings.add_options<judge::SplitOptions>(app, "split");
  settings.add_options<JudgeSettings>(app, "judge");
  return [&settings, typed] { return run(settings, *typed); };
}

}  // namespace

Verb export_verb() {
  return {"export", "a model with its weights stored in fewer bits",
          "ensue export --weights int8 runs/latest/model.safetensors "
          "small.safetensors",
          add};
}

}  // namespace ensue::apps
