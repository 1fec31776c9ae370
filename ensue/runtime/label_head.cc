// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/label_head.h"

#include <algorithm>
#include <utility>

#include "ensue/artifact/block_configs.h"
#include "ensue/runtime/internal/affine.h"

namespace ensue::runtime {
namespace {

artifact::LabelConfig config_of(const artifact::BlockSpec& head) {
  artifact::LabelConfig out;
  read_fields(out, head.config, head.type);
  return out;
}

TableLabel kind_of(const BlockSource& source, const std::string& name) {
  try {
    return table_label(name);
  } catch (const Error&) {
    source.require(false, "kind '" + name + "' is none");
    throw;
  }
}

}  // namespace

struct LabelHead::Impl {
  const Engine& engine;
  TableLabel kind;
  kernels::PackedLinear in, out;
  std::span<const float> base;
  float scale;

  Impl(const Engine& made, const BlockSource& source) : engine(made) {
    const auto config = source.config<artifact::LabelConfig>();
    kind = kind_of(source, config.kind);
    source.require(source.size("width", config.width) == engine.width(),
                   "wants " + std::to_string(config.width) + " numbers, gets " +
                       std::to_string(engine.width()));
    source.size("hidden", config.hidden);
    source.size("outputs", config.outputs);
    source.require(kind == TableLabel::kClass || config.outputs == 1,
                   "several outputs of one number");
    in = dense(source, "in", config.hidden, config.width + 1);
    out = dense(source, "out", config.outputs, config.hidden);
    base = source.floats("base", {config.outputs});
    scale = source.floats("scale", {1})[0];
  }
};

LabelHead::LabelHead(std::unique_ptr<const Impl> impl)
    : impl_(std::move(impl)) {}
LabelHead::~LabelHead() = default;

std::unique_ptr<const LabelHead> LabelHead::of(const Engine& engine,
                                               std::string_view task) {
  const auto& heads = engine.artifact().description().model.heads;
  for (std::size_t k = 1; k < heads.size(); ++k) {
    if (heads[k].type != "label" || config_of(heads[k]).task != task) continue;
    const BlockSource source{engine.artifact(), "heads", k, heads[k]};
    return std::unique_ptr<const LabelHead>(
        new LabelHead(std::make_unique<const Impl>(engine, source)));
  }
  return nullptr;
}

TableLabel LabelHead::kind() const noexcept { return impl_->kind; }

std::size_t LabelHead::outputs() const noexcept { return impl_->base.size(); }

void LabelHead::margins(const State& state, std::int64_t gap_ms,
                        std::span<double> out) const {
  const auto x = impl_->engine.output(state);
  std::vector<float> seen(x.begin(), x.end());
  seen.push_back(artifact::label_since(gap_ms));
  std::vector<float> hidden(impl_->in.outputs()), made(outputs());
  impl_->in.apply(seen, 1, hidden);
  kernels::relu_row(hidden);
  impl_->out.apply(hidden, 1, made);
  for (std::size_t o = 0; o < made.size(); ++o) {
    out[o] = double{impl_->base[o] + impl_->scale * made[o]};
  }
}

std::vector<std::string> label_tasks(const artifact::Description& about) {
  std::vector<std::string> out;
  for (const artifact::BlockSpec& head : about.model.heads) {
    if (head.type == "label") out.push_back(config_of(head).task);
  }
  return out;
}

}  // namespace ensue::runtime
