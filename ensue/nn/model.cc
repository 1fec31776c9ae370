// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/model.h"

#include <algorithm>
#include <string>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/hash.h"

namespace ensue::nn {
namespace {

using artifact::BlockSpec;

std::vector<std::unique_ptr<Block>> make_all(
    const std::vector<BlockSpec>& specs, const std::string& section,
    const Sizes& sizes, Parameters& parameters, Rng& rng) {
  std::vector<std::unique_ptr<Block>> out;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    Scope scope(parameters, rng, section + "." + std::to_string(i));
    out.push_back(
        blocks().find(specs[i].type).make(specs[i].config, sizes, scope));
  }
  return out;
}

}  // namespace

Model::Model(const artifact::ModelSpec& spec, const Sizes& sizes,
             std::uint64_t seed, Precision precision) {
  if (spec.inputs.empty()) invalid("model '" + spec.name + "' has no inputs");
  Rng rng(seed, checksum("parameters"));
  inputs_ = make_all(spec.inputs, "inputs", sizes, parameters_, rng);
  layers_ = make_all(spec.blocks, "blocks", sizes, parameters_, rng);
  make_head(spec, sizes, rng);
  for (const auto& p : parameters_) {
    if (p->value.dim() == 2) p->precision = precision;
  }
  head_.weight->precision = precision;
}

void Model::make_head(const artifact::ModelSpec& spec, const Sizes& sizes,
                      Rng& rng) {
  if (spec.heads.size() != 1 || spec.heads[0].type != "next_item") {
    invalid("model '" + spec.name + "': expected one head, next_item");
  }
  artifact::NextItemConfig config;
  read_fields(config, spec.heads[0].config, "next_item");
  Scope scope(parameters_, rng, "heads.0");
  if (config.tied) {
    head_.weight = inputs_[0]->item_vectors();
    if (head_.weight == nullptr) {
      invalid("next_item.tied: true, expected item_embedding as first input");
    }
  } else {
    head_.weight = &scope.make_table("weight", sizes.items, config.width,
                                     Init::normal(/*deviation=*/0.02));
  }
  if (config.bias) {
    head_.bias = &scope.make_column("bias", sizes.items, Init::zero());
  }
  if (config.repeats > 0) {
    constexpr std::int64_t numbers = events::kRepeatDecays.size();
    head_.repeats = config.repeats;
    head_.repeat.weight = &scope.make("repeat.weight", {numbers}, Init::one());
    head_.repeat.gate =
        &scope.make("repeat.gate", {numbers, config.width}, Init::zero());
  }
}

at::Tensor Model::forward(const Pass& pass) {
  at::Tensor x;
  for (const auto& input : inputs_) {
    const at::Tensor part = input->forward(at::Tensor(), pass);
    x = x.defined() ? x + part : part;
  }
  for (const auto& layer : layers_) x = layer->forward(x, pass);
  return x;
}

void Model::backward(const at::Tensor& hidden, const at::Tensor& slope) {
  hidden.backward(slope);
  for (const auto& input : inputs_) input->settle();
}

int Model::window() const noexcept {
  int out = 0;
  const auto narrow = [&out](const Block& block) {
    const int window = block.window();
    if (window > 0) out = out == 0 ? window : std::min(out, window);
  };
  for (const auto& input : inputs_) narrow(*input);
  for (const auto& layer : layers_) narrow(*layer);
  return out;
}

void Model::write(artifact::Draft& draft) const {
  for (const auto& p : parameters_) {
    draft.add<float>(p->name, p->value.sizes().vec(), {p->data(), p->size()});
  }
  for (const auto& input : inputs_) input->write(draft);
}

}  // namespace ensue::nn
