// SPDX-License-Identifier: Apache-2.0
// ensue update: pull what a server has heard since, learn it, judge the model
// beside the one before, post it.
#include "ensue/train/update.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/ensue/terminal.h"
#include "apps/ensue/update_folder.h"
#include "apps/ensue/verb.h"
#include "ensue/base/error.h"
#include "ensue/base/time_text.h"
#include "ensue/data/dataset.h"
#include "ensue/data/grow.h"
#include "ensue/serve/client.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

constexpr int kWorse = 3, kInterrupted = 130;

struct UpdateSettings {
  std::string server, key, ca, name = "main";
  std::string folder = "updates", model = "runs/latest/model.safetensors";
  train::UpdateOptions learning;
  void visit(auto&& field) {
    field("server", server, "URL of the running server");
    field("key", key, "its admin key; better in $ENSUE_KEY");
    field("ca", ca, "https: PEM file of trusted authorities");
    field("name", name, "which of the server's models is updated");
    field("folder", folder, "where events and models of updates lie");
    field("model", model, "the model that the first update starts from");
    learning.visit(field);
  }
};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                       (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
                       c == '.';
    char code[4];
    std::snprintf(code, sizeof code, "%%%02X", byte);
    out += plain ? std::string(1, c) : std::string(code);
  }
  return out;
}

std::uint64_t number_in(const serve::Response& answer, const char* header,
                        const std::string& where) {
  const std::string* text = serve::header_of(answer, header);
  char* end = nullptr;
  const std::uint64_t out =
      text == nullptr ? 0 : std::strtoull(text->c_str(), &end, 10);
  if (text == nullptr || text->empty() || *end != '\0') {
    throw Error(Code::kUnavailable, where + ": the answer has no header " +
                                        header + "; is that an ensue server?");
  }
  return out;
}

// What happened, step by step, as a table.
class Steps {
 public:
  void add(const std::string& step, const std::string& result) {
    table_.add({step, result, since_last()});
  }
  void print() const { std::printf("%s", table_.text().c_str()); }

 private:
  using Clock = std::chrono::steady_clock;
  std::string since_last() {
    const auto now = Clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds < 0.05 ? "" : fixed(seconds, 1) + " s";
  }
  TextTable table_{{"step", "result", "took"}};
  Clock::time_point last_ = Clock::now();
};

class Update {
 public:
  Update(const Settings& settings, bool force)
      : settings_(read(settings)),
        force_(force),
        typed_model_(settings.typed("update").contains("model")),
        client_({.url = settings_.server,
                 .key = settings_.key,
                 .ca = settings_.ca}),
        folder_(settings_.folder) {
    settings.read(source_, "data");
  }

  int run() {
    const UpdateFolder::State state = folder_.state();
    pull();
    const auto pulls = folder_.pulls();
    std::size_t first = 0;
    while (first < pulls.size() && pulls[first].cursor <= state.learnt) ++first;
    if (first == pulls.size()) return nothing_new(state);
    const events::Log log = grow(pulls);
    std::vector<bool> fresh = newer_than(log, first_seq_[first]);
    if (std::find(fresh.begin(), fresh.end(), true) == fresh.end()) {
      // All of them stood in the dataset already.
      UpdateFolder::State same = state;
      same.learnt = pulls.back().cursor;
      same.posted = state.posted || state.model.empty();
      folder_.write(same);
      return nothing_new(same);
    }
    return learn_and_post(state, log, std::move(fresh), pulls.back().cursor);
  }

 private:
  static UpdateSettings read(const Settings& settings) {
    UpdateSettings out;
    settings.read(out, "update");
    const char* key = std::getenv("ENSUE_KEY");
    if (out.key.empty() && key != nullptr) out.key = key;
    if (out.server.empty()) {
      invalid("update: no server; --server URL names it");
    }
    return out;
  }

  void pull() {
    const std::uint64_t since = folder_.cursor();
    const std::string target =
        "/v1/events/export?since=" + std::to_string(since);
    const fs::path arrived = folder_ / "arrived.jsonl";
    const serve::Response answer = client_.download(target, arrived);
    const std::string where = settings_.server + target;
    const std::uint64_t cursor = number_in(answer, "X-Ensue-Cursor", where);
    const std::uint64_t events = number_in(answer, "X-Ensue-Events", where);
    if (cursor < since) {
      invalid(where + ": the server counts events anew (" +
              std::to_string(cursor) +
              "): its store is another one than that "
              "of the updates in " +
              settings_.folder);
    }
    steps_.add("pulled", grouped(events) + " events");
    if (events > 0) folder_.keep_pull(arrived, cursor);
    std::error_code ignored;
    fs::remove(arrived, ignored);
  }

