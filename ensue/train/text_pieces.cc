// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/text_pieces.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <queue>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "ensue/runtime/text_pieces.h"

namespace ensue::train {
namespace {

using Pair = std::pair<std::uint32_t, std::uint32_t>;

struct Word {
  std::vector<std::uint32_t> parts;  // ids of pieces
  std::int64_t count = 0;
};

class Learner {
 public:
  Learner(const std::vector<std::string>& texts, std::size_t most)
      : most_(most) {
    std::map<std::string, std::int64_t> words;
    for (const std::string& text : texts) {
      for (std::string& word : runtime::words_of(text)) ++words[word];
    }
    add_characters(words);
    for (const auto& [text, count] : words) add_word(text, count);
    for (std::size_t w = 0; w < words_.size(); ++w) count_pairs(w, +1);
    for (const auto& [pair, count] : counts_) offer(pair);
  }

  events::Vocabulary run() {
    while (names_.size() < most_ && !best_.empty()) {
      const Offer offer = best_.top();
      best_.pop();
      const Pair pair = offer.pair;
      // Counts change; what was offered of an older one is stale.
      if (counts_[pair] != offer.count || offer.count < 2) continue;
      join(pair);
    }
    return events::Vocabulary::from_names(names_);
  }

 private:
  struct Offer {
    std::int64_t count;
    std::string text;
    Pair pair;
    bool operator<(const Offer& other) const {
      return std::tie(count, other.text, other.pair) <
             std::tie(other.count, text, pair);
    }
  };

  void add_characters(const std::map<std::string, std::int64_t>& words) {
    std::map<std::string, std::int64_t> counts;
    for (const auto& [word, count] : words) {
      for (const auto character : runtime::characters_of(word)) {
        counts[std::string(character)] += count;
      }
    }
    std::vector<std::pair<std::int64_t, std::string>> order;
    for (const auto& [text, count] : counts) order.emplace_back(-count, text);
    std::sort(order.begin(), order.end());
    order.resize(std::min(order.size(), most_));
    for (const auto& [count, text] : order) name(text);
  }

  std::uint32_t name(const std::string& text) {
    const auto [at, fresh] =
        ids_.emplace(text, static_cast<std::uint32_t>(names_.size()));
    if (fresh) names_.push_back(text);
    return at->second;
  }

  // A word with a character that is no piece is cut there.
  void add_word(const std::string& text, std::int64_t count) {
    Word word{{}, count};
    for (const auto character : runtime::characters_of(text)) {
      const auto found = ids_.find(std::string(character));
      if (found == ids_.end()) {
        words_.push_back(std::exchange(word, {{}, count}));
      } else {
        word.parts.push_back(found->second);
      }
    }
    words_.push_back(std::move(word));
  }

  void count_pairs(std::size_t w, std::int64_t sign) {
    const Word& word = words_[w];
    for (std::size_t i = 0; i + 1 < word.parts.size(); ++i) {
      const Pair pair{word.parts[i], word.parts[i + 1]};
      counts_[pair] += sign * word.count;
      if (sign > 0) places_[pair].insert(w);
      touched_.insert(pair);
    }
  }

  void offer(const Pair& pair) {
    best_.push({counts_[pair], names_[pair.first] + names_[pair.second], pair});
  }

  void join(const Pair& pair) {
    const std::uint32_t joint = name(names_[pair.first] + names_[pair.second]);
    touched_.clear();
    for (const std::size_t w : std::exchange(places_[pair], {})) {
      count_pairs(w, -1);
      auto& parts = words_[w].parts;
      std::size_t kept = 0;
      for (std::size_t i = 0; i < parts.size(); ++i, ++kept) {
        const bool both = i + 1 < parts.size() && parts[i] == pair.first &&
                          parts[i + 1] == pair.second;
        parts[kept] = both ? joint : parts[i];
        if (both) ++i;
      }
      parts.resize(kept);
      count_pairs(w, +1);
    }
    for (const Pair& changed : touched_) offer(changed);
  }

  std::size_t most_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::vector<Word> words_;
  std::map<Pair, std::int64_t> counts_;
  std::map<Pair, std::set<std::size_t>> places_;  // words that have or had it
  std::set<Pair> touched_;
  std::priority_queue<Offer> best_;
};

}  // namespace

events::Vocabulary learn_pieces(const std::vector<std::string>& texts,
                                std::size_t most) {
  return Learner(texts, most).run();
}

}  // namespace ensue::train
