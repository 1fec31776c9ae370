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

}  // namespace

Batcher::Batcher(const Corpus& corpus, const BatcherOptions& options)
    : corpus_(corpus), options_(options) {
  if (options_.batch_tokens < 1 || options_.max_length < 1) {
    invalid("batch_tokens " + std::to_string(options_.batch_tokens) +
            " and max_length " + std::to_string(options_.max_length) +
            ": expected at least 1");
  }
  options_.augment.check();
  const auto most = static_cast<std::uint64_t>(options_.max_length);
  for (std::size_t user = 0; user < corpus.users(); ++user) {
    const std::uint64_t first = corpus.offsets[user];
    for (std::uint64_t end = corpus.offsets[user + 1]; end > first;) {
      const Piece piece{end - std::min(most, end - first), end, first};
      if (predicts(corpus, piece)) pieces_.push_back(piece);
      end = options_.last_only ? first : piece.begin;
    }
  }
  for (const Piece& piece : pieces_) tokens_ += piece.size();
  if (pieces_.empty()) {
    invalid(
        "training: no user has two instants with items, so there is "
        "nothing to predict");
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
  const std::size_t first = number == 0 ? 0 : epoch.ends[number - 1];
  for (std::size_t i = first; i < epoch.ends[number]; ++i) {
    add(epoch.pieces[i], read(epoch.pieces[i], epoch.number), out);
    out.tokens += epoch.pieces[i].size();
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

// What a head that looks back sees before the piece.
std::vector<events::Event> Batcher::before(const Piece& piece) const {
  std::vector<events::Event> out;
  const auto most = static_cast<std::uint64_t>(options_.repeats);
  const std::uint64_t back = std::min(most, piece.begin - piece.first);
  for (std::uint64_t i = piece.begin - back; i < piece.begin; ++i) {
    out.push_back({events::ItemId{corpus_.items[i]}, events::ActionId{0},
                   events::Millis{corpus_.instants[i]}});
  }
  return out;
}

void Batcher::add_repeats(const std::vector<events::Event>& seen,
                          nn::Targets& targets) const {
  const auto most = static_cast<std::size_t>(options_.repeats);
  events::Repeats past;
  // Instants are numbered already: equal numbers are one instant.
  events::count_repeats(std::span(seen).last(std::min(most, seen.size())),
                        /*order_within_instant=*/false, past);
  targets.repeats.add(past);
}

// The batch's last target row is of `event`.
void Batcher::add_next(const ReadEvent& event,
                       const std::vector<events::Event>& seen,
                       Batch& batch) const {
  nn::NextEvents& next = batch.next;
  std::vector<std::uint64_t> followers;
  for (auto t = event.target_begin; t < event.target_end; ++t) {
    if (corpus_.is_target(t)) followers.push_back(t);
  }
  const float weight =
      options_.by_basket ? 1.0F / static_cast<float>(followers.size()) : 1.0F;
  for (const std::uint64_t t : followers) {
    const auto gap = count(corpus_.times[t]) - count(event.time);
    next.items.rows.push_back(static_cast<std::int64_t>(next.size()));
    next.rows.push_back(batch.targets.rows.back());
    next.actions.push_back(corpus_.actions[t]);
    next.gaps.push_back(static_cast<std::int64_t>(
        artifact::time_bucket(gap, artifact::kGapBuckets)));
    next.values.push_back(corpus_.values[t]);
    next.items.items.push_back(corpus_.items[t]);
    next.items.weights.push_back(weight);
    next.items.begin.push_back(static_cast<std::int64_t>(next.size()));
    if (options_.repeats > 0) add_repeats(seen, next.items);
  }
}

void Batcher::add(const Piece& piece, const std::vector<ReadEvent>& events,
                  Batch& batch) const {
  nn::Packed& packed = batch.packed;
  nn::Targets& targets = batch.targets;
  const auto start = static_cast<std::int64_t>(packed.size());
  std::vector<events::Event> seen;
  if (options_.repeats > 0) seen = before(piece);
  std::vector<std::uint32_t> wanted;
  for (const ReadEvent& event : events) {
    if (options_.repeats > 0 && event.item != nn::kMaskedItem) {
      seen.push_back({events::ItemId{static_cast<std::uint32_t>(event.item)},
                      events::ActionId{0}, events::Millis{event.instant}});
    }
    wanted.clear();
    for (auto t = event.target_begin; t < event.target_end; ++t) {
      if (corpus_.is_target(t)) wanted.push_back(corpus_.items[t]);
    }
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    const auto row = static_cast<std::int64_t>(packed.size());
    if (!wanted.empty()) {
      targets.rows.push_back(row);
      targets.items.insert(targets.items.end(), wanted.begin(), wanted.end());
      targets.weights.resize(
          targets.items.size(),
          options_.by_basket ? 1.0F / static_cast<float>(wanted.size()) : 1.0F);
      targets.begin.push_back(static_cast<std::int64_t>(targets.items.size()));
      if (options_.repeats > 0) add_repeats(seen, targets);
      if (options_.events) add_next(event, seen, batch);
    }
    packed.items.push_back(event.item);
    packed.actions.push_back(corpus_.actions[event.event]);
    packed.positions.push_back(row - start);
    packed.times.push_back(event.time);
  }
  packed.offsets.push_back(static_cast<std::int64_t>(packed.size()));
}

}  // namespace ensue::train
