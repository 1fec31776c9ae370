// SPDX-License-Identifier: Apache-2.0
// ensue import: from a raw log to a dataset, with the cleaning report.
#include "ensue/data/import.h"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/ensue/data_settings.h"
#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/data/presets.h"

namespace ensue::apps {
namespace {

void print_presets() {
  TextTable table({"preset", "layout"});
  for (const data::Preset& preset : data::presets().all()) {
    table.add({std::string(preset.name), preset.value("summary")});
  }
  std::fputs(table.text().c_str(), stdout);
}

std::string place(const data::SampleRow& sample) {
  std::string out = std::filesystem::path(sample.file).filename().string();
  if (sample.line > 0) out += ":" + std::to_string(sample.line);
  return out + ": " + sample.content;
}

void print_report(const data::ImportResult& result) {
  const data::CleaningReport& report = result.report;
  TextTable table({"rows", "rule", "means"});
  for (const data::RuleCount& rule : report.rules) {
    if (rule.rows == 0) continue;
    const auto& known = data::cleaning_rules().find(rule.rule);
    table.add({grouped(rule.rows), rule.rule, std::string(known.summary)});
  }
  std::printf("%s rows read\n", grouped(report.rows).c_str());
  if (report.kept < report.rows) std::fputs(table.text().c_str(), stdout);
  for (const data::RuleCount& rule : report.rules) {
    for (const data::SampleRow& sample : rule.samples) {
      std::printf("  %s  %s\n", styled(Style::kDim, rule.rule).c_str(),
                  styled(Style::kDim, clip(place(sample), 90)).c_str());
    }
  }
  for (const std::string& note : report.notes) {
    std::printf("  %s\n", note.c_str());
  }
  std::printf("%s events kept, %s removed, %s set aside: %s\n",
              grouped(report.kept).c_str(), grouped(report.removed()).c_str(),
              grouped(report.aside).c_str(), result.dataset.c_str());
}

struct Typed {
  std::vector<std::string> files;
  bool presets = false;
};

int run(const Typed& typed, const Settings& settings) {
  if (typed.presets) {
    print_presets();
    return 0;
  }
  // A file-size limit shall give an error with a name, not end the program.
  std::signal(SIGXFSZ, SIG_IGN);
  data::ImportRequest request = import_request(settings, typed.files);
  ProgressPrinter progress;
  request.progress = progress.function();
  const data::ImportResult result = data::import_log(request);
  progress.finish();
  print_report(result);
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_option("FILES", typed->files, "event files, instead of data.files");
  app.add_flag("--presets", typed->presets, "list the known layouts");
  add_data_options(app, settings);
  return [typed, &settings] { return run(*typed, settings); };
}

}  // namespace

Verb import_verb() {
  return {"import", "read a raw log, clean it, write a dataset",
          "ensue import events.csv --user customer --item sku --time date",
          add};
}

}  // namespace ensue::apps
