// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/search_index.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "ensue/base/threads.h"
#include "ensue/runtime/search_words.h"

namespace ensue::classic {
namespace {

constexpr double kLiftPrior = 5;

using Counts = std::map<std::uint32_t, double>;  // by item

ItemRows rows_of(const std::map<std::string, Counts, std::less<>>& table) {
  ItemRows out;
  for (const auto& [key, counts] : table) {
    out.keys.push_back(key);
    for (const auto& [item, count] : counts) {
      out.items.push_back(item);
      out.weights.push_back(static_cast<float>(count));
    }
    out.offsets.push_back(out.items.size());
  }
  return out;
}

// The customers of each item.
struct Takers {
  std::vector<std::size_t> offsets;
  std::vector<std::uint32_t> users;

  Takers(std::span<const std::vector<std::uint32_t>> sets, std::size_t items)
      : offsets(items + 1, 0) {
    for (const auto& set : sets) {
      for (const std::uint32_t item : set) ++offsets[item + 1];
    }
    std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
    users.resize(offsets.back());
    auto at = offsets;
    for (std::uint32_t u = 0; u < sets.size(); ++u) {
      for (const std::uint32_t item : sets[u]) users[at[item]++] = u;
    }
  }
  double count(std::size_t item) const {
    return static_cast<double>(offsets[item + 1] - offsets[item]);
  }
};

struct Lift {
  std::uint32_t item;
  double value, evidence;
};

std::vector<Lift> lifts_of(std::size_t item, const Takers& takers,
                           std::span<const std::vector<std::uint32_t>> sets,
                           std::size_t most, std::vector<double>& both) {
  std::ranges::fill(both, 0);
  for (std::size_t i = takers.offsets[item]; i < takers.offsets[item + 1];
       ++i) {
    for (const std::uint32_t other : sets[takers.users[i]]) both[other] += 1;
  }
  std::vector<Lift> out;
  for (std::uint32_t other = 0; other < both.size(); ++other) {
    if (both[other] == 0 || other == item) continue;
    const double expected = takers.count(item) * takers.count(other) /
                            static_cast<double>(sets.size());
    const double value =
        std::log((both[other] + kLiftPrior) / (expected + kLiftPrior));
    out.push_back(
        {other, value, std::abs(value) * std::sqrt(both[other] + expected)});
  }
  if (out.size() > most) {
    std::nth_element(out.begin(),
                     out.begin() + static_cast<std::ptrdiff_t>(most), out.end(),
                     [](const Lift& a, const Lift& b) {
                       return a.evidence != b.evidence ? a.evidence > b.evidence
                                                       : a.item < b.item;
                     });
    out.resize(most);
  }
  std::ranges::sort(out, {}, &Lift::item);
  return out;
}

void add_texts(const std::vector<std::string>& texts, const std::string& name,
               artifact::Draft& draft) {
  std::vector<std::uint64_t> offsets = {0};
  std::string all;
  for (const std::string& text : texts) {
    all += text;
    offsets.push_back(all.size());
  }
  const std::vector<std::uint8_t> bytes(all.begin(), all.end());
  draft.add<std::uint8_t>(name, {static_cast<std::int64_t>(bytes.size())},
                          bytes);
  draft.add<std::uint64_t>(
      name + "_offsets", {static_cast<std::int64_t>(offsets.size())}, offsets);
}

}  // namespace

ItemRows index_words(std::span<const std::string> texts, double k1, double b) {
  std::map<std::string, Counts, std::less<>> found;
  std::vector<double> lengths(texts.size(), 0);
  for (std::uint32_t i = 0; i < texts.size(); ++i) {
    for (const std::string& word : runtime::search_words(texts[i])) {
      found[word][i] += 1;
      lengths[i] += 1;
    }
  }
  const auto n = static_cast<double>(texts.size());
  const double mean =
      std::accumulate(lengths.begin(), lengths.end(), 0.0) / std::max(n, 1.0);
  for (auto& [word, counts] : found) {
    const auto holding = static_cast<double>(counts.size());
    const double rare = std::log1p((n - holding + 0.5) / (holding + 0.5));
    for (auto& [item, count] : counts) {
      const double length = mean > 0 ? lengths[item] / mean : 1;
      count = rare * count * (k1 + 1) / (count + k1 * (1 - b + b * length));
    }
  }
  return rows_of(found);
}

ItemRows count_queries(std::span<const Led> led) {
  std::map<std::string, Counts, std::less<>> found;
  for (const Led& one : led) {
    auto at = found.find(one.query);
    if (at == found.end()) at = found.emplace(one.query, Counts()).first;
    at->second[one.item] += 1;
  }
  return rows_of(found);
}

ItemRows pair_lifts(std::span<const std::vector<std::uint32_t>> sets,
                    std::size_t items, std::size_t most) {
  const Takers takers(sets, items);
  std::vector<std::vector<Lift>> rows(items);
  parallel_for(items, 64, [&](std::size_t begin, std::size_t end) {
    std::vector<double> both(items);
    for (std::size_t i = begin; i < end; ++i) {
      rows[i] = lifts_of(i, takers, sets, most, both);
    }
  });
  ItemRows out;
  for (const auto& row : rows) {
    for (const Lift& lift : row) {
      out.items.push_back(lift.item);
      out.weights.push_back(static_cast<float>(lift.value));
    }
    out.offsets.push_back(out.items.size());
  }
  return out;
}

void add_rows(const ItemRows& rows, const std::string& name,
              const std::string& weights, const std::string& list,
              artifact::Draft& draft) {
  const auto length = [](const auto& values) {
    return std::vector<std::int64_t>{static_cast<std::int64_t>(values.size())};
  };
  draft.add<std::uint64_t>(name + "_offsets", length(rows.offsets),
                           rows.offsets);
  draft.add<std::uint32_t>(name + "_items", length(rows.items), rows.items);
  draft.add<float>(weights, length(rows.weights), rows.weights);
  if (!list.empty()) add_texts(rows.keys, list, draft);
}

}  // namespace ensue::classic
