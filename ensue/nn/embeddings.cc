// SPDX-License-Identifier: Apache-2.0
// The inputs: item_embedding, action_embedding, position_embedding.
#include <algorithm>
#include <cmath>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/nn/internal/makers.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

constexpr double kEmbeddingDeviation = 0.02;

class Embedding : public Block {
 public:
  using Ids = std::vector<std::int64_t> Packed::*;
  Embedding(Parameter& table, Ids ids, float scale, int window,
            Parameter* mask = nullptr)
      : table_(table), ids_(ids), scale_(scale), window_(window), mask_(mask) {}

  at::Tensor forward(const at::Tensor&, const Pass& pass) override {
    return embed(table_, pass.batch.*ids_, scale_, mask_);
  }
  int window() const noexcept override { return window_; }
  bool masks() const noexcept override { return mask_ != nullptr; }
  Parameter* item_vectors() noexcept override {
    return ids_ == &Packed::items ? &table_ : nullptr;
  }

 private:
  Parameter& table_;
  Ids ids_;
  float scale_;
  int window_;
  Parameter* mask_;
};

}  // namespace

std::unique_ptr<Block> make_item_embedding(const JsonObject& json,
                                           const Sizes& sizes, Scope& scope) {
  artifact::ItemEmbeddingConfig config;
  read_fields(config, json, "item_embedding");
  Parameter& table = scope.make_table("weight", sizes.items, config.width,
                                      Init::normal(kEmbeddingDeviation));
  table.row_of = RowOf::kItem;
  if (config.unit) {
    table.unit_rows = true;
    table.mark_all();
    table.make_unit();
    table.clear_marks();
  }
  const float scale =
      config.scale ? std::sqrt(static_cast<float>(config.width)) : 1;
  Parameter* mask = config.mask ? &scope.make("mask", {config.width},
                                              Init::normal(kEmbeddingDeviation))
                                : nullptr;
  return std::make_unique<Embedding>(table, &Packed::items, scale, 0, mask);
}

std::unique_ptr<Block> make_action_embedding(const JsonObject& json,
                                             const Sizes& sizes, Scope& scope) {
  artifact::ActionEmbeddingConfig config;
  read_fields(config, json, "action_embedding");
  Parameter& table = scope.make_table("weight", sizes.actions, config.width,
                                      Init::normal(kEmbeddingDeviation));
  table.row_of = RowOf::kAction;
  return std::make_unique<Embedding>(table, &Packed::actions, 1.0F, 0);
}

std::unique_ptr<Block> make_position_embedding(const JsonObject& json,
                                               const Sizes&, Scope& scope) {
  artifact::PositionEmbeddingConfig config;
  read_fields(config, json, "position_embedding");
  if (config.window < 1) {
    invalid("position_embedding.window: " + std::to_string(config.window) +
            ", expected at least 1");
  }
  Parameter& table = scope.make_table("weight", config.window, config.width,
                                      Init::normal(kEmbeddingDeviation));
  return std::make_unique<Embedding>(table, &Packed::positions, 1.0F,
                                     config.window);
}

}  // namespace ensue::nn
