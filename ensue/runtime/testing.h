// SPDX-License-Identifier: Apache-2.0
// Artifacts with random weights and random histories, for tests.
#pragma once

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/base/rng.h"
#include "ensue/events/repeats.h"

namespace ensue::runtime::testing {

using Shapes = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;

template <class Config>
artifact::BlockSpec block(std::string type, const Config& config) {
  return {std::move(type), write_fields(config)};
}

template <class Config>
Config config_of(const artifact::BlockSpec& spec) {
  Config out;
  read_fields(out, spec.config, spec.type);
  return out;
}

inline Shapes recurrent_shapes(const artifact::BlockSpec& spec) {
  const auto c = config_of<artifact::RecurrentConfig>(spec);
  const std::int64_t rows = c.hidden * (spec.type == "rnn"   ? 1
                                        : spec.type == "gru" ? 3
                                                             : 4);
  return {{"weight_ih", {rows, c.inputs}},
          {"weight_hh", {rows, c.hidden}},
          {"bias_ih", {rows}},
          {"bias_hh", {rows}}};
}

inline Shapes transformer_shapes(const artifact::BlockSpec& spec) {
  const auto c = config_of<artifact::TransformerConfig>(spec);
  const std::int64_t w = c.width, f = c.hidden;
  return {{"norm1.weight", {w}},
          {"norm1.bias", {w}},
          {"attention.in.weight", {3 * w, w}},
          {"attention.in.bias", {3 * w}},
          {"attention.out.weight", {w, w}},
          {"attention.out.bias", {w}},
          {"norm2.weight", {w}},
          {"norm2.bias", {w}},
          {"ffn.in.weight", {f, w}},
          {"ffn.in.bias", {f}},
          {"ffn.out.weight", {w, f}},
          {"ffn.out.bias", {w}}};
}

inline Shapes ligr_shapes(const artifact::BlockSpec& spec) {
  const auto c = config_of<artifact::LigrConfig>(spec);
  const std::int64_t w = c.width, f = c.hidden;
  return {{"norm1.weight", {w}},
          {"norm1.bias", {w}},
          {"attention.in.weight", {3 * w, w}},
          {"attention.in.bias", {3 * w}},
          {"attention.out.weight", {w, w}},
          {"attention.out.bias", {w}},
          {"gate1.weight", {w, w}},
          {"gate1.bias", {w}},
          {"norm2.weight", {w}},
          {"norm2.bias", {w}},
          {"ffn.in.weight", {2 * f, w}},
          {"ffn.in.bias", {2 * f}},
          {"ffn.out.weight", {w, f}},
          {"ffn.out.bias", {w}},
          {"gate2.weight", {w, w}},
          {"gate2.bias", {w}}};
}

inline Shapes causal_conv_shapes(const artifact::BlockSpec& spec) {
  const auto c = config_of<artifact::CausalConvConfig>(spec);
  const std::int64_t w = c.width, taps = c.kernel * w;
  return {{"conv1.weight", {w, taps}}, {"conv1.bias", {w}},
          {"norm1.weight", {w}},       {"norm1.bias", {w}},
          {"conv2.weight", {w, taps}}, {"conv2.bias", {w}},
          {"norm2.weight", {w}},       {"norm2.bias", {w}}};
}

inline Shapes hstu_shapes(const artifact::BlockSpec& spec) {
  const auto c = config_of<artifact::HstuConfig>(spec);
  const std::int64_t w = c.width;
  Shapes out = {{"norm1.weight", {w}},     {"norm1.bias", {w}},
                {"in.weight", {4 * w, w}}, {"in.bias", {4 * w}},
                {"position", {c.window}},  {"norm2.weight", {w}},
                {"norm2.bias", {w}},       {"out.weight", {w, w}},
                {"out.bias", {w}}};
  if (c.time_buckets > 0) out.push_back({"time", {c.time_buckets}});
  return out;
}

inline Shapes next_item_shapes(const artifact::BlockSpec& spec,
                               std::int64_t items) {
  const auto c = config_of<artifact::NextItemConfig>(spec);
  constexpr auto kNumbers =
      static_cast<std::int64_t>(events::kRepeatDecays.size());
  Shapes out;
  if (!c.tied) out.push_back({"weight", {items, c.width}});
  if (c.bias) out.push_back({"bias", {items}});
  if (c.repeats > 0) {
    out.push_back({"repeat.weight", {kNumbers}});
    out.push_back({"repeat.gate", {kNumbers, c.width}});
  }
  return out;
}

/// What columns of context are called here says what they hold.
inline bool is_number(const std::string& column) {
  return column.starts_with("number");
}
inline constexpr int kValues = 7;  // of every column that holds no numbers

inline Shapes shapes_of(const artifact::BlockSpec& spec, std::int64_t items,
                        std::int64_t actions) {
  const std::string& type = spec.type;
  if (type == "item_embedding") {
    const auto c = config_of<artifact::ItemEmbeddingConfig>(spec);
    Shapes out = {{"weight", {items, c.width}}};
    if (c.mask) out.push_back({"mask", {c.width}});
    return out;
  }
  if (type == "item_content") {  // without what only new items need
    const auto c = config_of<artifact::ItemContentConfig>(spec);
    return {{"weight", {items, c.width}}};
  }
  if (type == "action_embedding") {
    const auto c = config_of<artifact::ActionEmbeddingConfig>(spec);
    return {{"weight", {actions, c.width}}};
  }
  if (type == "position_embedding") {
    const auto c = config_of<artifact::PositionEmbeddingConfig>(spec);
    return {{"weight", {c.window, c.width}}};
  }
  if (type == "gap_embedding") {
    const auto c = config_of<artifact::GapEmbeddingConfig>(spec);
    return {{"weight", {c.buckets + 1, c.width}}};
  }
  if (type == "calendar_embedding") {
    const auto c = config_of<artifact::CalendarEmbeddingConfig>(spec);
    return {{"hour", {artifact::kHours, c.width}},
            {"weekday", {artifact::kWeekdays, c.width}}};
  }
  if (type == "value_embedding") {
    const auto c = config_of<artifact::ValueEmbeddingConfig>(spec);
    return {{"weight", {c.buckets, c.width}}};
  }
  if (type == "context_embedding") {
    const auto c = config_of<artifact::ContextEmbeddingConfig>(spec);
    Shapes out;
    for (std::size_t k = 0; k < c.columns.size(); ++k) {
      const std::string name = "columns." + std::to_string(k) + ".";
      if (is_number(c.columns[k])) {
        out.push_back({name + "weight", {c.width, 2}});
        out.push_back({name + "scale", {2}});
      } else {
        out.push_back({name + "weight", {kValues + 1, c.width}});
      }
    }
    return out;
  }
  if (type == "rnn" || type == "gru" || type == "lstm") {
    return recurrent_shapes(spec);
  }
  if (type == "transformer" || type == "bidirectional_transformer") {
    return transformer_shapes(spec);
  }
  if (type == "ligr") return ligr_shapes(spec);
  if (type == "causal_conv") return causal_conv_shapes(spec);
  if (type == "hstu") return hstu_shapes(spec);
  if (type == "layer_norm") {
    const auto c = config_of<artifact::LayerNormConfig>(spec);
    return {{"weight", {c.width}}, {"bias", {c.width}}};
  }
  if (type == "linear") {
    const auto c = config_of<artifact::LinearConfig>(spec);
    return {{"weight", {c.outputs, c.inputs}}, {"bias", {c.outputs}}};
  }
  if (type == "next_item") return next_item_shapes(spec, items);
  if (type == "label") {
    const auto c = config_of<artifact::LabelConfig>(spec);
    return {{"in.weight", {c.hidden, c.width + 1}},
            {"in.bias", {c.hidden}},
            {"out.weight", {c.outputs, c.hidden}},
            {"out.bias", {c.outputs}},
            {"base", {c.outputs}},
            {"scale", {1}}};
  }
  return {};
}

inline std::vector<std::string> names(const std::string& prefix,
                                      std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(prefix + std::to_string(i));
  }
  return out;
}

