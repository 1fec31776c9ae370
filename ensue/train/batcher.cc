// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/batcher.h"

#include <algorithm>
#include <string>

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
  const auto most = static_cast<std::uint64_t>(options_.max_length);
  for (std::size_t user = 0; user < corpus.users(); ++user) {
    const std::uint64_t first = corpus.offsets[user];
    for (std::uint64_t end = corpus.offsets[user + 1]; end > first;) {
      const Piece piece{end - std::min(most, end - first), end, first};
      if (options_.masked || predicts(corpus, piece)) pieces_.push_back(piece);
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
  Epoch out{number, pieces_, {}};
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
    if (options_.masked) {
      add_masked(epoch.pieces[i], epoch.number, out);
    } else {
      add(epoch.pieces[i], out);
    }
    out.packed.offsets.push_back(static_cast<std::int64_t>(out.packed.size()));
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

// The latest of the events of `past` that the head looks back at.
void Batcher::add_repeats(const Range& past, nn::Targets& targets) const {
  const auto most = static_cast<std::uint64_t>(options_.repeats);
  std::vector<events::Event> recent;
  for (std::uint64_t i = past.end - std::min(most, past.end - past.begin);
       i < past.end; ++i) {
    recent.push_back({events::ItemId{corpus_.items[i]}, events::ActionId{0},
                      events::Millis{corpus_.instants[i]}});
  }
  events::Repeats counted;
  // Instants are numbered already: equal numbers are one instant.
  events::count_repeats(recent, /*order_within_instant=*/false, counted);
  targets.repeats.add(counted);
}

// The event that is added next is to predict the distinct items of `wanted`.
void Batcher::add_targets(const Range& wanted, const Range& past,
                          Batch& batch) const {
  const auto place = [this](std::uint64_t event) {
    return corpus_.items.begin() + static_cast<std::ptrdiff_t>(event);
  };
  std::vector<std::uint32_t> items(place(wanted.begin), place(wanted.end));
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  if (items.empty()) return;
  nn::Targets& targets = batch.targets;
  targets.rows.push_back(static_cast<std::int64_t>(batch.packed.size()));
  targets.items.insert(targets.items.end(), items.begin(), items.end());
  targets.weights.resize(
      targets.items.size(),
      options_.by_basket ? 1.0F / static_cast<float>(items.size()) : 1.0F);
  targets.begin.push_back(static_cast<std::int64_t>(targets.items.size()));
  if (options_.repeats > 0) add_repeats(past, targets);
}

// At the next position of the sequence that is being laid down.
void Batcher::add_event(std::uint64_t event, Batch& batch) const {
  nn::Packed& packed = batch.packed;
  packed.positions.push_back(static_cast<std::int64_t>(packed.size()) -
                             packed.offsets.back());
  packed.items.push_back(corpus_.items[event]);
  packed.actions.push_back(corpus_.actions[event]);
  packed.times.push_back(corpus_.times[event]);
}

void Batcher::add(const Piece& piece, Batch& batch) const {
  for (std::uint64_t i = piece.begin; i < piece.end; ++i) {
    add_targets({corpus_.target_begin[i], corpus_.target_end[i]},
                {piece.first, i + 1}, batch);
    add_event(i, batch);
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
  for (std::size_t k = 0; k < instants.size(); ++k) {
    const Range& instant = instants[k];
    if (!hidden[k]) {
      for (std::uint64_t i = instant.begin; i < instant.end; ++i) {
        add_event(i, batch);
      }
      continue;
    }
    add_targets(instant, {piece.first, instant.begin}, batch);
    add_event(instant.begin, batch);
    batch.packed.items.back() = batch.packed.actions.back() = nn::kMasked;
  }
}

}  // namespace ensue::train
