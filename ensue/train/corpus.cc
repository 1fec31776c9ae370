// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/corpus.h"

#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"
#include "ensue/base/rng.h"
#include "ensue/judge/evaluate.h"
#include "ensue/train/context.h"

namespace ensue::train {
namespace {

constexpr auto kUnseen = std::numeric_limits<std::uint32_t>::max();

// The training events of one user.
events::History training_part(const events::Log& log, const judge::Split& split,
                              std::size_t user) {
  const auto history =
      log.history(events::UserId{static_cast<std::uint32_t>(user)});
  const judge::Range range = split.train[user];
  if (range.begin > range.end || range.end > history.size()) {
    invalid("split: training range [" + std::to_string(range.begin) + ", " +
            std::to_string(range.end) + ") of a user with " +
            std::to_string(history.size()) + " events");
  }
  return history.slice(range.begin, range.end);
}

struct Seen {
  std::vector<std::uint32_t> items, actions;  // log id -> dense id
};

// Marks what occurs, then numbers it in the log's order.
template <class Id>
void number(std::vector<std::uint32_t>& marks, std::vector<Id>& known) {
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (marks[i] == kUnseen) continue;
    marks[i] = static_cast<std::uint32_t>(known.size());
    known.push_back(static_cast<Id>(i));
  }
}

Seen find_seen(const events::Log& log, const judge::Split& split,
               Corpus& corpus) {
  Seen seen{std::vector(log.items(), kUnseen),
            std::vector(log.action_names().size(), kUnseen)};
  auto latest = std::numeric_limits<std::int64_t>::min();
  for (std::size_t user = 0; user < log.users(); ++user) {
    const auto part = training_part(log, split, user);
    corpus.events += part.size();
    for (std::size_t i = 0; i < part.size(); ++i) {
      latest = std::max(latest, count(part.times[i]));
      if (part.items[i] == events::kNoItem) continue;
      seen.items[index(part.items[i])] = 0;
      seen.actions[index(part.actions[i])] = 0;
    }
  }
  corpus.until = events::Millis{corpus.events == 0 ? 0 : latest};
  number(seen.items, corpus.known_items);
  number(seen.actions, corpus.known_actions);
  return seen;
}

// Where the instant that starts at `begin` ends.
std::size_t instant_end(std::span<const events::Millis> times,
                        std::size_t begin, bool ordered) {
  if (ordered) return begin + 1;
  std::size_t end = begin + 1;
  while (end < times.size() && times[end] == times[begin]) ++end;
  return end;
}

// What of one user may be predicted.
struct Wanted {
  bool labelled = true;           // false: nothing
  std::vector<bool> events = {};  // those of the corpus; empty: all
  bool any(std::size_t begin, std::size_t end) const {
    const auto at = [&](std::size_t i) {
      return events.begin() + static_cast<std::ptrdiff_t>(i);
    };
    return events.empty() || std::find(at(begin), at(end), true) != at(end);
  }
};

// The user's events begin at corpus event `first`.
void add_targets(std::size_t first, bool ordered, const Wanted& wanted,
                 Corpus& corpus) {
  const auto times = std::span(corpus.times).subspan(first);
  std::vector<std::size_t> starts;  // of instants, then the end
  for (std::size_t i = 0; i < times.size();
       i = instant_end(times, i, ordered)) {
    starts.push_back(i);
  }
  starts.push_back(times.size());
  const std::size_t instants = starts.size() - 1;
  // From the last instant back: the next one that holds a target.
  std::vector<std::size_t> next(instants);
  for (std::size_t k = instants, found = instants; k-- > 0;) {
    next[k] = found;
    for (std::size_t i = starts[k]; wanted.labelled && i < starts[k + 1]; ++i) {
      if (corpus.is_target(first + i)) found = k;
    }
  }
  for (std::size_t k = 0; k < instants; ++k) {
    const bool asked =
        next[k] < instants && wanted.any(starts[next[k]], starts[next[k] + 1]);
    for (std::size_t i = starts[k]; i < starts[k + 1]; ++i) {
      corpus.instants.push_back(static_cast<std::uint32_t>(k));
      const bool last = asked && i + 1 == starts[k + 1];
      const std::size_t to = std::min(next[k] + (last ? 1 : 0), instants);
      corpus.target_begin.push_back(first + starts[next[k]]);
      corpus.target_end.push_back(first + starts[to]);
    }
  }
}

void add_user(const events::History& part, const Seen& seen, bool ordered,
              const Wanted& wanted, Corpus& corpus) {
  const std::size_t first = corpus.size();
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part.items[i] == events::kNoItem) continue;
    const std::uint32_t item = seen.items[index(part.items[i])];
    corpus.items.push_back(item);
    corpus.actions.push_back(
        static_cast<std::uint8_t>(seen.actions[index(part.actions[i])]));
    ++corpus.popularity[item];
    corpus.times.push_back(part.times[i]);
    corpus.values.push_back(part.values[i]);
  }
  if (corpus.size() == first) return;
  add_targets(first, ordered, wanted, corpus);
  corpus.offsets.push_back(corpus.size());
}

