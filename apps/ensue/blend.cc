// SPDX-License-Identifier: Apache-2.0
// ensue blend: several artifacts as one, weights fitted on validation.
#include "ensue/train/blend.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/base/file.h"
#include "ensue/data/dataset.h"
#include "ensue/data/options.h"

namespace ensue::apps {
namespace {

struct Typed {
  std::vector<std::string> models;
  std::string out = "blend.safetensors";
  train::BlendOptions options;
};

train::BlendMember read_member(const std::string& path) {
  const std::string text = read_file(path);
  const auto bytes = std::as_bytes(std::span(text));
  return {std::filesystem::path(path).parent_path().filename().string(),
          {bytes.begin(), bytes.end()}};
}

void print(const train::Blended& blend,
           const std::vector<train::BlendMember>& members, const Typed& typed) {
  TextTable table({"member", typed.options.metric + " alone", "weight"});
  for (std::size_t m = 0; m < members.size(); ++m) {
    table.add({members[m].name, fixed(blend.alone[m], 4),
               fixed(blend.weights[m], 3)});
  }
  table.add({"blend", fixed(blend.metric, 4), ""});
  std::printf(
      "on validation\n%s%s: ask it like any model, judge it with ensue "
      "evaluate\n",
      table.text().c_str(), typed.out.c_str());
}

int run(const Settings& settings, const Typed& typed) {
  data::SourceOptions source;
  judge::SplitOptions split_options;
  settings.read(source, "data");
  settings.read(split_options, "split");
  const events::Log log =
      data::Dataset::open(settings.base() / source.dataset).log();
  const judge::Split split = judge::make_split(log, split_options);
  std::vector<train::BlendMember> members;
  for (const std::string& path : typed.models) {
    members.push_back(read_member(path));
  }
  ProgressPrinter progress;
  const train::Blended blend =
      train::fit_blend(log, split, members, typed.options, progress.function());
  progress.finish();
  artifact::Draft draft = train::make_blend(members, blend.weights);
  draft.description().metrics["validation " + typed.options.metric] =
      blend.metric;
  draft.write(typed.out);
  print(blend, members, typed);
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_option("models", typed->models, "artifacts of one dataset and split")
      ->required();
  app.add_option("-o,--out", typed->out, "artifact to write")
      ->capture_default_str();
  app.add_option("--metric", typed->options.metric, "what weights serve")
      ->capture_default_str();
  settings.add_options<judge::SplitOptions>(app, "split");
  settings.add_options<data::SourceOptions>(app, "data");
  return [&settings, typed] { return run(settings, *typed); };
}

}  // namespace

Verb blend_verb() {
  return {"blend", "several artifacts as one, weights fitted on validation",
          "ensue blend runs/gru-1/model.safetensors "
          "runs/sasrec-1/model.safetensors --out blend.safetensors",
          add};
}

}  // namespace ensue::apps
