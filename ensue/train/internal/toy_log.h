// SPDX-License-Identifier: Apache-2.0
// Small logs that the tests of this room learn from.
#pragma once

#include <string>

#include "ensue/artifact/block_configs.h"
#include "ensue/artifact/model_spec.h"
#include "ensue/base/fields.h"
#include "ensue/events/log.h"
#include "ensue/judge/split.h"

namespace ensue::train {

/// The next item is the sum of the last two, modulo `items`: known from two
/// events, unknown from one.
inline events::Log second_order_log(int users, int length, int items) {
  events::LogBuilder builder;
  for (int user = 0; user < users; ++user) {
    int a = user % items, b = (user / items + 1) % items;
    for (int i = 0; i < length; ++i) {
      builder.add("u" + std::to_string(user), "i" + std::to_string(a),
                  events::Millis{1000 * i + user});
      const int next = (a + b) % items;
      a = b;
      b = next;
    }
  }
  return builder.build();
}

/// The last event of every user is the only validation query.
inline judge::Split last_event_split(const events::Log& log) {
  judge::Split out;
  out.kind = "leave-one-out";
  for (std::uint32_t user = 0; user < log.users(); ++user) {
    const auto size =
        static_cast<std::uint32_t>(log.history(events::UserId{user}).size());
    out.train.push_back({0, size - 1});
    out.validation.push_back(
        {events::UserId{user}, size - 1, {size - 1, size}});
  }
  return out;
}

template <class Config>
artifact::BlockSpec block(std::string type, const Config& config) {
  return {std::move(type), write_fields(config)};
}

inline artifact::ModelSpec toy_gru(double dropout = 0) {
  artifact::ModelSpec out;
  out.name = "toy";
  out.inputs = {
      block("item_embedding", artifact::ItemEmbeddingConfig{.width = 16})};
  out.blocks = {
      block("dropout", artifact::DropoutConfig{.rate = dropout}),
      block("gru", artifact::RecurrentConfig{.inputs = 16, .hidden = 16})};
  out.heads = {block("next_item", artifact::NextItemConfig{.width = 16})};
  return out;
}

/// With `masked` every event sees every other one and a mask asks.
inline artifact::ModelSpec toy_transformer(int window, double dropout = 0,
                                           bool masked = false) {
  artifact::ModelSpec out;
  out.name = "toy";
  out.inputs = {
      block("item_embedding",
            artifact::ItemEmbeddingConfig{
                .width = 32, .scale = true, .mask = masked}),
      block("position_embedding",
            artifact::PositionEmbeddingConfig{.width = 32, .window = window})};
  const artifact::TransformerConfig layer{.width = 32,
                                          .heads = 2,
                                          .hidden = 64,
                                          .window = window,
                                          .dropout = dropout};
  const auto type = masked ? "bidirectional_transformer" : "transformer";
  out.blocks = {block(type, layer), block(type, layer),
                block("layer_norm", artifact::LayerNormConfig{.width = 32})};
  out.heads = {block("next_item", artifact::NextItemConfig{.width = 32})};
  return out;
}

}  // namespace ensue::train
