// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/search_additions.h"

#include "ensue/runtime/search.h"
#include "ensue/runtime/search_words.h"

namespace ensue::runtime {

std::size_t SearchAdditions::set(const std::string& id, std::string_view text) {
  const auto [at, fresh] = places_.try_emplace(id, items_.size());
  const std::size_t place = at->second;
  if (fresh) items_.push_back({.id = id});
  forget_words(place);
  Item& item = items_[place];
  item.there = true;
  for (std::string& word : search_words(text)) {
    item.length += 1;
    item.words[std::move(word)] += 1;
  }
  for (const auto& [word, count] : item.words) words_[word][place] = count;
  return place;
}

void SearchAdditions::erase(std::string_view id) {
  const auto place = find(id);
  if (!place) return;
  forget_words(*place);
  items_[*place].there = false;
}

void SearchAdditions::forget_words(std::size_t place) {
  Item& item = items_[place];
  for (const auto& [word, count] : item.words) {
    const auto found = words_.find(word);
    found->second.erase(place);
    if (found->second.empty()) words_.erase(found);
  }
  item.words.clear();
  item.length = 0;
}

std::optional<std::size_t> SearchAdditions::find(std::string_view id) const {
  const auto found = places_.find(id);
  if (found == places_.end()) return std::nullopt;
  return found->second;
}

void SearchAdditions::add_matches(std::string_view word,
                                  std::span<double> out) const {
  const auto found = words_.find(word);
  if (found == words_.end()) return;
  for (const auto& [place, count] : found->second) {
    out[place] += base_.bm25(word, count, items_[place].length);
  }
}

}  // namespace ensue::runtime
