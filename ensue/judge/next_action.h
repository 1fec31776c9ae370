// SPDX-License-Identifier: Apache-2.0
// How well the next action, its time and its item are told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/action_counts.h"
#include "ensue/events/log.h"
#include "ensue/judge/split.h"
#include "ensue/runtime/engine.h"

namespace ensue::judge {

/// What somebody says of the event that follows a history.
struct NextGuess {
  std::vector<double> actions;       // [actions of the log] probabilities
  double seconds = 0;                // the median time until then
  std::vector<std::uint32_t> items;  // likely ones, ids of the log
};

/// Asked with a history that is not empty, in the log's ids. Thread-safe.
using NextGuesser = std::function<NextGuess(const events::History& past)>;

/// The next_event head of an engine; `k` items of its likeliest action.
/// @param blended  with what its artifact counted, if it did.
/// @throws Error(kInvalidArgument) when the model predicts items alone.
NextGuesser engine_guesser(std::shared_ptr<const runtime::Engine> engine,
                           const events::Log& log, std::size_t k = 10,
                           bool blended = true);

/// A Markov chain: shares of the actions that followed the last one in
/// training, each with one count more, and the median of the times behind such
/// an action; items as `engine` has them (null: none).
NextGuesser counting_guesser(const events::Log& log, const Split& split,
                             std::shared_ptr<const runtime::Engine> engine,
                             std::size_t k = 10);

/// What followed each action in training, one count more for each action and a
/// tenth for each bucket of time, in the engine's ids. Shares are 0.
artifact::ActionCounts count_actions(const events::Log& log, const Split& split,
                                     const runtime::Engine& engine);

/// Mean -log P of what came, by the head, by the counts, and by their blend.
struct CountsWeighed {
  std::size_t questions = 0;
  double head = 0, counted = 0, blend = 0;              // the action
  double head_gap = 0, counted_gap = 0, blend_gap = 0;  // its time, given it
  double share = 0, gap_share = 0;                      // of the counts
};
/// The shares of counts, in steps of a twentieth, that suit the first target
/// of these questions best.
/// @throws Error(kInvalidArgument) when the model predicts items alone.
CountsWeighed weigh_counts(const events::Log& log,
                           std::span<const Query> queries,
                           const runtime::Engine& engine,
                           artifact::ActionCounts& counts);

struct NextActionEvaluation {
  std::size_t questions = 0;
  /// accuracy, macro_f1 and logloss of the action; time_error: the median of
  /// |log((1 + said) / (1 + true))| of seconds, 0.69 being off by a factor of
  /// two; hit: the item is among those said.
  std::map<std::string, double> figures;
};

/// Of each question the first target with an item; those without history are
/// left out. On several threads.
/// @throws Error(kInvalidArgument) without questions.
NextActionEvaluation evaluate_next_action(const events::Log& log,
                                          std::span<const Query> queries,
                                          const NextGuesser& guesser);

}  // namespace ensue::judge
