// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/copies.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "ensue/base/rng.h"

namespace ensue::judge {
namespace {

constexpr std::uint32_t kNobody = 0xFFFFFFFF, kSeveral = 0xFFFFFFFE;
constexpr std::uint64_t kBase = 0x9E3779B97F4A7C15ULL | 1;

// Calls `body(hash)` for every run of `length` items, until it returns true.
template <class Body>
bool any_run(const ItemSequence& items, std::size_t length, const Body& body) {
  if (items.size() < length) return false;
  std::uint64_t leaving = 1, hash = 0;  // leaving: kBase^(length - 1)
  for (std::size_t i = 1; i < length; ++i) leaving *= kBase;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i >= length) hash -= leaving * Rng::mix(items[i - length] + 1ULL);
    hash = hash * kBase + Rng::mix(items[i] + 1ULL);
    if (i + 1 >= length && body(hash)) return true;
  }
  return false;
}

// Whose the runs of one length are.
class RunIndex {
 public:
  RunIndex(std::span<const ItemSequence> users, std::size_t length)
      : length_(length) {
    for (std::uint32_t user = 0; user < users.size(); ++user) {
      any_run(users[user], length, [&](std::uint64_t hash) {
        const auto [place, fresh] = owner_.try_emplace(hash, user);
        if (!fresh && place->second != user) place->second = kSeveral;
        return false;
      });
    }
  }

  // Does anybody but `self` have a run of this history?
  bool shares(const ItemSequence& items, std::uint32_t self) const {
    return any_run(items, length_, [&](std::uint64_t hash) {
      const auto found = owner_.find(hash);
      return found != owner_.end() && found->second != self;
    });
  }

 private:
  std::size_t length_;
  std::unordered_map<std::uint64_t, std::uint32_t> owner_;
};

std::size_t count_sharing(std::span<const ItemSequence> histories,
                          std::span<const ItemSequence> training,
                          std::size_t length, bool among, bool one_is_enough) {
  const RunIndex index(training, length);
  std::size_t out = 0;
  for (std::uint32_t h = 0; h < histories.size(); ++h) {
    if (!index.shares(histories[h], among ? h : kNobody)) continue;
    ++out;
    if (one_is_enough) break;
  }
  return out;
}

// A shared run of n items holds one of n - 1, so this is a binary search.
std::size_t longest_shared(std::span<const ItemSequence> histories,
                           std::span<const ItemSequence> training, bool among) {
  std::size_t found = 0, too_long = 1;
  for (const ItemSequence& history : histories) {
    too_long = std::max(too_long, history.size() + 1);
  }
  while (too_long - found > 1) {
    const std::size_t middle = found + (too_long - found) / 2;
    const bool shared = count_sharing(histories, training, middle, among,
                                      /*one_is_enough=*/true) > 0;
    (shared ? found : too_long) = middle;
  }
  return found;
}

Copies find(std::span<const ItemSequence> histories,
            std::span<const ItemSequence> training, std::size_t k, bool among) {
  Copies out;
  out.histories = static_cast<std::size_t>(std::ranges::count_if(
      histories, [k](const ItemSequence& h) { return h.size() >= k; }));
  out.copying = count_sharing(histories, training, k, among,
                              /*one_is_enough=*/false);
  out.longest = longest_shared(histories, training, among);
  return out;
}

}  // namespace

Copies find_copies(std::span<const ItemSequence> histories,
                   std::span<const ItemSequence> training, std::size_t k) {
  return find(histories, training, k, /*among=*/false);
}

Copies find_copies_among(std::span<const ItemSequence> training,
                         std::size_t k) {
  return find(training, training, k, /*among=*/true);
}

bool clearly_more(const Copies& synthetic, const Copies& real) {
  if (synthetic.histories == 0 || real.histories == 0) return false;
  const auto n = static_cast<double>(synthetic.histories);
  const auto m = static_cast<double>(real.histories);
  const double both = static_cast<double>(synthetic.copying + real.copying) /
                      (n + m);  // under the hypothesis of no difference
  const double error = std::sqrt(both * (1 - both) * (1 / n + 1 / m));
  return synthetic.share() - real.share() > 3 * error ||
         synthetic.longest > 2 * std::max<std::size_t>(1, real.longest);
}

}  // namespace ensue::judge
