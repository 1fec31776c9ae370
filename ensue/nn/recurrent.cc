// SPDX-License-Identifier: Apache-2.0
// The layers rnn, gru and lstm.
#include <cmath>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/nn/internal/makers.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

class Recurrent : public Block {
 public:
  Recurrent(Cell cell, const RecurrentWeights& weights)
      : cell_(cell), weights_(weights) {}

  at::Tensor forward(const at::Tensor& x, const Pass& pass) override {
    return recurrent(cell_, x, weights_, pass.batch);
  }

 private:
  Cell cell_;
  RecurrentWeights weights_;
};

MadeBlock make(Cell cell, int gates, const char* name, const JsonObject& json,
               Scope& scope) {
  artifact::RecurrentConfig config;
  read_fields(config, json, name);
  const std::int64_t rows = std::int64_t{gates} * config.hidden;
  const Init init = Init::uniform(1 / std::sqrt(config.hidden));
  RecurrentWeights weights{};
  weights.weight_ih = &scope.make("weight_ih", {rows, config.inputs}, init);
  weights.weight_hh = &scope.make("weight_hh", {rows, config.hidden}, init);
  weights.bias_ih = &scope.make("bias_ih", {rows}, init);
  weights.bias_hh = &scope.make("bias_hh", {rows}, init);
  return std::make_unique<Recurrent>(cell, weights);
}

}  // namespace

MadeBlock make_rnn(const JsonObject& json, const Sizes&, Scope& scope) {
  return make(Cell::kRnn, /*gates=*/1, "rnn", json, scope);
}

MadeBlock make_gru(const JsonObject& json, const Sizes&, Scope& scope) {
  return make(Cell::kGru, /*gates=*/3, "gru", json, scope);
}

MadeBlock make_lstm(const JsonObject& json, const Sizes&, Scope& scope) {
  return make(Cell::kLstm, /*gates=*/4, "lstm", json, scope);
}

}  // namespace ensue::nn
