// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/internal/stack.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/runtime/internal/blocks.h"

namespace ensue::runtime {
namespace {

// Events run through the layers together: enough to keep weights in registers,
// few enough that scratch stays in the cache.
constexpr std::size_t kPiece = 64;

// Per thread, growing to what its largest model needs; steps after the first
// ones allocate nothing.
std::span<float> workspace(std::size_t floats) {
  thread_local std::vector<float> memory;
  if (memory.size() < floats) memory.resize(floats);
  return memory;
}

std::size_t smaller_window(std::size_t a, std::size_t b) {
  return a == 0 ? b : b == 0 ? a : std::min(a, b);
}

}  // namespace

Stack::Stack(const artifact::Artifact& artifact) {
  const artifact::ModelSpec& spec = artifact.description().model;
  for (const auto& block : spec.inputs) {
    const BlockSource source{artifact, "inputs", inputs_.size(), block};
    inputs_.push_back(runtime::inputs().find(block.type).make(source));
    const std::size_t width = inputs_.back()->width();
    source.require(inputs_.size() == 1 || width == width_,
                   "makes " + std::to_string(width) +
                       " numbers, other inputs " + std::to_string(width_));
    width_ = width;
    window_ = smaller_window(window_, inputs_.back()->window());
    masked_ = masked_ || inputs_.back()->masks();
    looks_back_ = looks_back_ || inputs_.back()->looks_back();
  }
  widest_ = width_;
  for (std::size_t place = 0; place < spec.blocks.size(); ++place) {
    const BlockSource source{artifact, "blocks", place, spec.blocks[place]};
    auto layer = runtime::layers().find(source.spec.type).make(source);
    if (layer == nullptr) continue;
    source.require(layer->inputs() == width_,
                   "wants " + std::to_string(layer->inputs()) +
                       " numbers, gets " + std::to_string(width_));
    width_ = layer->outputs();
    widest_ = std::max(widest_, width_);
    memory_ += layer->memory();
    if (layer->memory() > 0 || !layer->causal()) last_memory_ = layers_.size();
    window_ = smaller_window(window_, layer->window());
    const std::size_t reach = layer->reach();
    reach_ = reach_ == 0 || reach == 0 ? 0 : reach_ + reach - 1;
    layers_.push_back(std::move(layer));
  }
  check_mask();
}

void Stack::check_mask() {
  const bool causal = std::ranges::all_of(
      layers_, [](const auto& layer) { return layer->causal(); });
  if (!causal && !masked_) {
    throw Error(Code::kCorrupt,
                "blocks: a layer sees later events, expected an input with a "
                "mask");
  }
  if (!masked_) return;
  if (window_ < 2) {
    throw Error(Code::kCorrupt, "inputs: a mask and a window of " +
                                    std::to_string(window_) +
                                    ", expected at least 2");
  }
  --window_;
}

void Stack::answer(Run run, std::span<float> memory,
                   std::span<float> out) const noexcept {
  thread_local std::vector<events::Event> asked;
  asked.assign(run.events.begin(), run.events.end());
  events::Event mask;
  if (!asked.empty()) mask.time = asked.back().time;
  asked.push_back(mask);
  std::fill(memory.begin(), memory.end(), 0.0F);
  run_piece({asked, /*position=*/0, /*wanted=*/1, nullptr, run.context}, memory,
            out);
}

void Stack::run(Run run, Place place, std::span<float> memory,
                std::span<float> out) const noexcept {
  if (inputs_.empty()) return;
  while (run.size() > 0) {
    const std::size_t rows = std::min(kPiece, run.size());
    const bool last = rows == run.size();
    run_piece({run.events.first(rows), place.position, last ? 1U : 0U,
               place.before, run.context},
              memory, out);
    place = {place.position + rows, &run.events[rows - 1]};
    run = run.from(rows);
  }
}

void Stack::run_piece(const Steps& steps, std::span<float> memory,
                      std::span<float> out) const noexcept {
  const std::size_t rows = steps.size();
  std::size_t scratch = 0;
  for (const auto& layer : layers_) {
    scratch = std::max(scratch, layer->scratch(rows));
  }
  const std::span<float> all = workspace(2 * rows * widest_ + scratch);
  std::span<float> x = all.first(rows * widest_);
  std::span<float> y = all.subspan(rows * widest_, rows * widest_);
  const std::span<float> rest = all.subspan(2 * rows * widest_);

  std::size_t width = inputs_[0]->width();
  std::fill_n(x.begin(), rows * width, 0.0F);
  Place place{steps.position, steps.before};
  for (std::size_t r = 0; r < rows; ++r) {
    // The mask behind a history has no row.
    const bool shown = steps.events[r].item != events::kNoItem;
    place.context = shown ? steps.context.row(r) : place.context.first(0);
    for (const auto& input : inputs_) {
      input->add(steps.events[r], place, x.subspan(r * width, width));
    }
    place = {place.position + 1, &steps.events[r]};
  }
  // Layers after the last one with a memory see the last event alone, and that
  // one may leave out what only they would look at.
  Steps rest_of = steps;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = *layers_[i];
    const std::size_t held = layer.memory();
    rest_of.wanted = i < last_memory_ ? SIZE_MAX : steps.wanted;
    layer.run(x, rest_of, memory.first(held), rest, y);
    memory = memory.subspan(held);
    width = layer.outputs();
    std::swap(x, y);
    if (i < last_memory_) continue;
    if (steps.wanted == 0) return;
    const std::size_t idle = rest_of.idle();
    x = x.subspan(idle * width);
    y = y.first(x.size());
    rest_of = {rest_of.events.subspan(idle), rest_of.position + idle};
  }
  if (steps.wanted == 0) return;
  std::copy_n(x.begin() + (rest_of.size() - 1) * width, width, out.begin());
}

}  // namespace ensue::runtime
