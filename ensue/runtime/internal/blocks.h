// SPDX-License-Identifier: Apache-2.0
// Answering's half of the block catalogue: a name and how the block is made.
#pragma once

#include <memory>
#include <string_view>

#include "ensue/base/catalog.h"
#include "ensue/runtime/internal/block_source.h"
#include "ensue/runtime/internal/head.h"
#include "ensue/runtime/internal/layer.h"

namespace ensue::runtime {

/// `make` throws Error(kCorrupt) when a tensor is missing or does not fit.
template <class Part>
struct PartEntry {
  std::string_view name;  // of artifact::blocks()
  std::unique_ptr<const Part> (*make)(const BlockSource& source);
};

const Catalog<PartEntry<Input>>& inputs();
const Catalog<PartEntry<Layer>>& layers();
const Catalog<PartEntry<Head>>& heads();

std::unique_ptr<const Input> make_item_embedding(const BlockSource& source);
std::unique_ptr<const Input> make_item_content(const BlockSource& source);
std::unique_ptr<const Input> make_action_embedding(const BlockSource& source);
std::unique_ptr<const Input> make_position_embedding(const BlockSource& source);
std::unique_ptr<const Input> make_gap_embedding(const BlockSource& source);
std::unique_ptr<const Input> make_calendar_embedding(const BlockSource& source);
std::unique_ptr<const Input> make_value_embedding(const BlockSource& source);
std::unique_ptr<const Input> make_context_embedding(const BlockSource& source);
std::unique_ptr<const Layer> make_rnn(const BlockSource& source);
std::unique_ptr<const Layer> make_gru(const BlockSource& source);
std::unique_ptr<const Layer> make_lstm(const BlockSource& source);
std::unique_ptr<const Layer> make_transformer(const BlockSource& source);
std::unique_ptr<const Layer> make_bidirectional_transformer(
    const BlockSource& source);
std::unique_ptr<const Layer> make_ligr(const BlockSource& source);
std::unique_ptr<const Layer> make_causal_conv(const BlockSource& source);
std::unique_ptr<const Layer> make_hstu(const BlockSource& source);
std::unique_ptr<const Layer> make_layer_norm(const BlockSource& source);
std::unique_ptr<const Layer> make_linear(const BlockSource& source);
/// Null: dropout is the identity when answering.
std::unique_ptr<const Layer> make_dropout(const BlockSource& source);
std::unique_ptr<const Head> make_next_item(const BlockSource& source);
std::unique_ptr<const Head> make_blend(const BlockSource& source);

}  // namespace ensue::runtime
