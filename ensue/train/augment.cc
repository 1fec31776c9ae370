// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/augment.h"

#include <algorithm>
#include <string>

#include "ensue/base/error.h"
#include "ensue/nn/packed.h"

namespace ensue::train {
namespace {

// Events [begin, end) of the corpus: one instant, or what a piece has of it.
struct Instant {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t target_begin = 0, target_end = 0;
};

using Instants = std::vector<Instant>;

Instants instants_of(const Corpus& corpus, std::uint64_t begin,
                     std::uint64_t end) {
  Instants out;
  for (std::uint64_t i = begin; i < end; ++i) {
    if (i == begin || corpus.instants[i] != corpus.instants[i - 1]) {
      out.push_back({i, i, 0, 0});
    }
    out.back().end = i + 1;
    out.back().target_begin = corpus.target_begin[i];
    out.back().target_end = corpus.target_end[i];
  }
  return out;
}

std::size_t part_of(double share, std::size_t all) {
  return static_cast<std::size_t>(share * static_cast<double>(all));
}

void crop(double share, Rng& rng, Instants& instants) {
  const std::size_t gone = part_of(share, instants.size());
  const auto first = static_cast<std::ptrdiff_t>(rng.below(gone + 1));
  const auto kept = static_cast<std::ptrdiff_t>(instants.size() - gone);
  instants =
      Instants(instants.begin() + first, instants.begin() + first + kept);
}

// The instants that are left, at least one, drawn by chance.
std::vector<bool> draw_left(double chance_to_go, std::size_t n, Rng& rng) {
  std::vector<bool> left(n);
  bool any = false;
  for (std::size_t i = 0; i < n; ++i) {
    left[i] = !rng.chance(chance_to_go);
    any = any || left[i];
  }
  if (!any) left[rng.below(n)] = true;
  return left;
}

void keep(const std::vector<bool>& left, Instants& instants) {
  Instants out;
  for (std::size_t i = 0; i < instants.size(); ++i) {
    if (left[i]) out.push_back(instants[i]);
  }
  instants = std::move(out);
}

// From the back, so that what a skipped instant predicts is settled already.
void skip(double chance, Rng& rng, Instants& instants) {
  const auto left = draw_left(chance, instants.size(), rng);
  for (std::size_t i = instants.size() - 1; i > 0; --i) {
    if (left[i]) continue;
    instants[i - 1].target_begin = instants[i].target_begin;
    instants[i - 1].target_end = instants[i].target_end;
  }
  keep(left, instants);
}

// What each place of [first, end) predicts: the latest instant's target so far.
void settle_targets(std::size_t first, std::size_t end, Instants& instants) {
  Instant latest = instants[first];
  for (std::size_t i = first; i < end; ++i) {
    if (instants[i].begin > latest.begin) latest = instants[i];
    instants[i].target_begin = latest.target_begin;
    instants[i].target_end = latest.target_end;
  }
}

void reorder(double share, Rng& rng, Instants& instants) {
  const std::size_t n = instants.size(), run = part_of(share, n);
  if (run < 2) return;
  const std::size_t first = rng.below(n - run + 1);
  for (std::size_t i = run; i > 1; --i) {
    std::swap(instants[first + i - 1], instants[first + rng.below(i)]);
  }
  settle_targets(first, first + run, instants);
}

// `slots[k]` is an event whose time the k-th instant takes.
std::vector<ReadEvent> laid_out(const Corpus& corpus, const Instants& instants,
                                const std::vector<std::uint64_t>& slots) {
  std::vector<ReadEvent> out;
  for (std::size_t k = 0; k < instants.size(); ++k) {
    for (std::uint64_t i = instants[k].begin; i < instants[k].end; ++i) {
      ReadEvent event;
      event.event = i;
      event.item = corpus.items[i];
      event.time = corpus.times[slots[k]];
      event.instant = corpus.instants[slots[k]];
      event.target_begin = event.target_end = instants[k].target_begin;
      out.push_back(event);
    }
    out.back().target_end = instants[k].target_end;
  }
  return out;
}

void change_items(const AugmentOptions& options, std::size_t items, Rng& rng,
                  std::vector<ReadEvent>& events) {
  for (ReadEvent& event : events) {
    if (options.mask > 0 && rng.chance(options.mask)) {
      event.item = nn::kMasked;
    } else if (options.noise > 0 && rng.chance(options.noise)) {
      event.item = static_cast<std::int64_t>(rng.below(items));
    }
  }
}

bool predicts(const Instants& instants) {
  return std::ranges::any_of(instants, [](const Instant& instant) {
    return instant.target_begin < instant.target_end;
  });
}

void check_share(const char* name, double value, bool whole) {
  if (value >= 0 && (value < 1 || (whole && value == 1))) return;
  invalid(std::string("train.augment_") + name + ": " +
          to_toml_value(Json(value)) + ", expected a number in [0, 1" +
          (whole ? "]" : ")"));
}

}  // namespace

void AugmentOptions::check() const {
  check_share("share", share, /*whole=*/true);
  check_share("crop", crop, /*whole=*/false);
  check_share("skip", skip, /*whole=*/false);
  check_share("drop", drop, /*whole=*/false);
  check_share("reorder", reorder, /*whole=*/false);
  check_share("mask", mask, /*whole=*/false);
  check_share("noise", noise, /*whole=*/false);
}

std::vector<ReadEvent> read_plainly(const Corpus& corpus, std::uint64_t begin,
                                    std::uint64_t end) {
  std::vector<ReadEvent> out;
  out.reserve(end - begin);
  for (std::uint64_t i = begin; i < end; ++i) {
    out.push_back({i, corpus.items[i], corpus.times[i], corpus.instants[i],
                   corpus.target_begin[i], corpus.target_end[i]});
  }
  return out;
}

std::vector<ReadEvent> augment(const Corpus& corpus, std::uint64_t begin,
                               std::uint64_t end, const AugmentOptions& options,
                               Rng& rng) {
  Instants instants = instants_of(corpus, begin, end);
  if (options.crop > 0) crop(options.crop, rng, instants);
  if (options.skip > 0) skip(options.skip, rng, instants);
  if (options.drop > 0) {
    keep(draw_left(options.drop, instants.size(), rng), instants);
  }
  std::vector<std::uint64_t> slots;
  for (const Instant& instant : instants) slots.push_back(instant.begin);
  if (options.reorder > 0) reorder(options.reorder, rng, instants);
  if (!predicts(instants)) return read_plainly(corpus, begin, end);
  auto out = laid_out(corpus, instants, slots);
  change_items(options, corpus.known_items.size(), rng, out);
  return out;
}

}  // namespace ensue::train
