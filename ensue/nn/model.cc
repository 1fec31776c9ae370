// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/model.h"

#include <algorithm>
#include <span>
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

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string out = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    out += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  }
  return out + "]";
}

// Row r becomes row rows[r] of `from`; -1: it stays.
void copy_rows(std::span<const float> from,
               const std::vector<std::int64_t>& rows, const Parameter& to) {
  const std::size_t width = to.row_size();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (rows[r] < 0) continue;
    const auto row = static_cast<std::size_t>(rows[r]);
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(row * width), width,
                to.data() + r * width);
  }
}

[[noreturn]] void refuse_heads(const artifact::ModelSpec& spec) {
  invalid("model '" + spec.name +
          "': expected the head next_item, after it next_event or decoder at "
          "most, then label heads");
}

}  // namespace

Model::Model(const artifact::ModelSpec& spec, const Sizes& sizes,
             std::uint64_t seed, Precision precision) {
  if (spec.inputs.empty()) invalid("model '" + spec.name + "' has no inputs");
  Rng rng(seed, checksum("parameters"));
  inputs_ = make_all(spec.inputs, "inputs", sizes, parameters_, rng);
  layers_ = make_all(spec.blocks, "blocks", sizes, parameters_, rng);
  check_mask(spec.name);
  make_heads(spec, sizes, rng);
  for (const auto& p : parameters_) {
    if (p->value.dim() == 2) p->precision = precision;
  }
  head_.weight->precision = precision;
}

void Model::check_mask(const std::string& name) const {
  const bool causal = std::ranges::all_of(
      layers_, [](const auto& layer) { return layer->causal(); });
  if (!causal && !masked()) {
    invalid("model '" + name +
            "': a layer sees later events, expected item_embedding.mask");
  }
  if (masked() && window() < 2) {
    invalid("model '" + name + "': item_embedding.mask and a window of " +
            std::to_string(window()) + ", expected at least 2");
  }
}

void Model::make_heads(const artifact::ModelSpec& spec, const Sizes& sizes,
                       Rng& rng) {
  heads_ = spec.heads;
  if (heads_.empty() || heads_[0].type != "next_item") refuse_heads(spec);
  make_item_head(spec, sizes, rng);
  for (std::size_t k = 1; k < heads_.size(); ++k) {
    Scope scope(parameters_, rng, "heads." + std::to_string(k));
    const BlockSpec& head = heads_[k];
    if (head.type == "label") {
      make_label_head(head, scope);
    } else if (k == 1 && head.type == "decoder") {
      artifact::DecoderConfig config;
      read_fields(config, head.config, head.type);
      decoder_.emplace(config, scope);
    } else if (k == 1 && head.type == "next_event") {
      artifact::NextEventConfig config;
      read_fields(config, head.config, head.type);
      event_head_.emplace(config, sizes, scope);
    } else {
      refuse_heads(spec);
    }
  }
}

void Model::make_label_head(const BlockSpec& spec, Scope& scope) {
  artifact::LabelConfig config;
  read_fields(config, spec.config, spec.type);
  if (masked()) {
    invalid("label '" + config.task +
            "': the model is asked by a mask, expected one that reads events "
            "in their order");
  }
  for (const LabelHead& other : label_heads_) {
    if (other.task() == config.task) {
      invalid("label '" + config.task + "': two heads of one task");
    }
  }
  label_heads_.emplace_back(config, scope);
}

// Whether a parameter of a head means the same in another model.
bool Model::same_head(const artifact::ModelSpec& other,
                      const std::string& parameter) const {
  const auto task = [](const BlockSpec& head) {
    artifact::LabelConfig config;
    read_fields(config, head.config, head.type);
    return config.task;
  };
  for (std::size_t k = 1; k < heads_.size(); ++k) {
    if (!parameter.starts_with("heads." + std::to_string(k) + ".")) continue;
    if (k >= other.heads.size() || other.heads[k].type != heads_[k].type) {
      return false;
    }
    return heads_[k].type != "label" || task(other.heads[k]) == task(heads_[k]);
  }
  return true;
}

