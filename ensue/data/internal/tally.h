// SPDX-License-Identifier: Apache-2.0
// How many rows each rule took, and the first three of each.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ensue/data/clean.h"

namespace ensue::data {

class Tally {
 public:
  void add(Rule rule, std::uint64_t seq) {
    Entry& e = entries_[static_cast<std::size_t>(rule)];
    ++e.rows;
    keep(e, seq);
  }
  void merge(const Tally& other) {
    for (std::size_t r = 0; r < kRules; ++r) {
      entries_[r].rows += other.entries_[r].rows;
      for (const std::uint64_t seq : other.entries_[r].first) {
        keep(entries_[r], seq);
      }
    }
  }
  std::uint64_t rows(Rule rule) const noexcept {
    return entries_[static_cast<std::size_t>(rule)].rows;
  }
  /// Places in the source, rising, at most three.
  const std::vector<std::uint64_t>& first(Rule rule) const noexcept {
    return entries_[static_cast<std::size_t>(rule)].first;
  }

 private:
  struct Entry {
    std::uint64_t rows = 0;
    std::vector<std::uint64_t> first;
  };
  static void keep(Entry& e, std::uint64_t seq) {
    if (e.first.size() == 3 && seq > e.first.back()) return;
    e.first.insert(std::lower_bound(e.first.begin(), e.first.end(), seq), seq);
    if (e.first.size() > 3) e.first.pop_back();
  }
  std::array<Entry, kRules> entries_;
};

}  // namespace ensue::data