// Of the training events of a user that carry an item; empty: all may.
std::vector<bool> wanted_events(const events::Log& log,
                                const judge::Split& split, std::size_t user,
                                const std::vector<bool>* targets) {
  std::vector<bool> out;
  if (targets == nullptr) return out;
  const std::uint64_t first = log.columns().offsets[user];
  const judge::Range range = split.train[user];
  for (std::uint64_t i = first + range.begin; i < first + range.end; ++i) {
    if (log.columns().items[i] != events::kNoItem) {
      out.push_back((*targets)[i]);
    }
  }
  return out;
}

void add_context(const events::History& part,
                 std::vector<ContextReading>& reading,
                 std::vector<events::Cell>& out) {
  if (reading.empty()) return;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part.items[i] == events::kNoItem) continue;
    const auto row = part.context.row(i);
    for (ContextReading& column : reading) out.push_back(column.read(row));
  }
}

template <class Id>
events::Vocabulary names_of(const events::Vocabulary& all,
                            const std::vector<Id>& known) {
  std::vector<std::string_view> names;
  names.reserve(known.size());
  for (const Id id : known) names.push_back(all.name(index(id)));
  return events::Vocabulary::from_names(names);
}

events::Table rows_of(const events::Table& table,
                      const std::vector<events::ItemId>& known) {
  events::Table out;
  out.known_since = table.known_since;
  for (const events::Column& column : table.columns) {
    events::Column kept{column.name, {}};
    std::visit(
        [&](const auto& cells) {
          std::remove_cvref_t<decltype(cells)> rows;
          for (const auto id : known) rows.push_back(cells[index(id)]);
          kept.cells = std::move(rows);
        },
        column.cells);
    out.columns.push_back(std::move(kept));
  }
  return out;
}

}  // namespace

Corpus make_corpus(const events::Log& log, const judge::Split& split,
                   const CorpusOptions& options) {
  if (split.train.size() != log.users()) {
    invalid("split: training ranges of " + std::to_string(split.train.size()) +
            " users for a log of " + std::to_string(log.users()));
  }
  if (options.targets != nullptr && options.targets->size() != log.size()) {
    invalid("targets: " + std::to_string(options.targets->size()) +
            " events, expected " + std::to_string(log.size()) + " of the log");
  }
  Corpus corpus;
  corpus.part = split.fingerprint();
  std::vector<ContextReading> reading =
      context_readings(log.context(), options.context);
  const Seen seen = find_seen(log, split, corpus);
  if (corpus.known_items.empty()) {
    invalid("split '" + split.kind +
            "': no training event with an item, expected at least one");
  }
  corpus.popularity.resize(corpus.known_items.size());
  corpus.wanted_actions =
      judge::find_targets(names_of(log.action_names(), corpus.known_actions),
                          options.target_actions, "train.target_actions");
  const bool ordered = log.schema().order_within_instant;
  for (std::size_t user = 0; user < log.users(); ++user) {
    Rng draw(options.seed ^ checksum("labels"), user);
    const auto part = training_part(log, split, user);
    const Wanted wanted{
        options.label_share >= 1 || draw.chance(options.label_share),
        wanted_events(log, split, user, options.targets)};
    const std::size_t users = corpus.users();
    add_user(part, seen, ordered, wanted, corpus);
    if (corpus.users() > users) {
      corpus.known_users.push_back(
          events::UserId{static_cast<std::uint32_t>(user)});
    }
    add_context(part, reading, corpus.context);
  }
  for (std::size_t k = 0; k < reading.size(); ++k) {
    corpus.context_columns.push_back(reading[k].column());
    corpus.scales.push_back(reading[k].scale());
  }
  return corpus;
}

events::Table known_item_table(const events::Log& log, const Corpus& corpus) {
  return rows_of(log.item_table(), corpus.known_items);
}

artifact::Description describe(const events::Log& log, const Corpus& corpus,
                               const artifact::ModelSpec& model,
                               const JsonObject& training) {
  artifact::Description out;
  out.model = model;
  out.schema = log.schema();
  out.items = names_of(log.item_names(), corpus.known_items);
  out.actions = names_of(log.action_names(), corpus.known_actions);
  out.item_table = known_item_table(log, corpus);
  out.context = corpus.context_columns;
  out.training = training;
  out.data["log"] = to_hex(log.fingerprint());
  out.data["events"] = corpus.events;
  out.data["until"] = count(corpus.until);
  out.data["part"] = to_hex(corpus.part);
  return out;
}

}  // namespace ensue::train
