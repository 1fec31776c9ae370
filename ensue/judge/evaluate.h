// SPDX-License-Identifier: Apache-2.0
// Full-rank evaluation: every item, a stated tie rule, per-user values first.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "ensue/base/progress.h"
#include "ensue/judge/scorer.h"
#include "ensue/judge/split.h"
#include "ensue/metrics/intervals.h"
#include "ensue/metrics/ranks.h"

namespace ensue::judge {

using metrics::Interval;
using metrics::TieRule;

struct EvaluateOptions {
  std::vector<int> ks = {10};
  TieRule ties = TieRule::kPessimistic;  // a tied target ranks last
  bool lists = true;    // also coverage, gini, novelty (need top-k lists)
  bool logloss = true;  // -log softmax(logits)[target], see evaluate()
  bool slices = true;
  int bootstrap = 1000;
  std::uint64_t seed = 1;
  std::vector<std::string> target_actions = {};  // none: events of every action
};

/// One model on one split.
struct Evaluation {
  std::string model, split;  // split: its description
  TieRule ties = TieRule::kPessimistic;
  std::size_t users = 0, queries = 0, targets = 0;
  double unknown_targets = 0;  // share of targets the model cannot rank
  /// Name ("ndcg@10", "logloss", …) to per-user means; users in rising order.
  std::map<std::string, std::vector<double>> per_user;
  std::map<std::string, Interval> metrics;
  /// Means over queries instead of users, as session tables publish them.
  std::map<std::string, double> per_query;
  /// Whole-list figures without an interval: coverage@10, gini@10, novelty@10.
  std::map<std::string, double> totals;
  struct Slice {
    std::string by, value;  // "history", "5-9"
    std::size_t queries = 0;
    std::map<std::string, double> metrics;
  };
  std::vector<Slice> slices;  // history length, item popularity, action
};

/// [actions] whether events of an action are targets; every one with no names.
/// @throws Error(kNotFound) "<where>: 'by', expected view, buy".
std::vector<bool> find_targets(const events::Vocabulary& actions,
                               const std::vector<std::string>& names,
                               const std::string& where);

/// Ranks every item of the scorer for every query with at least one target
/// item (others have nothing to rank and are left out); with chosen actions,
/// an item that such an event is about. A user's value is the
/// mean over the user's queries, a metric the mean over users.
///
/// A target that the scorer has no place for stays in every denominator, is
/// never found, and costs log(items + 1) nats: a uniform guess over all items
/// and one more. Log-loss is of the whole predicted distribution; where seen
/// items are removed only the ranking leaves them out, and a target is ranked
/// though it was seen.
///
/// Slices: "history" is the number of earlier events; "popularity" is by the
/// targets' training counts, head, middle and tail each holding a third of the
/// training events, "new" none; "action" is what was done. A query counts in
/// each slice that has one of its targets, with those targets alone.
///
/// Metrics do not depend on threads or on how queries are batched.
/// @throws Error(kInvalidArgument) on no queries, no target item, a k below 1,
///   or a scorer that gives another number of scores than it says;
///   Error(kNotFound) for an action that the log does not have.
Evaluation evaluate(const events::Log& log, const Split& split,
                    std::span<const Query> queries, const Scorer& scorer,
                    const EvaluateOptions& options = {},
                    const ProgressFn& progress = {});

/// Paired bootstrap over users of a - b. Both judged on the same queries.
/// @throws Error(kInvalidArgument) when one lacks the metric or they were
///   judged on different numbers of users or queries.
struct Comparison {
  Interval difference;
  double p_value = 1;  // two-sided, sign-flip permutation
};
Comparison compare(const Evaluation& a, const Evaluation& b,
                   const std::string& metric, std::uint64_t seed = 1);

}  // namespace ensue::judge
