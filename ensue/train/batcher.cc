// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/batcher.h"

#include <algorithm>
#include <span>
#include <string>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/hash.h"
#include "ensue/base/rng.h"
#include "ensue/events/repeats.h"

namespace ensue::train {
namespace {

bool predicts(const Corpus& corpus, const Batcher::Piece& piece) {
  for (std::uint64_t i = piece.begin; i < piece.end; ++i) {
    if (corpus.target_begin[i] < corpus.target_end[i]) return true;
  }
  return false;
}

// What was counted for the last row of `from` goes for the next one of `to`.
void repeat_last(const nn::Targets& from, nn::Targets& to) {
  to.repeats.add(from.repeats, from.rows.size() - 1);
}

}  // namespace

Batcher::Batcher(const Corpus& corpus, const BatcherOptions& options,
                 std::vector<LabelQuestion> questions)
    : corpus_(corpus), options_(options), questions_(std::move(questions)) {
  if (options_.batch_tokens < 1 || options_.max_length < 1) {
    invalid("batch_tokens " + std::to_string(options_.batch_tokens) +
            " and max_length " + std::to_string(options_.max_length) +
            ": expected at least 1");
  }
  options_.augment.check();
  if (options_.items) cut_histories();
  const auto most = static_cast<std::size_t>(options_.max_length);
  for (const LabelPiece& piece : label_pieces(corpus, questions_, most)) {
    pieces_.push_back(
        {piece.begin, piece.end, piece.begin, piece.first, piece.last});
  }
  for (const Piece& piece : pieces_) tokens_ += piece.size();
  if (pieces_.empty()) {
    invalid(options_.items
                ? "training: no user has two instants with items, so there is "
                  "nothing to predict"
                : "training: no label of a user with a known event before it");
  }
}

void Batcher::cut_histories() {
  const auto most = static_cast<std::uint64_t>(options_.max_length);
  for (std::size_t user = 0; user < corpus_.users(); ++user) {
    const std::uint64_t first = corpus_.offsets[user];
    for (std::uint64_t end = corpus_.offsets[user + 1]; end > first;) {
      const Piece piece{end - std::min(most, end - first), end, first};
      if (options_.masked || predicts(corpus_, piece)) pieces_.push_back(piece);
      end = options_.last_only ? first : piece.begin;
    }
  }
}

Batcher::Epoch Batcher::epoch(int number) const {
  Epoch out{pieces_, {}, number};
  Rng rng(options_.seed ^ checksum("batches"),
          static_cast<std::uint64_t>(number));
  shuffle(out.pieces, rng);
  std::size_t used = 0;
  for (std::size_t i = 0; i < out.pieces.size(); ++i) {
    const std::size_t size = out.pieces[i].size();
    if (used > 0 &&
        used + size > static_cast<std::size_t>(options_.batch_tokens)) {
      out.ends.push_back(i);
      used = 0;
    }
    used += size;
  }
  out.ends.push_back(out.pieces.size());
  return out;
}

Batcher::Batch Batcher::batch(const Epoch& epoch, std::size_t number) const {
  Batch out;
  out.labels.resize(options_.label_heads);
  const std::size_t first = number == 0 ? 0 : epoch.ends[number - 1];
  for (std::size_t i = first; i < epoch.ends[number]; ++i) {
    const Piece& piece = epoch.pieces[i];
    if (piece.asked < piece.asked_end) {
      ask(piece, out);
    } else if (options_.masked) {
      add_masked(piece, epoch.number, out);
    } else {
      add(piece, read(piece, epoch.number), out);
    }
    out.packed.offsets.push_back(static_cast<std::int64_t>(out.packed.size()));
    out.tokens += piece.size();
  }
  return out;
}

std::size_t Batcher::tokens_before(const Epoch& epoch,
                                   std::size_t number) const {
  std::size_t tokens = 0;
  const std::size_t end = number == 0 ? 0 : epoch.ends[number - 1];
  for (std::size_t i = 0; i < end; ++i) tokens += epoch.pieces[i].size();
  return tokens;
}

std::vector<ReadEvent> Batcher::read(const Piece& piece, int epoch) const {
  if (options_.augment.any()) {
    Rng rng(options_.seed ^ checksum("augmentation"),
            Rng::mix(static_cast<std::uint64_t>(epoch) + 1) ^ piece.begin);
    if (rng.chance(options_.augment.share)) {
      return augment(corpus_, piece.begin, piece.end, options_.augment, rng);
    }
  }
  return read_plainly(corpus_, piece.begin, piece.end);
}

// The latest of the events of `past` that the head looks back at.
Batcher::Seen Batcher::seen_in(const Range& past) const {
  Seen out;
  const auto most = static_cast<std::uint64_t>(options_.repeats);
  for (std::uint64_t i = past.end - std::min(most, past.end - past.begin);
       i < past.end; ++i) {
    out.push_back({events::ItemId{corpus_.items[i]}, events::ActionId{0},
                   events::Millis{corpus_.instants[i]}});
  }
  return out;
}

void Batcher::add_repeats(const Seen& seen, nn::Targets& targets) const {
  const auto most = static_cast<std::size_t>(options_.repeats);
  events::Repeats past;
  // Instants are numbered already: equal numbers are one instant.
  events::count_repeats(std::span(seen).last(std::min(most, seen.size())),
                        /*order_within_instant=*/false, past);
  targets.repeats.add(past);
}

// What follows the batch's last target row, which stands at `now`.
void Batcher::add_next(const std::vector<std::uint64_t>& followers,
                       events::Millis now, Batch& batch) const {
  nn::NextEvents& next = batch.next;
  const float weight =
      options_.by_basket ? 1.0F / static_cast<float>(followers.size()) : 1.0F;
  for (const std::uint64_t event : followers) {
    const auto gap = count(corpus_.times[event]) - count(now);
    next.items.rows.push_back(static_cast<std::int64_t>(next.size()));
    next.rows.push_back(batch.targets.rows.back());
    next.actions.push_back(corpus_.actions[event]);
    next.gaps.push_back(static_cast<std::int64_t>(
        artifact::time_bucket(gap, artifact::kGapBuckets)));
    next.values.push_back(corpus_.values[event]);
    next.items.items.push_back(corpus_.items[event]);
    next.items.weights.push_back(weight);
    next.items.begin.push_back(static_cast<std::int64_t>(next.size()));
    if (options_.repeats > 0) repeat_last(batch.targets, next.items);
  }
}

// What is to be written behind the batch's last target row, of which every
// `steps`-th writes: the user's targets from the event `first` on.
void Batcher::add_written(std::uint64_t first, Batch& batch) const {
  const auto steps = static_cast<std::size_t>(options_.steps);
  if ((batch.targets.size() - 1) % steps != 0) return;
  const std::uint64_t end =
      *std::upper_bound(corpus_.offsets.begin(), corpus_.offsets.end(), first);
  nn::Written& written = batch.written;
  std::vector<std::int64_t> items;
  for (std::uint64_t i = first; i < end && items.size() < steps; ++i) {
    if (corpus_.is_target(i)) items.push_back(corpus_.items[i]);
  }
  written.rows.push_back(batch.targets.rows.back());
  items.resize(steps, nn::Written::kNone);
  written.items.insert(written.items.end(), items.begin(), items.end());
  if (options_.repeats > 0) repeat_last(batch.targets, written.seen);
}

// The event that is added next, at `now`, is to predict the distinct items of
// the targets among the events of `wanted`.
void Batcher::add_targets(const Range& wanted, events::Millis now,
                          const Seen& seen, Batch& batch) const {
  std::vector<std::uint64_t> followers;
  std::vector<std::uint32_t> items;
  for (std::uint64_t i = wanted.begin; i < wanted.end; ++i) {
    if (!corpus_.is_target(i)) continue;
    followers.push_back(i);
    items.push_back(corpus_.items[i]);
  }
  if (items.empty()) return;
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  nn::Targets& targets = batch.targets;
  targets.rows.push_back(static_cast<std::int64_t>(batch.packed.size()));
  targets.items.insert(targets.items.end(), items.begin(), items.end());
  targets.weights.resize(
      targets.items.size(),
      options_.by_basket ? 1.0F / static_cast<float>(items.size()) : 1.0F);
  targets.begin.push_back(static_cast<std::int64_t>(targets.items.size()));
  if (options_.repeats > 0) add_repeats(seen, targets);
  if (options_.events) add_next(followers, now, batch);
  if (options_.steps > 0) add_written(followers.front(), batch);
}

// At the next position of the sequence that is being laid down.
void Batcher::add_event(const ReadEvent& event, Batch& batch) const {
  nn::Packed& packed = batch.packed;
  packed.positions.push_back(static_cast<std::int64_t>(packed.size()) -
                             packed.offsets.back());
  packed.items.push_back(event.item);
  packed.actions.push_back(corpus_.actions[event.event]);
  packed.times.push_back(event.time);
  packed.values.push_back(corpus_.values[event.event]);
  const auto context = corpus_.context_of(event.event);
  packed.context.insert(packed.context.end(), context.begin(), context.end());
}

void Batcher::add(const Piece& piece, const std::vector<ReadEvent>& events,
                  Batch& batch) const {
  const bool looks_back = options_.repeats > 0;
  Seen seen;
  if (looks_back) seen = seen_in({piece.first, piece.begin});
  for (const ReadEvent& event : events) {
    if (looks_back && event.item != nn::kMasked) {
      seen.push_back({events::ItemId{static_cast<std::uint32_t>(event.item)},
                      events::ActionId{0}, events::Millis{event.instant}});
    }
    add_targets({event.target_begin, event.target_end}, event.time, seen,
                batch);
    add_event(event, batch);
  }
}

void Batcher::ask(const Piece& piece, Batch& batch) const {
  const std::size_t start = batch.packed.size();
  for (const ReadEvent& event : read_plainly(corpus_, piece.begin, piece.end)) {
    add_event(event, batch);
  }
  for (std::size_t q = piece.asked; q < piece.asked_end; ++q) {
    const LabelQuestion& question = questions_[q];
    nn::LabelRows& rows = batch.labels[question.head];
    rows.rows.push_back(
        static_cast<std::int64_t>(start + question.event - piece.begin));
    rows.since.push_back(question.since);
    rows.values.push_back(question.value);
  }
}

std::vector<Batcher::Range> Batcher::instants_of(const Piece& piece) const {
  std::vector<Range> out;
  for (std::uint64_t i = piece.begin; i < piece.end; ++i) {
    const bool same =
        i > piece.begin && corpus_.instants[i] == corpus_.instants[i - 1];
    if (!same) out.push_back({i, i});
    out.back().end = i + 1;
  }
  return out;
}

std::vector<bool> Batcher::hide(const Piece& piece, int epoch,
                                std::size_t instants) const {
  Rng rng(options_.seed ^ checksum("masks"),
          Rng::mix(static_cast<std::uint64_t>(epoch)) ^ piece.begin);
  std::vector<bool> out(instants, false);
  if (rng.chance(options_.mask_last)) {
    out.back() = true;
    return out;
  }
  for (std::size_t i = 0; i < instants; ++i) {
    out[i] = rng.chance(options_.mask_share);
  }
  out[rng.below(instants)] = true;
  return out;
}

void Batcher::add_masked(const Piece& piece, int epoch, Batch& batch) const {
  const std::vector<Range> instants = instants_of(piece);
  const std::vector<bool> hidden = hide(piece, epoch, instants.size());
  const auto events = read_plainly(corpus_, piece.begin, piece.end);
  for (std::size_t k = 0; k < instants.size(); ++k) {
    const Range& instant = instants[k];
    const auto event = [&](std::uint64_t i) -> const ReadEvent& {
      return events[i - piece.begin];
    };
    if (!hidden[k]) {
      for (std::uint64_t i = instant.begin; i < instant.end; ++i) {
        add_event(event(i), batch);
      }
      continue;
    }
    const std::uint64_t last = std::max(piece.first + 1, instant.begin) - 1;
    add_targets(instant, corpus_.times[last],
                seen_in({piece.first, instant.begin}), batch);
    add_event(event(instant.begin), batch);
    batch.packed.items.back() = batch.packed.actions.back() = nn::kMasked;
  }
}

}  // namespace ensue::train