inline std::vector<events::ContextColumn> context_of(
    const artifact::ModelSpec& spec) {
  std::vector<events::ContextColumn> out;
  for (const artifact::BlockSpec& input : spec.inputs) {
    if (input.type != "context_embedding") continue;
    for (const auto& name :
         config_of<artifact::ContextEmbeddingConfig>(input).columns) {
      out.push_back({name, events::ContextKind::kNumber});
      if (is_number(name)) continue;
      out.back().kind = events::ContextKind::kCategory;
      out.back().values = events::Vocabulary::from_names(
          names("value", static_cast<std::size_t>(kValues)));
    }
  }
  return out;
}

/// Normal weights scaled so that activations stay near 1.
inline artifact::Draft random_draft(artifact::ModelSpec spec, std::size_t items,
                                    std::size_t actions, std::uint64_t seed) {
  artifact::Description description;
  description.model = spec;
  description.items = events::Vocabulary::from_names(names("item", items));
  description.actions =
      events::Vocabulary::from_names(names("action", actions));
  description.context = context_of(spec);
  artifact::Draft out(std::move(description));
  Rng rng(seed);
  const auto fill = [&](std::string_view section,
                        const std::vector<artifact::BlockSpec>& list) {
    for (std::size_t place = 0; place < list.size(); ++place) {
      for (const auto& [name, shape] :
           shapes_of(list[place], static_cast<std::int64_t>(items),
                     static_cast<std::int64_t>(actions))) {
        std::size_t size = 1;
        for (const auto d : shape) size *= static_cast<std::size_t>(d);
        std::vector<float> values(size);
        const double scale = shape.size() == 2
                                 ? 1 / std::sqrt(static_cast<double>(shape[1]))
                                 : 0.5;
        for (float& v : values) v = static_cast<float>(scale * rng.normal());
        if (name.ends_with(".scale")) values[1] = 2;
        out.add<float>(artifact::Artifact::tensor_name(section, place, name),
                       shape, values);
      }
    }
  };
  fill("inputs", spec.inputs);
  fill("blocks", spec.blocks);
  fill("heads", spec.heads);
  return out;
}

