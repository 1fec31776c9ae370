// SPDX-License-Identifier: Apache-2.0
// The best possible answers to "what next?" in a simulated shop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "ensue/base/progress.h"
#include "ensue/events/log.h"
#include "ensue/simulate/shop.h"

namespace ensue::simulate {

/// Which item comes behind the first `history` events of `user`? The answer is
/// the item of event number `history`.
struct NextItemQuery {
  events::UserId user{0};
  std::uint32_t history = 0;
};

/// One query for every event of the last `share` of the log by time, sorted by
/// user, then history. `customers` > 0 keeps evenly spread customers, about
/// that many.
std::vector<NextItemQuery> last_queries(const events::Log& log,
                                        double share = 0.1,
                                        std::size_t customers = 0);

/// P(next item | history), exact, by the rules of the shop.
///
/// Kinds, tastes and missions are finite, so Bayes' rule is a sum: a forward
/// filter over the customer's own events (items, actions, times). It takes
/// neither the query's time nor other customers into account, and it knows
/// that there is a next event inside the days of the log.
///
/// Immutable and thread-safe. A step costs O(tastes), an answer O(items +
/// weeks left * tastes * product lines).
class BayesPredictor {
 public:
  /// What it knows beside the shop's rules: only the log, or also who the
  /// customer is (taste, segment, response, bot) and the running mission.
  enum class Knows { kLog, kTruth };
  using Sink = std::function<void(std::size_t query,
                                  std::span<const double> log_probability)>;

  /// @param log  of this very shop (simulate_log() or an import of its
  ///   files); it and `shop` must outlive the predictor.
  /// @throws Error(kInvalidArgument) when names of items, users or actions are
  ///   not the shop's.
  BayesPredictor(const Shop& shop, const events::Log& log, Knows knows);
  ~BayesPredictor();
  BayesPredictor(BayesPredictor&&) noexcept;

  /// Items that get a probability: those of the log, in its order.
  std::size_t items() const noexcept;

  /// Calls `sink` once per history length; `histories` rise. The log
  /// probabilities [items()] are over the items of the log and sum to 1 there;
  /// what cannot come has kImpossible.
  /// @throws Error(kInvalidArgument) on a history that this shop cannot make.
  void predict(events::UserId user, std::span<const std::uint32_t> histories,
               const Sink& sink) const;

  /// One answer as logits; `log` is the constructor's.
  void scores(const events::Log& log, events::UserId user,
              std::size_t history_length, std::span<float> out) const;

  static constexpr double kImpossible = -1000;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

struct Ceiling {
  double recall_at_10 = 0;  // a tied target ranks last among its ties
  double log_loss = 0;      // -ln P(item), nats
};

/// Means per customer first, then over customers.
struct Ceilings {
  std::size_t customers = 0, queries = 0;
  Ceiling truth;  // of who knows the truth
  Ceiling log;    // of who knows only the log: the one to aim for
};

/// @throws Error(kInvalidArgument) on no queries, and as BayesPredictor does.
Ceilings compute_ceilings(const Shop& shop, const events::Log& log,
                          std::span<const NextItemQuery> queries,
                          const ProgressFn& progress = {});

}  // namespace ensue::simulate
