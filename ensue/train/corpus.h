// SPDX-License-Identifier: Apache-2.0
// The training part of a log, as sequences of dense ids and their targets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/block_configs.h"
#include "ensue/events/log.h"
#include "ensue/judge/split.h"

namespace ensue::train {

/// What a model may see: the events of the training ranges that carry an item,
/// user after user, oldest first.
///
/// Ids are dense over the items and actions that training has seen, in the
/// log's order. Event i predicts the distinct items of events
/// [target_begin[i], target_end[i]); an empty range predicts nothing. Where the
/// order within an instant is real, that is the next event; else the last
/// event of an instant predicts the user's next instant, and the others
/// nothing, so that nothing is learnt from line order. With chosen
/// actions the next instant is the next one that holds such an event, and its
/// other events are no targets.
struct Corpus {
  std::vector<std::uint64_t> offsets = {0};  // [users with events + 1]
  std::vector<std::uint32_t> items;
  std::vector<std::uint8_t> actions;
  std::vector<events::Millis> times;
  std::vector<float> values;            // NaN: none
  std::vector<std::uint32_t> instants;  // of the user, counted from 0
  std::vector<events::Cell> context;    // [events, named columns]
  std::vector<std::uint64_t> target_begin, target_end;  // [events]
  std::vector<std::uint64_t> popularity;  // [items known] events of each

  std::vector<events::UserId> known_users;             // [users]
  std::vector<events::ItemId> known_items;             // dense id -> log's id
  std::vector<events::ActionId> known_actions;         // the same for actions
  std::vector<bool> wanted_actions;                    // [known] may be targets
  std::vector<events::ContextColumn> context_columns;  // values that were seen
  std::vector<artifact::NumberScale> scales;           // of each column
  std::size_t events = 0;   // in the training ranges, without an item too
  events::Millis until{0};  // the latest of them
  std::uint64_t part = 0;   // fingerprint of the training ranges

  std::size_t size() const noexcept { return items.size(); }
  std::size_t users() const noexcept { return offsets.size() - 1; }
  /// What the named columns say of an event.
  std::span<const events::Cell> context_of(std::uint64_t event) const noexcept {
    return std::span(context).subspan(event * context_columns.size(),
                                      context_columns.size());
  }
  bool is_target(std::uint64_t event) const noexcept {
    return wanted_actions[actions[event]];
  }
};

/// Which events are labels.
struct CorpusOptions {
  std::vector<std::string> target_actions = {};  // none: every action
  double label_share = 1;                        // of the users
  std::uint64_t seed = 1;                        // which users
  std::vector<std::string> context = {};  // named columns: NAME or NAME:KIND
  /// [events of the log] What may be predicted; null: every event. An instant
  /// of which no event may leaves its place: what stands before it predicts
  /// nothing.
  const std::vector<bool>* targets = nullptr;
};

/// @throws Error(kInvalidArgument) when the split is not of this log or leaves
///   no event with an item; Error(kNotFound) for an action that training has
///   not seen, listing those that it has, and for a named column that the log
///   does not have.
Corpus make_corpus(const events::Log& log, const judge::Split& split,
                   const CorpusOptions& options = {});

/// The log's item table with the rows of the known items alone, by dense id.
events::Table known_item_table(const events::Log& log, const Corpus& corpus);

/// What an artifact fitted on `corpus` says of itself; metrics left empty.
artifact::Description describe(const events::Log& log, const Corpus& corpus,
                               const artifact::ModelSpec& model,
                               const JsonObject& training);

}  // namespace ensue::train