  int nothing_new(const UpdateFolder::State& state) {
    if (!state.model.empty() && !state.posted) {
      post(state);  // the last update got no further
      steps_.print();
      return 0;
    }
    steps_.print();
    std::printf("nothing new since the last update: nothing posted\n");
    return 0;
  }

  events::Log grow(const std::vector<UpdateFolder::Pull>& pulls) {
    ProgressPrinter progress;
    data::GrowRequest request{.base = source_.dataset,
                              .events = {},
                              .dataset = (folder_ / "dataset").string(),
                              .memory = source_.memory,
                              .threads = source_.threads,
                              .progress = progress.function()};
    for (const auto& pull : pulls) request.events.push_back(pull.file);
    const data::Grown grown = data::grow_dataset(request);
    progress.finish();
    first_seq_ = grown.first;
    steps_.add("dataset", grouped(grown.import.report.kept) + " events" +
                              (grown.known == 0 ? ""
                                                : ", " + grouped(grown.known) +
                                                      " were known before"));
    return data::Dataset::open(grown.import.dataset).log();
  }

  static std::vector<bool> newer_than(const events::Log& log,
                                      std::uint64_t first) {
    std::vector<bool> out(log.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = log.columns().seqs[i] >= first;
    }
    return out;
  }

  int learn_and_post(const UpdateFolder::State& state, const events::Log& log,
                     std::vector<bool> fresh, std::uint64_t cursor) {
    ProgressPrinter progress;
    const bool first = state.model.empty() || typed_model_;
    const std::optional<train::UpdateResult> learnt = train::update(
        {.log = log,
         .fresh = std::move(fresh),
         .from = first ? fs::path(settings_.model) : folder_ / state.model,
         .folder = folder_ / "",
         .options = settings_.learning,
         .progress = progress.function(),
         .stop = &stop_on_interrupt()});
    progress.finish();
    std::error_code ignored;
    fs::remove(folder_ / "judged.safetensors", ignored);
    if (!learnt) {
      steps_.print();
      std::printf(
          "too little is new to learn from: it waits for the next update\n");
      return 0;
    }
    const train::UpdateResult& result = *learnt;
    if (result.stopped) {
      std::printf("\nstopped: nothing was posted; the next update goes on\n");
      return kInterrupted;
    }
    say(result);
    const fs::path candidate = folder_ / "candidate.safetensors";
    result.draft.write(candidate);
    if (result.judged && result.judged->worse() && !force_) {
      steps_.print();
      std::fprintf(stderr,
                   "ensue: the updated model is worse than the current one; it "
                   "was not posted (%s); --force posts it\n",
                   candidate.c_str());
      return kWorse;
    }
    folder_.keep_model(candidate, cursor);
    post(folder_.state());
    steps_.print();
    return 0;
  }

  static std::string interval(const judge::Interval& value) {
    return fixed(value.mean, 4) + " [" + fixed(value.low, 4) + ", " +
           fixed(value.high, 4) + "]";
  }

  void say(const train::UpdateResult& result) {
    steps_.add("learnt", grouped(result.fresh) + " new events and " +
                             grouped(result.replayed) + " old ones again");
    if (!result.judged) {
      steps_.add("judged", "not: there are too few later events");
      return;
    }
    const auto& judged = *result.judged;
    const std::string& metric = settings_.learning.metric;
    steps_.add("judged on", grouped(judged.after.queries) + " questions from " +
                                time_text(count(judged.from)));
    steps_.add("  current",
               metric + " " + interval(judged.before.metrics.at(metric)));
    steps_.add("  updated",
               metric + " " + interval(judged.after.metrics.at(metric)));
    steps_.add("  difference", interval(judged.difference.difference));
  }

  void post(UpdateFolder::State state) {
    client_.post_file("/v1/models?name=" + escaped(settings_.name),
                      "application/octet-stream", folder_ / state.model);
    state.posted = true;
    folder_.write(state);
    steps_.add("posted", state.model + " as " + settings_.name);
  }

  UpdateSettings settings_;
  bool force_, typed_model_;
  data::SourceOptions source_;
  serve::Client client_;
  UpdateFolder folder_;
  std::vector<std::uint64_t> first_seq_;  // of each pull in the dataset
  Steps steps_;
};

Action add(CLI::App& app, Settings& settings) {
  auto force = std::make_shared<bool>(false);
  settings.add_options<UpdateSettings>(app, "update");
  settings.add_options<data::SourceOptions>(app, "data");
  app.add_flag("--force", *force, "post the model though it is worse");
  return [&settings, force] { return Update(settings, *force).run(); };
}

}  // namespace

Verb update_verb() {
  return {"update", "learn a running server's new events and post the model",
          "ensue update --server http://localhost:8087", add};
}

}  // namespace ensue::apps