void Model::make_item_head(const artifact::ModelSpec& spec, const Sizes& sizes,
                           Rng& rng) {
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
    head_.weight->row_of = RowOf::kItem;
  }
  if (config.bias) {
    head_.bias = &scope.make_column("bias", sizes.items, Init::zero());
    head_.bias->row_of = RowOf::kItem;
  }
  if (config.repeats > 0) {
    constexpr std::int64_t numbers = events::kRepeatDecays.size();
    head_.repeats = config.repeats;
    head_.repeat.weight = &scope.make("repeat.weight", {numbers}, Init::one());
    head_.repeat.gate =
        &scope.make("repeat.gate", {numbers, config.width}, Init::zero());
  }
  if (config.similar) make_similar(config, sizes, scope);
}

void Model::make_similar(const artifact::NextItemConfig& config,
                         const Sizes& sizes, Scope& scope) {
  if (config.repeats <= 0) {
    invalid("next_item.similar: true with repeats 0, expected repeats above 0");
  }
  if (sizes.compared == nullptr ||
      static_cast<std::int64_t>(sizes.compared->items()) != sizes.items) {
    invalid("next_item.similar: true, expected item_content as first input");
  }
  constexpr std::int64_t numbers = events::kRepeatDecays.size();
  head_.similar = {
      {&scope.make("similar.weight", {numbers}, Init::one()),
       &scope.make("similar.gate", {numbers, config.width}, Init::zero())},
      *sizes.compared};
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

void Model::backward(const std::vector<at::Tensor>& ends,
                     const std::vector<at::Tensor>& slopes) {
  torch::autograd::backward(ends, slopes);
  for (const auto& input : inputs_) input->settle();
}

void Model::to(const at::Device& device) {
  for (const auto& p : parameters_) p->to(device);
  for (const auto& input : inputs_) input->to(device);
  for (const auto& layer : layers_) layer->to(device);
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

std::vector<std::string> Model::read(const artifact::Artifact& from,
                                     const KnownRows& known) {
  std::vector<std::string> fresh;
  for (const auto& p : parameters_) {
    if (!from.has(p->name) || !same_head(from.description().model, p->name)) {
      fresh.push_back(p->name);
      continue;
    }
    const artifact::TensorView& tensor = from.tensor(p->name);
    const auto numbers = tensor.as<float>();
    auto shape = p->value.sizes().vec();
    const auto values = known.values.find(p->name);
    const std::vector<std::int64_t>* rows =
        p->row_of == RowOf::kItem      ? &known.items
        : p->row_of == RowOf::kAction  ? &known.actions
        : values != known.values.end() ? &values->second
                                       : nullptr;
    if (rows != nullptr && !tensor.shape.empty()) shape[0] = tensor.shape[0];
    if (shape != tensor.shape) {
      invalid("'" + p->name + "' has the shape " + text_of(tensor.shape) +
              " in the model to start from, expected " + text_of(shape) +
              ": the same layers and sizes");
    }
    if (rows == nullptr) {
      std::copy(numbers.begin(), numbers.end(), p->data());
    } else {
      copy_rows(numbers, *rows, *p);
    }
    p->changed();
  }
  for (const auto& input : inputs_) input->read(from);
  return fresh;
}

bool Model::masked() const noexcept {
  return std::ranges::any_of(inputs_,
                             [](const auto& input) { return input->masks(); });
}

void Model::write(artifact::Draft& draft) const {
  for (const auto& p : parameters_) {
    const at::Tensor here = p->value.cpu();
    draft.add<float>(p->name, here.sizes().vec(),
                     {here.data_ptr<float>(), p->size()});
  }
  for (const auto& input : inputs_) input->write(draft);
  for (const LabelHead& head : label_heads_) head.write(draft);
}

}  // namespace ensue::nn
