// SPDX-License-Identifier: Apache-2.0
// ensue extend: a model with the items that came after its training.
#include <cstdio>
#include <memory>
#include <string>

#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/base/error.h"
#include "ensue/data/dataset.h"
#include "ensue/data/options.h"
#include "ensue/runtime/new_items.h"

namespace ensue::apps {
namespace {

struct Typed {
  std::string model = "runs/latest/model.safetensors";
  std::string out = "extended.safetensors";
};

int run(const Settings& settings, const Typed& typed) {
  data::SourceOptions source;
  settings.read(source, "data");
  const auto model = artifact::Artifact::load(typed.model);
  const events::Log log =
      data::Dataset::open(settings.base() / source.dataset).log();
  const auto items =
      runtime::unknown_items(*model, log.item_names(), log.item_table());
  if (items.names.empty()) {
    invalid("dataset '" + source.dataset + "': the model knows all of its " +
            std::to_string(log.items()) +
            " items with columns, expected new ones");
  }
  runtime::draft_with_items(*model, items).write(typed.out);
  std::printf(
      "%s: %s items known from training, %s new ones by their columns\n",
      typed.out.c_str(), grouped(model->description().items.size()).c_str(),
      grouped(items.names.size()).c_str());
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_option("model", typed->model, "artifact trained with content")
      ->capture_default_str();
  app.add_option("-o,--out", typed->out, "artifact to write")
      ->capture_default_str();
  settings.add_options<data::SourceOptions>(app, "data");
  return [&settings, typed] { return run(settings, *typed); };
}

}  // namespace

Verb extend_verb() {
  return {
      "extend", "a model with the items that came after its training",
      "ensue extend runs/latest/model.safetensors --out extended.safetensors",
      add};
}

}  // namespace ensue::apps
