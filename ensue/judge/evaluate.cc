// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/evaluate.h"

#include <numeric>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/threads.h"
#include "ensue/judge/internal/answers.h"
#include "ensue/judge/internal/slices.h"
#include "ensue/metrics/catalog.h"

namespace ensue::judge {
namespace {

using events::Log;
using metrics::Needs;

void check_options(std::span<const Query> queries,
                   const EvaluateOptions& options) {
  if (queries.empty()) invalid("evaluate: no questions, expected at least one");
  if (options.ks.empty()) invalid("evaluate: no list length k, expected one");
  for (const int k : options.ks) {
    if (k < 1) {
      invalid("evaluate: k " + std::to_string(k) + ", expected at least 1");
    }
  }
}

// Metrics of single questions, each with every k that it takes.
std::vector<Measure> measures_of(const EvaluateOptions& options) {
  std::vector<Measure> out;
  for (const metrics::MetricEntry& metric : metrics::metrics().all()) {
    if (metric.needs == Needs::kLists) continue;
    if (metric.needs == Needs::kLosses && !options.logloss) continue;
    for (const int k : options.ks) {
      out.push_back({&metric, k, metric.label(k)});
      if (!metric.has_cutoff()) break;
    }
  }
  return out;
}

metrics::Outcome outcome_of(const Questions& questions, const Answers& answers,
                            std::size_t query) {
  const std::size_t begin = questions.offsets[query],
                    size = questions.offsets[query + 1] - begin;
  metrics::Outcome out{std::span(answers.ranks).subspan(begin, size), {}};
  if (!answers.losses.empty()) {
    out.losses = std::span(answers.losses).subspan(begin, size);
  }
  return out;
}

// Sums over each user's questions: [measures][users].
std::vector<std::vector<double>> sums_of_users(
    const Questions& questions, const Answers& answers,
    const std::vector<Measure>& measures) {
  const std::size_t users = questions.users.size();
  std::vector<std::vector<double>> out(measures.size(),
                                       std::vector<double>(users, 0.0));
  parallel_for(users, 256, [&](std::size_t begin, std::size_t end) {
    for (std::size_t u = begin; u < end; ++u) {
      const Run run = questions.users[u];
      for (std::size_t q = run.begin; q < run.end; ++q) {
        const metrics::Outcome outcome = outcome_of(questions, answers, q);
        for (std::size_t m = 0; m < measures.size(); ++m) {
          out[m][u] += measures[m].metric->of_outcome(outcome, measures[m].k);
        }
      }
    }
  });
  return out;
}

// From sums to means: over all queries, then over each user's.
void take_means(const Questions& questions, const std::string& label,
                std::vector<double>& sums, Evaluation& out) {
  out.per_query[label] = std::accumulate(sums.begin(), sums.end(), 0.0) /
                         static_cast<double>(questions.size());
  for (std::size_t u = 0; u < sums.size(); ++u) {
    const Run run = questions.users[u];
    sums[u] /= static_cast<double>(run.end - run.begin);
  }
}

void add_metrics(const Questions& questions, const Answers& answers,
                 const std::vector<Measure>& measures,
                 const EvaluateOptions& options, Evaluation& out) {
  auto values = sums_of_users(questions, answers, measures);
  for (std::size_t m = 0; m < measures.size(); ++m) {
    take_means(questions, measures[m].label, values[m], out);
  }
  const std::vector<std::span<const double>> columns(values.begin(),
                                                     values.end());
  const auto intervals =
      metrics::bootstrap(columns, options.bootstrap, options.seed);
  for (std::size_t m = 0; m < measures.size(); ++m) {
    out.metrics[measures[m].label] = intervals[m];
    out.per_user[measures[m].label] = std::move(values[m]);
  }
}

void add_totals(const Log& log, const TrainCounts& counts, const Scorer& scorer,
                const Answers& answers, const EvaluateOptions& options,
                Evaluation& out) {
  std::vector<std::uint32_t> users_of_place(scorer.items(), 0);
  for (std::uint32_t i = 0; i < log.items(); ++i) {
    if (const auto place = scorer.place(events::ItemId{i})) {
      users_of_place[*place] = counts.users[i];
    }
  }
  const metrics::TopLists lists{.items = scorer.items(),
                                .width = answers.width,
                                .places = answers.lists,
                                .users_of_item = users_of_place,
                                .users = counts.all_users};
  for (const metrics::MetricEntry& metric : metrics::metrics().all()) {
    if (metric.needs != Needs::kLists) continue;
    for (const int k : options.ks) {
      out.totals[metric.label(k)] = metric.of_lists(lists, k);
    }
  }
}

const std::vector<double>& values_of(const Evaluation& evaluation,
                                     const std::string& metric) {
  const auto found = evaluation.per_user.find(metric);
  if (found == evaluation.per_user.end()) {
    std::string known;
    for (const auto& [name, values] : evaluation.per_user) {
      known += (known.empty() ? "" : ", ") + name;
    }
    invalid("compare: '" + evaluation.model + "' has no metric '" + metric +
            "'; known: " + known);
  }
  return found->second;
}

}  // namespace

Evaluation evaluate(const Log& log, const Split& split,
                    std::span<const Query> queries, const Scorer& scorer,
                    const EvaluateOptions& options,
                    const ProgressFn& progress) {
  check_options(queries, options);
  const Questions questions(log, queries, options.target_actions);
  if (questions.size() == 0) {
    invalid("evaluate: none of " + std::to_string(queries.size()) +
            " questions has a target with an item");
  }
  const Answers answers =
      answer(log, split, questions, scorer, options, progress);
  const auto measures = measures_of(options);

  Evaluation out;
  out.model = scorer.name();
  out.split = split.description;
  for (const std::string& action : options.target_actions) {
    out.split +=
        (&action == options.target_actions.data() ? "; asked for " : " or ") +
        action + " alone";
  }
  out.ties = options.ties;
  out.users = questions.users.size();
  out.queries = questions.size();
  out.targets = questions.targets.size();
  out.unknown_targets =
      static_cast<double>(answers.unknown) / static_cast<double>(out.targets);
  add_metrics(questions, answers, measures, options, out);
  if (options.lists || options.slices) {
    const TrainCounts counts(log, split);
    if (options.lists) {
      add_totals(log, counts, scorer, answers, options, out);
    }
    if (options.slices) {
      out.slices = slice(log, counts, questions, answers, measures);
    }
  }
  return out;
}

Comparison compare(const Evaluation& a, const Evaluation& b,
                   const std::string& metric, std::uint64_t seed) {
  constexpr int kReplicates = 2000;
  const auto& left = values_of(a, metric);
  const auto& right = values_of(b, metric);
  if (left.size() != right.size() || a.queries != b.queries) {
    invalid("compare: '" + a.model + "' was judged on " +
            std::to_string(a.queries) + " questions of " +
            std::to_string(left.size()) + " users, '" + b.model + "' on " +
            std::to_string(b.queries) + " of " + std::to_string(right.size()));
  }
  std::vector<double> differences(left.size());
  for (std::size_t u = 0; u < left.size(); ++u) {
    differences[u] = left[u] - right[u];
  }
  return {metrics::bootstrap(differences, kReplicates, seed),
          metrics::sign_flip_p_value(differences, kReplicates, seed)};
}

}  // namespace ensue::judge
