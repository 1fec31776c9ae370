// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/block.h"
#include "ensue/nn/internal/makers.h"

namespace ensue::nn {

const Catalog<BlockEntry>& blocks() {
  static const Catalog<BlockEntry> list(
      "block to train",
      {
          {"item_embedding", make_item_embedding},
          {"item_content", make_item_content},
          {"action_embedding", make_action_embedding},
          {"position_embedding", make_position_embedding},
          {"gap_embedding", make_gap_embedding},
          {"calendar_embedding", make_calendar_embedding},
          {"value_embedding", make_value_embedding},
          {"context_embedding", make_context_embedding},
          {"rnn", make_rnn},
          {"gru", make_gru},
          {"lstm", make_lstm},
          {"transformer", make_transformer},
          {"bidirectional_transformer", make_bidirectional_transformer},
          {"ligr", make_ligr},
          {"causal_conv", make_causal_conv},
          {"hstu", make_hstu},
          {"layer_norm", make_layer_norm},
          {"linear", make_linear},
          {"dropout", make_dropout},
      });
  return list;
}

}  // namespace ensue::nn
