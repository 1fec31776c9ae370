// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/blocks.h"

namespace ensue::artifact {

const Catalog<BlockDescriptor>& blocks() {
  using enum Role;
  using enum Trainer;
  static const Catalog<BlockDescriptor> list(
      "block",
      {
          {"item_embedding", kInput, kNn, Memory::kNone,
           "a learnt vector per item"},
          {"item_content", kInput, kNn, Memory::kNone,
           "a vector per item from its id and its columns"},
          {"action_embedding", kInput, kNn, Memory::kNone,
           "a learnt vector per action"},
          {"position_embedding", kInput, kNn, Memory::kReencoded,
           "a learnt vector per place in the window"},
          {"gap_embedding", kInput, kNn, Memory::kWindowed,
           "a learnt vector per time since the event before",
           /*needs_clock=*/true},
          {"calendar_embedding", kInput, kNn, Memory::kNone,
           "a learnt vector per hour of the day and per weekday",
           /*needs_clock=*/true},
          {"value_embedding", kInput, kNn, Memory::kNone,
           "a learnt vector per size of an event's value"},
          {"context_embedding", kInput, kNn, Memory::kNone,
           "a learnt vector per value of named columns"},
          {"rnn", kLayer, kNn, Memory::kExact, "recurrent cell with tanh"},
          {"gru", kLayer, kNn, Memory::kExact, "gated recurrent unit"},
          {"lstm", kLayer, kNn, Memory::kExact, "long short-term memory"},
          {"transformer", kLayer, kNn, Memory::kReencoded,
           "causal attention and feed-forward"},
          {"bidirectional_transformer", kLayer, kNn, Memory::kReencoded,
           "attention both ways and feed-forward, around a mask"},
          {"ligr", kLayer, kNn, Memory::kReencoded,
           "gated causal attention and SwiGLU feed-forward"},
          {"causal_conv", kLayer, kNn, Memory::kExact,
           "two dilated causal convolutions with a residual"},
          {"hstu", kLayer, kNn, Memory::kWindowed,
           "gated pointwise attention, relative positions and times"},
          {"layer_norm", kLayer, kNn, Memory::kNone,
           "mean 0, variance 1, then a learnt scale and shift"},
          {"linear", kLayer, kNn, Memory::kNone, "matrix product and bias"},
          {"dropout", kLayer, kNone, Memory::kNone,
           "zeroes units while training"},
          {"next_item", kHead, kNn, Memory::kNone,
           "dot product with every item"},
          {"next_event", kHead, kNn, Memory::kNone,
           "action, time until then, item and value of the next event"},
          {"decoder", kHead, kNn, Memory::kNone,
           "writes the coming items one after the other"},
          {"label", kHead, kNn, Memory::kNone,
           "the answer to a question about the user at an instant",
           /*needs_clock=*/true},
          {"popularity", kHead, kClassic, Memory::kNone,
           "how often each item was taken"},
          {"markov", kHead, kClassic, Memory::kWindowed,
           "what followed the last item, backed off to popularity"},
          {"session_knn", kHead, kClassic, Memory::kWindowed,
           "items of the most similar recent sessions (VMIS-kNN)"},
          {"blend", kHead, kNone, Memory::kExact,
           "a weighted sum of whole models' logits"},
          {"table_linear", kHead, kClassic, Memory::kNone,
           "a weighted sum of the features of a row"},
          {"table_trees", kHead, kClassic, Memory::kNone,
           "boosted trees or a forest over the features of a row"},
          {"table_neighbours", kHead, kClassic, Memory::kNone,
           "the labels of the nearest rows of training"},
          {"table_dense", kHead, kClassic, Memory::kNone,
           "one hidden layer over the features of a row"},
          {"table_answer", kHead, kClassic, Memory::kNone,
           "blends the heads before it and calibrates"},
          {"purchases", kHead, kClassic, Memory::kNone,
           "how often and for how much a customer buys (BG/NBD, Gamma-Gamma)",
           /*needs_clock=*/true},
      });
  return list;
}

std::string_view name_of(Role role) {
  switch (role) {
    case Role::kInput:
      return "input";
    case Role::kLayer:
      return "layer";
    case Role::kHead:
      return "head";
  }
  return "?";
}

std::string_view name_of(Trainer trainer) {
  switch (trainer) {
    case Trainer::kNn:
      return "nn";
    case Trainer::kClassic:
      return "classic";
    case Trainer::kNone:
      return "none";
  }
  return "?";
}

std::string_view name_of(Memory memory) {
  switch (memory) {
    case Memory::kNone:
      return "none";
    case Memory::kExact:
      return "exact";
    case Memory::kWindowed:
      return "windowed";
    case Memory::kReencoded:
      return "re-encoded";
  }
  return "?";
}

}  // namespace ensue::artifact
