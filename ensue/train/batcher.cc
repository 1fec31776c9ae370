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
  Epoch out{pieces_, {}};
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
    add(epoch.pieces[i], out);
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

void Batcher::add_repeats(std::uint64_t first, std::uint64_t event,
                          nn::Targets& targets) const {
  const std::uint64_t most = static_cast<std::uint64_t>(options_.repeats);
  std::vector<events::Event> recent;
  for (std::uint64_t i = std::max(first, event + 1 - std::min(most, event + 1));
       i <= event; ++i) {
    recent.push_back({events::ItemId{corpus_.items[i]}, events::ActionId{0},
                      events::Millis{corpus_.instants[i]}});
  }
  events::Repeats past;
  // Instants are numbered already: equal numbers are one instant.
  events::count_repeats(recent, /*order_within_instant=*/false, past);
  targets.repeats.add(past);
}

void Batcher::add(const Piece& piece, Batch& batch) const {
  nn::Packed& packed = batch.packed;
  nn::Targets& targets = batch.targets;
  std::vector<std::uint32_t> wanted;
  for (std::uint64_t i = piece.begin; i < piece.end; ++i) {
    wanted.assign(corpus_.items.begin() +
                      static_cast<std::ptrdiff_t>(corpus_.target_begin[i]),
                  corpus_.items.begin() +
                      static_cast<std::ptrdiff_t>(corpus_.target_end[i]));
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    if (!wanted.empty()) {
      targets.rows.push_back(static_cast<std::int64_t>(packed.size()));
      targets.items.insert(targets.items.end(), wanted.begin(), wanted.end());
      targets.weights.resize(
          targets.items.size(),
          options_.by_basket ? 1.0F / static_cast<float>(wanted.size()) : 1.0F);
      targets.begin.push_back(static_cast<std::int64_t>(targets.items.size()));
      if (options_.repeats > 0) add_repeats(piece.first, i, targets);
    }
    packed.items.push_back(corpus_.items[i]);
    packed.actions.push_back(corpus_.actions[i]);
    packed.positions.push_back(static_cast<std::int64_t>(i - piece.begin));
    packed.times.push_back(corpus_.times[i]);
    packed.values.push_back(corpus_.values[i]);
  }
  packed.offsets.push_back(static_cast<std::int64_t>(packed.size()));
}

}  // namespace ensue::train