inline std::shared_ptr<const artifact::Artifact> random_artifact(
    const artifact::ModelSpec& spec, std::size_t items, std::size_t actions,
    std::uint64_t seed = 1) {
  return artifact::Artifact::from_bytes(
      random_draft(spec, items, actions, seed).bytes(), spec.name);
}

/// Columns of one user's events, two to an instant, with gaps and values of all
/// sizes; every fifth event has no item, every third no value. Of context there
/// are values and numbers in turn, every fourth of them missing.
struct Events {
  std::vector<events::ItemId> items;
  std::vector<events::ActionId> actions;
  std::vector<events::Millis> times;
  std::vector<float> values;
  std::vector<events::Cell> context;
  static constexpr std::size_t kMostColumns = 4;

  Events(std::size_t size, std::size_t known_items, std::size_t known_actions,
         std::uint64_t seed) {
    Rng rng(seed);
    for (std::size_t i = 0; i < size; ++i) {
      const auto item = static_cast<std::uint32_t>(rng.below(known_items));
      items.push_back(i % 5 == 4 ? events::kNoItem : events::ItemId{item});
      actions.push_back(
          static_cast<events::ActionId>(rng.below(known_actions)));
      const auto instant = static_cast<std::int64_t>(i / 2);
      times.push_back(events::Millis{1500 * instant * instant * instant});
      values.push_back(i % 3 == 0 ? std::numeric_limits<float>::quiet_NaN()
                                  : static_cast<float>(i * i) / 9 - 2);
    }
    for (std::size_t i = 0; i < size * kMostColumns; ++i) {
      const auto code = static_cast<std::uint32_t>(rng.below(kValues));
      context.push_back(
          rng.chance(0.25) ? events::Cell()
          : i % 2 == 0
              ? events::Cell::of_code(code)
              : events::Cell::of_number(static_cast<float>(3 * rng.normal())));
    }
  }
  events::History view() const { return {items, actions, times, values}; }
  /// With rows of `columns` columns.
  events::History view(std::size_t columns) const {
    events::History out = view();
    if (columns > 0) {
      out.context = {context.data(), columns, kMostColumns};
    }
    return out;
  }
};

}  // namespace ensue::runtime::testing
