// SPDX-License-Identifier: Apache-2.0
// The parts of a search that are counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"

namespace ensue::classic {

/// Rows of items with a number each, under texts in rising order or items.
struct ItemRows {
  std::vector<std::string> keys;  // none: the rows are items
  std::vector<std::uint64_t> offsets = {0};
  std::vector<std::uint32_t> items;
  std::vector<float> weights;
};

/// BM25 weight of every word in every item's text. A word's weight in an item,
/// with f how often the texts hold it and l the item's number of words:
///   log(1 + (n - d + .5) / (d + .5)) f (k1 + 1) / (f + k1 (1 - b + b l /
///   mean))
/// d: items that hold it. @param texts [items].
ItemRows index_words(std::span<const std::string> texts, double k1, double b);

/// How often each query led to each item.
struct Led {
  std::string_view query;
  std::uint32_t item;
};
ItemRows count_queries(std::span<const Led> led);

/// Log lifts of pairs of items over customers: with c customers that took both,
/// e expected ones (the product of both counts over all customers),
///   log((c + 5) / (e + 5)),
/// for each item the `most` pairs with the largest |lift| sqrt(c + e), rising
/// by item. @param sets distinct items of each customer.
ItemRows pair_lifts(std::span<const std::vector<std::uint32_t>> sets,
                    std::size_t items, std::size_t most);

/// Adds "<name>_offsets", "<name>_items" and "<weights>", and for keys the list
/// of texts "<list>".
void add_rows(const ItemRows& rows, const std::string& name,
              const std::string& weights, const std::string& list,
              artifact::Draft& draft);

}  // namespace ensue::classic
