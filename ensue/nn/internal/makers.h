// SPDX-License-Identifier: Apache-2.0
// One maker per block, listed in blocks.cc.
#pragma once

#include <memory>
#include <string>

#include "ensue/nn/block.h"

namespace ensue::nn {

using MadeBlock = std::unique_ptr<Block>;

/// @throws Error(kInvalidArgument) naming `where` unless 0 <= rate < 1.
void check_rate(const std::string& where, double rate);

MadeBlock make_item_embedding(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_item_content(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_action_embedding(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_position_embedding(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_gap_embedding(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_calendar_embedding(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_value_embedding(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_context_embedding(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_rnn(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_gru(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_lstm(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_transformer(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_bidirectional_transformer(const JsonObject&, const Sizes&,
                                         Scope&);
MadeBlock make_ligr(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_causal_conv(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_hstu(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_layer_norm(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_linear(const JsonObject&, const Sizes&, Scope&);
MadeBlock make_dropout(const JsonObject&, const Sizes&, Scope&);

}  // namespace ensue::nn
