// SPDX-License-Identifier: Apache-2.0
// The layer hstu. Memory: windowed, a ring of the keys, values and times of the
// last events.
#include <cstring>

#include "ensue/artifact/block_configs.h"
#include "ensue/kernels/pointwise_row.h"
#include "ensue/kernels/silu.h"
#include "ensue/runtime/internal/affine.h"
#include "ensue/runtime/internal/blocks.h"

namespace ensue::runtime {
namespace {

// A time takes the room of two floats of the memory.
static_assert(sizeof(events::Millis) == 2 * sizeof(float));

events::Millis time_at(const float* times, std::size_t place) noexcept {
  events::Millis out;
  std::memcpy(&out, times + 2 * place, sizeof out);
  return out;
}

class Hstu final : public Layer {
 public:
  explicit Hstu(const BlockSource& source) {
    const auto config = source.config<artifact::HstuConfig>();
    shape_ = {.width = source.size("width", config.width),
              .heads = source.size("heads", config.heads),
              .window = source.size("window", config.window)};
    source.require(shape_.width % shape_.heads == 0,
                   "width " + std::to_string(config.width) +
                       " is no multiple of heads " +
                       std::to_string(config.heads));
    if (config.time_buckets != 0) {
      source.size("time_buckets", config.time_buckets);
      by_time_ = source.floats("time", {config.time_buckets});
    }
    const std::int64_t w = config.width;
    norm1_ = Norm(source, "norm1", w);
    in_ = dense(source, "in", 4 * w, w);
    by_distance_ = source.floats("position", {config.window});
    norm2_ = Norm(source, "norm2", w);
    out_ = dense(source, "out", w, w);
  }
  std::size_t inputs() const noexcept override { return shape_.width; }
  std::size_t outputs() const noexcept override { return shape_.width; }
  std::size_t reach() const noexcept override { return shape_.window; }
  std::size_t memory() const noexcept override {
    const std::size_t times = by_time_.empty() ? 0 : 2 * shape_.window;
    return shape_.keys() + shape_.values() + times;
  }
  std::size_t scratch(std::size_t rows) const noexcept override {
    return rows * 5 * shape_.width + 2 * shape_.stride();
  }

  void run(std::span<const float> x, const Steps& steps,
           std::span<float> memory, std::span<float> scratch,
           std::span<float> out) const noexcept override {
    const std::size_t rows = steps.size(), width = shape_.width;
    const auto narrow = scratch.first(rows * width);
    const auto uvqk = scratch.subspan(rows * width, rows * 4 * width);
    norm1_.apply(x, rows, narrow);
    in_.apply(narrow, rows, uvqk);
    kernels::silu_row(uvqk.data(), nullptr, /*scale=*/1, uvqk.size());
    float* rest = uvqk.data() + uvqk.size();
    for (std::size_t r = 0; r < rows; ++r) {
      attend(uvqk.data() + r * 4 * width, steps.events[r].time,
             steps.position + r, memory.data(), rest,
             narrow.data() + r * width);
    }
    norm2_.apply(narrow, rows, narrow);
    for (std::size_t r = 0; r < rows; ++r) {
      const float* u = uvqk.data() + r * 4 * width;
      float* gated = narrow.data() + r * width;
      for (std::size_t i = 0; i < width; ++i) gated[i] *= u[i];
    }
    out_.apply(narrow, rows, out);
    kernels::add_row(x.first(rows * width), out.first(rows * width));
  }

 private:
  // The event number `position` enters the ring and looks at what is there.
  // `scratch` [2 stride()].
  void attend(const float* uvqk, events::Millis time, std::size_t position,
              float* memory, float* scratch, float* out) const noexcept {
    const std::size_t width = shape_.width, window = shape_.window;
    const std::size_t place = position % window;
    const bool full = position >= window;
    const kernels::Ring ring{.oldest = full ? (place + 1) % window : 0,
                             .count = full ? window : position + 1};
    float* keys = memory;
    float* values = keys + shape_.keys();
    float* times = values + shape_.values();
    kernels::attention_store(shape_, place, uvqk + 3 * width, uvqk + width,
                             keys, values);
    float* bias = scratch + shape_.stride();
    for (std::size_t p = 0; p < ring.count; ++p) {
      bias[p] = by_distance_[p <= place ? place - p : place + window - p];
    }
    if (!by_time_.empty()) {
      std::memcpy(times + 2 * place, &time, sizeof time);
      add_time_bias(times, time, ring.count, bias);
    }
    kernels::pointwise_row(shape_, ring, uvqk + 2 * width, keys, values, bias,
                           scratch, out);
  }

  void add_time_bias(const float* times, events::Millis now, std::size_t count,
                     float* bias) const noexcept {
    for (std::size_t p = 0; p < count; ++p) {
      const std::int64_t gap =
          events::count(now) - events::count(time_at(times, p));
      bias[p] += by_time_[artifact::time_bucket(gap, by_time_.size())];
    }
  }

  kernels::AttentionShape shape_;
  Norm norm1_, norm2_;
  kernels::PackedLinear in_, out_;
  std::span<const float> by_distance_, by_time_;
};

}  // namespace

std::unique_ptr<const Layer> make_hstu(const BlockSource& source) {
  return std::make_unique<Hstu>(source);
}

}  // namespace ensue::runtime
