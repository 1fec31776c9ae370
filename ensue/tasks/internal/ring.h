// SPDX-License-Identifier: Apache-2.0
// A model whose next event is known by hand, for the tests of this room.
#pragma once

#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/action_counts.h"
#include "ensue/artifact/artifact.h"
#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/events/history.h"
#include "ensue/runtime/engine.h"

namespace ensue::tasks {

using artifact::kGapBuckets;

inline constexpr std::int64_t kItems = 3, kGaps = kGapBuckets;

template <class Config>
artifact::BlockSpec block(std::string type, const Config& config) {
  return {std::move(type), write_fields(config)};
}

// Item i is followed by item i + 1 (mod 3), viewed with 0.25 and bought with
// 0.75, after 6 or 7 seconds, for about 10.
inline runtime::Engine ring(
    bool whole, const std::optional<artifact::ActionCounts>& counts = {}) {
  artifact::Description about;
  about.model.name = "ring";
  about.model.inputs = {
      block("item_embedding", artifact::ItemEmbeddingConfig{.width = kItems})};
  about.model.heads = {block(
      "next_item",
      artifact::NextItemConfig{.width = kItems, .tied = false, .bias = false})};
  if (whole) {
    about.model.heads.push_back(block(
        "next_event", artifact::NextEventConfig{.width = kItems, .hidden = 1}));
  }
  const std::vector<std::string> items = {"a", "b", "c"},
                                 actions = {"view", "buy"};
  about.items =
      events::Vocabulary::from_names(std::span<const std::string>(items));
  about.actions =
      events::Vocabulary::from_names(std::span<const std::string>(actions));
  if (counts) artifact::write_action_counts(*counts, about.training);
  artifact::Draft draft(about);
  const auto add = [&draft](const std::string& name,
                            std::vector<std::int64_t> shape,
                            const std::function<double(std::int64_t)>& at) {
    std::int64_t size = 1;
    for (const std::int64_t n : shape) size *= n;
    std::vector<float> values;
    for (std::int64_t i = 0; i < size; ++i) {
      values.push_back(static_cast<float>(at(i)));
    }
    draft.add<float>(name, std::move(shape), values);
  };
  const auto zero = [](std::int64_t) { return 0.0; };
  add("inputs.0.weight", {kItems, kItems},
      [](std::int64_t i) { return i / kItems == i % kItems ? 1.0 : 0.0; });
  add("heads.0.weight", {kItems, kItems}, [](std::int64_t i) {
    return i / kItems == (i % kItems + 1) % kItems ? 40.0 : 0.0;
  });
  if (!whole) {
    return runtime::Engine(
        artifact::Artifact::from_bytes(draft.bytes(), "ring"));
  }
  const auto dense = [&](const std::string& name, std::int64_t outputs,
                         std::int64_t inputs,
                         const std::function<double(std::int64_t)>& bias) {
    add("heads.1." + name + ".weight", {outputs, inputs}, zero);
    add("heads.1." + name + ".bias", {outputs}, bias);
  };
  for (const char* part :
       {"action.in", "gap.in", "query.in", "value.in", "value.item"}) {
    dense(part, 1, kItems, zero);
  }
  for (const char* table : {"gap.action", "query.action", "value.action"}) {
    add(std::string("heads.1.") + table, {2, 1}, zero);
  }
  add("heads.1.query.gap", {kGaps, 1}, zero);
  dense("action.out", 2, 1,
        [](std::int64_t i) { return i == 1 ? std::log(3.0) : 0.0; });
  dense("gap.out", kGaps, 1,
        [](std::int64_t i) { return i == 5 ? 40.0 : 0.0; });
  dense("query.out", kItems, 1, zero);
  dense("value.out", 2, 1,
        [](std::int64_t i) { return i == 0 ? std::asinh(10.0) : -2.0; });
  return runtime::Engine(artifact::Artifact::from_bytes(draft.bytes(), "ring"));
}

struct Past {
  std::vector<events::ItemId> items = {events::ItemId{1}};
  std::vector<events::ActionId> actions = {events::ActionId{1}};
  std::vector<events::Millis> times = {events::Millis{5000}};
  std::vector<float> values = {1};
  events::History view() const { return {items, actions, times, values}; }
};

}  // namespace ensue::tasks
