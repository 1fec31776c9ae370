// SPDX-License-Identifier: Apache-2.0
// Walker's alias table, made as Vose 1991 does.
#include <cmath>
#include <numeric>

#include "ensue/base/error.h"
#include "ensue/nn/losses.h"

namespace ensue::nn {

NegativeSampler::NegativeSampler(std::span<const std::uint64_t> popularity,
                                 double alpha) {
  if (popularity.empty()) invalid("negative sampling: no items");
  const std::size_t n = popularity.size();
  for (const std::uint64_t count : popularity) {
    chance_.push_back(alpha == 0 ? 1
                                 : std::pow(static_cast<double>(count), alpha));
  }
  const double total = std::accumulate(chance_.begin(), chance_.end(), 0.0);
  if (!(total > 0)) invalid("negative sampling: every popularity is 0");
  for (double& chance : chance_) chance /= total;
  if (alpha == 0) return;  // draw() needs no table

  keep_.resize(n);
  alias_.resize(n);
  std::vector<std::uint32_t> small, large;
  for (std::size_t i = 0; i < n; ++i) {
    keep_[i] = chance_[i] * static_cast<double>(n);
    alias_[i] = static_cast<std::uint32_t>(i);
    (keep_[i] < 1 ? small : large).push_back(alias_[i]);
  }
  while (!small.empty() && !large.empty()) {
    const std::uint32_t low = small.back(), high = large.back();
    small.pop_back();
    alias_[low] = high;
    keep_[high] -= 1 - keep_[low];
    if (keep_[high] < 1) {
      large.pop_back();
      small.push_back(high);
    }
  }
  for (const std::uint32_t i : small) keep_[i] = 1;
  for (const std::uint32_t i : large) keep_[i] = 1;
}

std::int64_t NegativeSampler::draw(Rng& rng) const noexcept {
  const std::uint64_t place = rng.below(chance_.size());
  if (keep_.empty()) return static_cast<std::int64_t>(place);
  const bool kept = rng.uniform() < keep_[place];
  return static_cast<std::int64_t>(kept ? place : alias_[place]);
}

}  // namespace ensue::nn
