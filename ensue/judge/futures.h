// SPDX-License-Identifier: Apache-2.0
// How good predictions of several coming events are.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "ensue/events/log.h"
#include "ensue/judge/split.h"
#include "ensue/metrics/intervals.h"
#include "ensue/runtime/engine.h"

namespace ensue::judge {

/// The first `history` events of the user are known; the `steps` events behind
/// them are asked for.
struct FuturesQuery {
  events::UserId user{0};
  std::uint32_t history = 0;
};

/// Per user of `queries` (sorted by user) one question drawn at random of those
/// that have `steps` more events with an item behind their history. Not the
/// first one: a pause that a cut falls into is longer than pauses are.
std::vector<FuturesQuery> futures_queries(const events::Log& log,
                                          std::span<const Query> queries,
                                          int steps, std::uint64_t seed = 1);

struct FuturesOptions {
  int steps = 5, samples = 100;
  int k = 10;  // length of the set that is compared with what came
  int bootstrap = 1000;
  std::uint64_t seed = 1;
};

/// Means over users, one question each.
struct FuturesEvaluation {
  std::size_t users = 0;
  /// logloss: nats per event of the whole coming sequence, by the chain rule:
  /// action, whole seconds until then, item, each given what came before; an
  /// unknown item costs log(items + 1). action_logloss, time_logloss,
  /// event_item_logloss: its parts. item_logloss: of the next item alone.
  /// action_accuracy: the likeliest action was the next one. time_inside: the
  /// time until the last event lies between quantiles .1 and .9 of the drawn.
  /// set_recall: share of the distinct coming items among the k that most
  /// futures hold. top_recall: the same among the k likeliest next items.
  /// Only item_logloss, set_recall and top_recall without a next_event head.
  std::map<std::string, metrics::Interval> metrics;
};

/// @throws Error(kInvalidArgument) without queries or on a size below 1.
FuturesEvaluation evaluate_futures(const events::Log& log,
                                   std::span<const FuturesQuery> queries,
                                   const runtime::Engine& engine,
                                   const FuturesOptions& options);

/// Share of the distinct items of `coming` among the k most frequent ids of
/// `futures`, each future counted once an item; ties by lower id.
double set_recall(std::span<const std::uint32_t> coming,
                  std::span<const std::vector<std::uint32_t>> futures, int k);

/// What the parts cost who only counts, in training, which action follows
/// which, and after how long: "action_logloss" and "time_logloss".
std::map<std::string, metrics::Interval> count_futures(
    const events::Log& log, const Split& split,
    std::span<const FuturesQuery> queries, const FuturesOptions& options);

}  // namespace ensue::judge
