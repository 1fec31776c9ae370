// SPDX-License-Identifier: Apache-2.0
// The small catalogue that the parity suite answers about.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/rng.h"
#include "ensue/events/history.h"

namespace ensue::parity {

inline constexpr std::size_t kItems = 90, kActions = 3;

inline artifact::Description describe(const artifact::ModelSpec& spec,
                                      bool order_within_instant) {
  std::vector<std::string> items, actions;
  for (std::size_t i = 0; i < kItems; ++i) {
    items.push_back("item " + std::to_string(i));
  }
  for (std::size_t i = 0; i < kActions; ++i) {
    actions.push_back("action " + std::to_string(i));
  }
  artifact::Description out;
  out.model = spec;
  out.schema.order_within_instant = order_within_instant;
  out.items = events::Vocabulary::from_names(items);
  out.actions = events::Vocabulary::from_names(actions);
  return out;
}

/// Rows [from, to) of a column of every kind, with missing cells.
inline events::Table rows(std::size_t from, std::size_t to) {
  const std::vector<std::string> words = {"red",   "blue", "green", "large",
                                          "small", "mug",  "bowl",  "spoon"};
  std::vector<std::string> titles, kinds, images;
  std::vector<double> prices;
  for (std::size_t i = from; i < to; ++i) {
    titles.push_back(words[i % 3] + " " + words[3 + i / 3 % 2] + " " +
                     words[5 + i / 7 % 3]);
    kinds.push_back(i % 11 == 0 ? "" : "kind " + std::to_string(i % 5));
    images.push_back(i % 13 == 0 ? ""
                                 : std::to_string(i * i % 17) + " " +
                                       std::to_string(i * 7 % 5) + ".5");
    prices.push_back(i % 7 == 0 ? std::numeric_limits<double>::quiet_NaN()
                                : static_cast<double>(i * i));
  }
  events::Table out;
  out.columns = {
      {"title", titles}, {"kind", kinds}, {"image", images}, {"price", prices}};
  return out;
}
inline events::Table item_table() { return rows(0, kItems); }

/// A column of values and one of numbers.
inline std::vector<events::ContextColumn> context_columns() {
  return {{"device", events::ContextKind::kCategory,
           events::Vocabulary::from_names(
               std::vector<std::string>{"phone", "desk", "手机"})},
          {"price", events::ContextKind::kNumber}};
}

/// One customer's events: about three to an instant, some items returning;
/// between instants passes anything from a millisecond to a year.
struct Customer {
  std::vector<events::Event> events;
  std::vector<events::ItemId> items;
  std::vector<events::ActionId> actions;
  std::vector<events::Millis> times;
  std::vector<float> values;
  std::vector<events::Cell> context;  // of context_columns(), some missing

  Customer(std::size_t size, std::uint64_t seed) {
    Rng rng(seed);
    std::int64_t time = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const bool again = i > 0 && rng.chance(0.3);
      items.push_back(again ? items[rng.below(i)]
                            : events::ItemId{static_cast<std::uint32_t>(
                                  rng.below(kItems))});
      actions.push_back(static_cast<events::ActionId>(rng.below(kActions)));
      time += rng.chance(0.3) ? std::int64_t{1} << (7 * i % 35) : 0;
      times.push_back(events::Millis{time});
      values.push_back(i % 4 == 0 ? std::numeric_limits<float>::quiet_NaN()
                                  : static_cast<float>(i * i) / 7 - 3);
      events.push_back(
          {items.back(), actions.back(), times.back(), values.back()});
    }
    for (std::size_t i = 0; i < size; ++i) {
      const auto code = static_cast<std::uint32_t>(rng.below(4));
      const auto price = static_cast<float>(3 + 40 * rng.normal());
      context.push_back(code == 3 ? events::Cell()
                                  : events::Cell::of_code(code));
      context.push_back(rng.chance(0.3) ? events::Cell()
                                        : events::Cell::of_number(price));
    }
  }
  events::History history() const { return {items, actions, times, values}; }
  events::History history_with_context() const {
    return {items, actions, times, values, events::rows_of(context, 2)};
  }
};

}  // namespace ensue::parity
