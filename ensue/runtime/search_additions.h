// SPDX-License-Identifier: Apache-2.0
// Items that came after a search was trained, found by their words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ensue::runtime {

class Search;

/// A second index beside that of a search, which grows item by item. Weights
/// are BM25 by what the first one knows of words and lengths, so that a text
/// weighs the same in both. Not thread-safe.
class SearchAdditions {
 public:
  /// @param base  must outlive it.
  explicit SearchAdditions(const Search& base) : base_(base) {}

  /// Adds an item, or gives it another text. Returns its place, which stays.
  std::size_t set(const std::string& id, std::string_view text);
  void erase(std::string_view id);

  /// Places given, those of erased items too.
  std::size_t size() const noexcept { return items_.size(); }
  bool holds(std::size_t place) const noexcept { return items_[place].there; }
  const std::string& id(std::size_t place) const noexcept {
    return items_[place].id;
  }
  std::optional<std::size_t> find(std::string_view id) const;

  bool knows(std::string_view word) const { return words_.contains(word); }
  /// Adds the word's BM25 to its items. @param out  [size()].
  void add_matches(std::string_view word, std::span<double> out) const;

 private:
  struct Item {
    std::string id;
    bool there = false;
    double length = 0;                         // words
    std::map<std::string, double> words = {};  // how often each stands there
  };
  void forget_words(std::size_t place);

  const Search& base_;
  std::vector<Item> items_;
  std::map<std::string, std::size_t, std::less<>> places_;
  std::map<std::string, std::map<std::size_t, double>, std::less<>> words_;
};

}  // namespace ensue::runtime
