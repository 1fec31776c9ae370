// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/judging.h"

#include <algorithm>
#include <utility>

#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

JsonObject interval(const judge::Interval& value) {
  return {{"mean", value.mean}, {"low", value.low}, {"high", value.high}};
}

JsonObject numbers(const std::map<std::string, double>& values) {
  JsonObject out;
  for (const auto& [name, value] : values) out[name] = value;
  return out;
}

// A metric of an evaluation, with or without its interval; "-" when absent.
std::string cell(const judge::Evaluation& evaluation, const std::string& name,
                 bool with_interval) {
  if (const auto found = evaluation.metrics.find(name);
      found != evaluation.metrics.end()) {
    const judge::Interval& value = found->second;
    std::string out = fixed(value.mean, 4);
    if (with_interval) {
      out += " [" + fixed(value.low, 4) + ", " + fixed(value.high, 4) + "]";
    }
    return out;
  }
  const auto total = evaluation.totals.find(name);
  return total == evaluation.totals.end() ? "-" : fixed(total->second, 4);
}

}  // namespace

judge::EvaluateOptions JudgeSettings::options() const {
  judge::EvaluateOptions out;
  out.ks = ks;
  out.bootstrap = bootstrap;
  out.seed = static_cast<std::uint64_t>(seed);
  out.target_actions = target_actions;
  if (ties == "pessimistic") {
    out.ties = judge::TieRule::kPessimistic;
  } else if (ties == "optimistic") {
    out.ties = judge::TieRule::kOptimistic;
  } else if (ties == "mean") {
    out.ties = judge::TieRule::kMean;
  } else {
    invalid("[judge].ties: '" + ties +
            "', expected pessimistic, optimistic or mean");
  }
  return out;
}

std::string describe_ties(const std::string& ties) {
  if (ties == "optimistic") {
    return "optimistic: a tied target ranks first among its ties";
  }
  if (ties == "mean") {
    return "mean: a tied target ranks in the middle of its ties";
  }
  return "pessimistic: a tied target ranks last among its ties";
}

JsonObject to_json(const judge::Evaluation& evaluation) {
  JsonObject metrics;
  for (const auto& [name, value] : evaluation.metrics) {
    metrics[name] = interval(value);
  }
  JsonArray slices;
  for (const judge::Evaluation::Slice& slice : evaluation.slices) {
    slices.push_back(JsonObject{{"by", slice.by},
                                {"value", slice.value},
                                {"queries", slice.queries},
                                {"metrics", numbers(slice.metrics)}});
  }
  return {{"model", evaluation.model},
          {"split", evaluation.split},
          {"users", evaluation.users},
          {"queries", evaluation.queries},
          {"targets", evaluation.targets},
          {"unknown_targets", evaluation.unknown_targets},
          {"metrics", std::move(metrics)},
          {"per_query", numbers(evaluation.per_query)},
          {"totals", numbers(evaluation.totals)},
          {"slices", std::move(slices)}};
}

JsonObject to_json(const judge::Comparison& comparison) {
  return {{"difference", interval(comparison.difference)},
          {"p_value", comparison.p_value}};
}

std::vector<std::string> shown_metrics(const judge::Evaluation& evaluation) {
  int k = 0;
  for (const auto& [name, value] : evaluation.metrics) {
    if (!name.starts_with("ndcg@")) continue;
    const int this_k = std::stoi(name.substr(5));
    k = k == 0 ? this_k : std::min(k, this_k);
  }
  std::vector<std::string> out;
  const auto add = [&](const std::string& name) {
    if (evaluation.metrics.contains(name) || evaluation.totals.contains(name)) {
      out.push_back(name);
    }
  };
  for (const char* name : {"ndcg@", "recall@", "hit@", "mrr@"}) {
    add(name + std::to_string(k));
  }
  add("logloss");
  add("coverage@" + std::to_string(k));
  return out;
}

std::string evaluation_table(std::span<const judge::Evaluation> evaluations,
                             const std::vector<std::string>& metrics) {
  std::vector<std::string> header = {"model"};
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    header.push_back(metrics[i] + (i == 0 ? " [95 %]" : ""));
  }
  TextTable table(std::move(header));
  for (const judge::Evaluation& evaluation : evaluations) {
    std::vector<std::string> row = {evaluation.model};
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      row.push_back(cell(evaluation, metrics[i], /*with_interval=*/i == 0));
    }
    table.add(std::move(row));
  }
  return table.text();
}

}  // namespace ensue::apps
