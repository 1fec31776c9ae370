// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/internal/blocks.h"

#include "ensue/runtime/markov.h"
#include "ensue/runtime/popularity.h"
#include "ensue/runtime/session_knn.h"

namespace ensue::runtime {
namespace {

template <class T>
std::unique_ptr<const Head> classical(const BlockSource& source) {
  return std::make_unique<const T>(source.artifact, source.place);
}

}  // namespace

const Catalog<PartEntry<Input>>& inputs() {
  static const Catalog<PartEntry<Input>> list(
      "input", {
                   {"item_embedding", make_item_embedding},
                   {"item_content", make_item_content},
                   {"action_embedding", make_action_embedding},
                   {"position_embedding", make_position_embedding},
                   {"gap_embedding", make_gap_embedding},
                   {"calendar_embedding", make_calendar_embedding},
                   {"value_embedding", make_value_embedding},
                   {"context_embedding", make_context_embedding},
               });
  return list;
}

const Catalog<PartEntry<Layer>>& layers() {
  static const Catalog<PartEntry<Layer>> list(
      "layer",
      {
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

const Catalog<PartEntry<Head>>& heads() {
  static const Catalog<PartEntry<Head>> list(
      "head", {
                  {"next_item", make_next_item},
                  {"popularity", classical<PopularityHead>},
                  {"markov", classical<MarkovHead>},
                  {"session_knn", classical<SessionKnnHead>},
                  {"blend", make_blend},
              });
  return list;
}

}  // namespace ensue::runtime
