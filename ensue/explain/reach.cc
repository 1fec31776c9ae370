// SPDX-License-Identifier: Apache-2.0
#include "ensue/explain/internal/reach.h"

#include <algorithm>
#include <string_view>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/runtime/markov.h"
#include "ensue/runtime/session_knn.h"

namespace ensue::explain {
namespace {

using artifact::BlockSpec;

template <class Config>
Config config_of(const BlockSpec& spec) {
  Config out;
  read_fields(out, spec.config, spec.type);
  return out;
}

void narrow(Reach& reach, int window) {
  const auto size = static_cast<std::size_t>(window);
  reach.window = reach.window == 0 ? size : std::min(reach.window, size);
}

void add_input(Reach& reach, const BlockSpec& spec) {
  if (spec.type == "position_embedding") {
    narrow(reach, config_of<artifact::PositionEmbeddingConfig>(spec).window);
  } else if (spec.type == "item_embedding") {
    reach.masked |= config_of<artifact::ItemEmbeddingConfig>(spec).mask;
  } else if (spec.type == "item_content") {
    reach.masked |= config_of<artifact::ItemContentConfig>(spec).mask;
  } else if (spec.type != "action_embedding" && spec.type != "gap_embedding" &&
             spec.type != "calendar_embedding" &&
             spec.type != "value_embedding" &&
             spec.type != "context_embedding") {
    reach.known = false;
  }
}

void add_layer(Reach& reach, const BlockSpec& spec) {
  if (spec.type == "layer_norm" || spec.type == "linear" ||
      spec.type == "dropout") {
    return;
  }
  if (spec.type == "hstu") {
    const auto window =
        static_cast<std::size_t>(config_of<artifact::HstuConfig>(spec).window);
    reach.layers = reach.layers == 0 ? 0 : reach.layers + window - 1;
    return;
  }
  reach.layers = 0;
  if (spec.type == "transformer" || spec.type == "bidirectional_transformer") {
    narrow(reach, config_of<artifact::TransformerConfig>(spec).window);
  } else if (spec.type == "ligr") {
    narrow(reach, config_of<artifact::LigrConfig>(spec).window);
  } else if (spec.type != "rnn" && spec.type != "gru" && spec.type != "lstm" &&
             spec.type != "causal_conv") {
    reach.known = false;
  }
}

void add_head(Reach& reach, const BlockSpec& spec) {
  if (spec.type == "next_item") {
    reach.head = static_cast<std::size_t>(
        std::max(0, config_of<artifact::NextItemConfig>(spec).repeats));
  } else if (spec.type == "markov") {
    reach.head = runtime::MarkovHead::kBasket;
  } else if (spec.type == "session_knn") {
    reach.head = runtime::SessionKnnHead::kMaxItems;
  } else if (spec.type != "popularity") {
    reach.known = false;
  }
}

}  // namespace

std::size_t Reach::first_read(std::size_t events) const noexcept {
  if (!known) return 0;
  std::size_t first = 0;
  if (window > 0) {
    first = masked ? events - std::min(events, window)
                   : artifact::segment_start(events, window);
  }
  if (layers > 0 && !masked) {
    // One more: an input may look at the event before.
    first = std::max(first, events - std::min(events, layers + 1));
  }
  return std::min(first, events - std::min(events, head));
}

Reach reach_of(const artifact::Description& about) {
  Reach out;
  for (const BlockSpec& spec : about.model.inputs) add_input(out, spec);
  for (const BlockSpec& spec : about.model.blocks) add_layer(out, spec);
  // Only the first head scores items.
  if (!about.model.heads.empty()) add_head(out, about.model.heads[0]);
  // The mask itself takes a place.
  if (out.masked && out.window > 0) --out.window;
  return out;
}

}  // namespace ensue::explain
