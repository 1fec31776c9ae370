// SPDX-License-Identifier: Apache-2.0
// An artifact loaded for answering.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/history.h"
#include "ensue/events/log.h"
#include "ensue/runtime/state.h"
#include "ensue/runtime/top_k.h"

namespace ensue::runtime {

/// A question for the best items.
struct TopRequest {
  const State* state = nullptr;
  std::size_t k = 10;
  ItemFilter filter = {};
};

/// Answers from one artifact. Immutable and thread-safe; knows blocks, never
/// models. Bits do not depend on batch size or threads, nor on whether events
/// came one by one or as a whole history.
class Engine {
 public:
  /// @throws what Artifact::load throws; Error(kCorrupt) when a tensor's shape
  ///   does not fit its block.
  static std::shared_ptr<const Engine> load(const std::string& path);
  explicit Engine(std::shared_ptr<const artifact::Artifact> artifact);
  ~Engine();

  const artifact::Artifact& artifact() const noexcept { return *artifact_; }
  /// Items that get a score: the artifact's item vocabulary.
  std::size_t items() const noexcept;
  /// Width of what reaches the head; 0 for classical models.
  std::size_t width() const noexcept;

  /// Named columns that it reads of events: what a row of context is made of.
  /// Those of a blend are its members' columns, one member's after another's.
  const std::vector<events::ContextColumn>& context() const noexcept;

  State start() const;
  /// One event; item and action are ids of the artifact's vocabularies. An
  /// event whose item is kNoItem changes nothing. Allocation-free after the
  /// first events.
  /// @param context  a cell for each column of context(), codes being those of
  ///   its vocabularies; or empty: nothing is known.
  void step(State& state, const events::Event& event,
            std::span<const events::Cell> context = {}) const noexcept;
  /// The same result as one step per event, faster: the whole sequence at
  /// once, and only the part that matters of a long one.
  /// @throws Error(kInvalidArgument) when the history has context, but rows of
  ///   another length than context().
  State encode(const events::History& history) const;
  /// Of `events` events the first that an answer depends on, in its place among
  /// those behind it: others could stand before it, but not fewer.
  std::size_t first_read(std::size_t events) const noexcept;
  /// Whether a step costs what one event costs; false: it encodes anew what
  /// matters of the history.
  bool cheap_steps() const noexcept;

  /// A logit for every item. `out` [items()].
  void score(const State& state, std::span<float> out) const noexcept;
  /// The same with `x` [width()] in place of output(state): what an event of a
  /// certain kind would make likely.
  void score_as(const State& state, std::span<const float> x,
                std::span<float> out) const noexcept;
  /// The same for several users at once: out [states, items()], same bits.
  void score(std::span<const State* const> states, std::span<float> out) const;

  /// The `k` best items that pass `filter`: what top_k() gives for score(), bit
  /// by bit. Where an item's logit is a dot product, with additions for what
  /// the user took before, most items are never scored.
  /// @throws Error(kInvalidArgument) when `filter.allowed` is neither empty nor
  ///   as long as words_of(items()).
  std::vector<Scored> top(const State& state, std::size_t k,
                          const ItemFilter& filter = {}) const;
  /// The same for several users at once, who share what is read.
  std::vector<std::vector<Scored>> top(
      std::span<const TopRequest> requests) const;

  /// What reaches the head after `state`'s events (a user's embedding).
  std::span<const float> output(const State& state) const noexcept;

 private:
  struct Impl;
  std::shared_ptr<const artifact::Artifact> artifact_;
  std::unique_ptr<const Impl> impl_;
};

/// What the ids of histories mean.
struct HistoryNames {
  const events::Vocabulary &items, &actions;
  const std::vector<events::ContextColumn>& context;
};

/// Ids of a log in terms of an engine's vocabularies, by name.
class Translation {
 public:
  /// @throws Error(kInvalidArgument) naming a context column that the engine
  ///   reads and the log does not have.
  Translation(const events::Log& log, const Engine& engine);
  Translation(const HistoryNames& from, const Engine& engine);
  /// nullopt: the engine does not know the item.
  std::optional<std::uint32_t> item(events::ItemId id) const noexcept;
  /// Unknown actions are action 0.
  events::ActionId action(events::ActionId id) const noexcept {
    return actions_[events::index(id)];
  }
  /// A row of the engine's context() from one of the log's. A value unknown to
  /// the engine is nothing.
  void translate(std::span<const events::Cell> row,
                 std::vector<events::Cell>& out) const;
  /// A history as the engine sees it: unknown items left out, unknown actions
  /// as action 0. `kept[i]` of the i-th translated event is its place before.
  struct Events {
    std::vector<events::ItemId> items;
    std::vector<events::ActionId> actions;
    std::vector<events::Millis> times;
    std::vector<float> values;
    std::vector<std::uint32_t> kept;
    std::vector<events::Cell> context = {};  // [events, columns], or empty
    std::size_t columns = 0;
    events::History view() const noexcept {
      return {items, actions, times, values, events::rows_of(context, columns)};
    }
  };
  Events translate(const events::History& history) const;

 private:
  /// How one column is read: from which of the log's, code by code or number by
  /// number.
  struct Column {
    std::size_t place;                  // in the log
    std::vector<events::Cell> by_code;  // of the log's values
    bool numbers;                       // the log holds numbers instead
    events::Vocabulary names;           // and the engine these, if `named`
    bool named;
  };
  std::vector<std::uint32_t> items_;  // 0xFFFFFFFF: unknown
  std::vector<events::ActionId> actions_;
  std::vector<Column> context_;
};

/// A text as a cell of `column`: nothing for a value that it does not know.
/// @throws Error(kInvalidArgument) for what is no number in one of numbers.
events::Cell cell_of(const events::ContextColumn& column,
                     std::string_view text);

/// In place: logits to probabilities (double accumulation).
void softmax(std::span<float> scores) noexcept;

}  // namespace ensue::runtime
