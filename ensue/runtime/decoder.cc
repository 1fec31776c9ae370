// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/decoder.h"

#include <string>
#include <utility>

#include "ensue/artifact/block_configs.h"
#include "ensue/kernels/gates.h"
#include "ensue/kernels/packed_linear.h"
#include "ensue/runtime/internal/block_source.h"

namespace ensue::runtime {

struct Decoder::Impl {
  const Engine& engine;
  std::size_t width;
  std::span<const float> start, items;  // items: [items, width]
  kernels::PackedLinear from_input, from_state;

  Impl(const Engine& made, const BlockSource& source)
      : engine(made), width(made.width()) {
    const auto config = source.config<artifact::DecoderConfig>();
    source.require(source.size("width", config.width) == width,
                   "wants " + std::to_string(config.width) + " numbers, gets " +
                       std::to_string(width));
    const artifact::Description& about = source.artifact.description();
    artifact::NextItemConfig scorer;
    read_fields(scorer, about.model.heads[0].config, "heads.0");
    source.require(scorer.tied, "next_item is not tied");
    const std::int64_t w = config.width;
    items = source.artifact.floats(
        "inputs.0.weight", {static_cast<std::int64_t>(about.items.size()), w});
    start = source.floats("start", {1, w});
    from_input = {source.floats("weight_ih", {3 * w, w}),
                  source.floats("bias_ih", {3 * w}), 3 * width, width};
    from_state = {source.floats("weight_hh", {3 * w, w}),
                  source.floats("bias_hh", {3 * w}), 3 * width, width};
  }

  void step(std::span<const float> input, std::vector<float>& h) const {
    std::vector<float> x(3 * width), s(3 * width), before = h;
    from_input.apply(input, 1, x);
    from_state.apply(before, 1, s);
    kernels::gru_row(x.data(), s.data(), before.data(), h.data(), width);
  }
};

Decoder::Decoder(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Decoder::~Decoder() = default;

std::unique_ptr<const Decoder> Decoder::of(const Engine& engine) {
  const artifact::Artifact& artifact = engine.artifact();
  const auto& heads = artifact.description().model.heads;
  if (heads.size() < 2 || heads[1].type != "decoder") return nullptr;
  const BlockSource source{artifact, "heads", 1, heads[1]};
  return std::unique_ptr<const Decoder>(
      new Decoder(std::make_unique<const Impl>(engine, source)));
}

std::vector<float> Decoder::start(const State& state) const {
  const auto x = impl_->engine.output(state);
  std::vector<float> h(x.begin(), x.end());
  impl_->step(impl_->start, h);
  return h;
}

void Decoder::write(std::size_t item, std::vector<float>& h) const {
  impl_->step(impl_->items.subspan(item * impl_->width, impl_->width), h);
}

}  // namespace ensue::runtime
