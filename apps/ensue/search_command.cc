// SPDX-License-Identifier: Apache-2.0
// ensue train --task search, ensue predict search: what a query means.
#include <algorithm>
#include <cstdio>

#include "apps/ensue/asked_users.h"
#include "apps/ensue/task_commands.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/classic/search.h"
#include "ensue/classic/search_judge.h"
#include "ensue/data/dataset.h"
#include "ensue/data/options.h"
#include "ensue/data/texts.h"
#include "ensue/judge/instants.h"
#include "ensue/metrics/intervals.h"
#include "ensue/tasks/search.h"

namespace ensue::apps {
namespace {

constexpr const char* kTask = "search";
constexpr std::size_t kFewest = 20;  // questions that weights are fitted to
constexpr int kBootstrap = 200;

struct SearchSettings {
  std::string name = kTask;
  classic::SearchOptions fit = {.query = ""};
  double test_share = 0.1;
  void visit(auto&& field) {
    field("name", name, "the task");
    field("test_share", test_share,
          "search: the last share of the events, which judges");
    field("query", fit.query,
          "search: event column of what was typed; empty: the log's texts");
    field("text", fit.text, "search: item columns looked at; none: all texts");
    field("k1", fit.k1, "search: how soon a repeated word stops counting");
    field("b", fit.b, "search: how much long texts are held back");
    field("neighbours", fit.neighbours, "search: kept lifts of an item");
    field("ridge", fit.ridge, "search: penalty on the squared weights");
    field("weights_share", fit.weights_share,
          "search: the last share of the events, which fits the weights");
  }
};

// The column of what was typed; "" when the log has none.
std::string query_column(const events::Log& log, const std::string& said) {
  if (!said.empty()) return said;
  for (const char* name : {"text", "query", "search", "search_term"}) {
    for (const events::ContextColumn& column : log.context()) {
      if (column.name == name &&
          column.kind == events::ContextKind::kCategory) {
        return name;
      }
    }
  }
  return "";
}

std::string with_interval(const std::vector<double>& values) {
  const auto i = metrics::bootstrap(values, kBootstrap, /*seed=*/1);
  return fixed(i.mean, 4) + " [" + fixed(i.low, 4) + ", " + fixed(i.high, 4) +
         "]";
}

// On the questions of the last events, by a search that knows those before.
void judge(const events::Log& log, const SearchSettings& task) {
  const events::Millis end = end_of(log);
  const auto cut = classic::last_share(log, end, task.test_share);
  const auto questions =
      classic::search_questions(log, task.fit.query, cut, end);
  if (questions.empty()) {
    std::printf("nothing was typed after %s: not judged\n\n",
                judge::show_instant(cut).c_str());
    return;
  }
  const runtime::Search search(artifact::Artifact::from_bytes(
      classic::fit_search(log, cut, task.fit).bytes(), kTask));
  TextTable table({"search", "ndcg@10", "hit@10"});
  for (const auto& one : classic::judge_search(log, search, questions)) {
    table.add({std::string(one.name), with_interval(one.ndcg),
               with_interval(one.hit)});
  }
  std::printf(
      "judged on %s queries after %s, by what lies strictly before each; 95 %% "
      "intervals\n\n%s\n",
      grouped(questions.size()).c_str(), judge::show_instant(cut).c_str(),
      table.text().c_str());
}

void print_weights(const tasks::SearchModel& model,
                   const runtime::Search& search) {
  if (!model.learnt_from_queries()) {
    std::printf(
        "nobody types anything in this log: ordered by BM25 and popularity\n");
    return;
  }
  std::printf("weights:");
  const auto& weights = search.weights(runtime::SearchRanking::kBlend);
  for (std::size_t s = 0; s < weights.size(); ++s) {
    std::printf("%s %s %s", s == 0 ? "" : ",",
                std::string(runtime::kSearchSignals[s]).c_str(),
                fixed(weights[s], 2).c_str());
  }
  std::printf("\n");
}

int train(const Settings& settings) {
  SearchSettings task;
  data::SourceOptions source;
  read_task(task, settings);
  settings.read(source, "data");
  if (!(task.test_share > 0 && task.test_share < 1)) {
    invalid("task.test_share: " + fixed(task.test_share, 4) +
            ", expected between 0 and 1");
  }
  const events::Log log = data::log_with_texts(
      data::Dataset::open(settings.base() / source.dataset));
  const events::Millis end = end_of(log);
  const std::string column = query_column(log, task.fit.query);
  const bool asked = !task.fit.query.empty();
  task.fit.query = column;
  if (!asked && !column.empty() &&
      classic::search_questions(
          log, column, classic::last_share(log, end, task.fit.weights_share),
          end)
              .size() < kFewest) {
    task.fit.query.clear();
  }
  if (!task.fit.query.empty()) judge(log, task);
  const auto draft = classic::fit_search(log, end, task.fit);
  const auto artifact = artifact::Artifact::from_bytes(draft.bytes(), kTask);
  print_weights(tasks::SearchModel(artifact), runtime::Search(artifact));
  const auto path = task_model_path(kTask);
  std::filesystem::create_directories(path.parent_path());
  draft.write(path);
  std::printf("\n%s: ask it with: ensue predict search --query WORDS\n",
              path.c_str());
  return 0;
}

std::string reasons(const tasks::FoundItem& found) {
  std::string out;
  for (std::size_t s = 0; s < found.parts.size(); ++s) {
    if (found.parts[s] == 0) continue;
    out += (out.empty() ? "" : ", ") + std::string(runtime::kSearchSignals[s]) +
           " " + fixed(found.parts[s], 2);
  }
  return out;
}

void print_found(const tasks::SearchModel& model, const TaskQuestion& question,
                 const events::History& history, events::Millis at) {
  const auto known = static_cast<std::size_t>(
      std::ranges::lower_bound(history.times, at) - history.times.begin());
  const auto allowed = tasks::allowed_items(model.artifact(), question.filter,
                                            history.first(known));
  TextTable table({"item", "title", "score", "probability", "why"});
  for (const tasks::FoundItem& one :
       model.find(question.query, history, at,
                  static_cast<std::size_t>(question.k), allowed)) {
    table.add({one.name, one.title, fixed(one.score, 4),
               fixed(one.probability, 4), reasons(one)});
  }
  std::printf("%s\n", table.text().c_str());
}

int predict(const TaskQuestion& question, const Settings& settings) {
  const tasks::SearchModel model(artifact::Artifact::load(question.model));
  if (question.query.empty()) invalid("predict: expected --query WORDS");
  if (question.all_users)
    invalid("predict: search answers one --user at a time");
  if (question.k < 1) {
    invalid("k: " + std::to_string(question.k) + ", expected 1 or more");
  }
  std::printf("%s%s\n\n",
              styled(Style::kBold, clip(question.query, 60)).c_str(),
              model.matches(question.query)
                  ? ""
                  : "  no item has such a word: the most popular ones");
  if (question.users.empty()) {
    print_found(model, question, {}, events::Millis{0});
    return 0;
  }
  const AskedLog asked = asked_log(question, settings);
  const LogReading reading(asked.log, model.about());
  for (const std::string& name : question.users) {
    const auto events = reading.of(find_user(asked, name));
    std::printf("%s\n", styled(Style::kBold, clip(name, 60)).c_str());
    print_found(model, question, events.view(), asked.at);
  }
  return 0;
}

}  // namespace

TaskCommand search_command() {
  return {.name = kTask,
          .fields = describe_fields<SearchSettings>,
          .trains =
              [](const Settings& settings) {
                return settings.section("task").at("name") == Json(kTask);
              },
          .train = train,
          .holds = tasks::SearchModel::is_one,
          .predict = predict};
}

}  // namespace ensue::apps
