// SPDX-License-Identifier: Apache-2.0
// The layer causal_conv. Memory: exact, a ring of the last (kernel - 1)
// dilation inputs of each of its convolutions; event p lies at p modulo that
// number, and zeros stand for what was before the start.
#include <algorithm>

#include "ensue/artifact/block_configs.h"
#include "ensue/runtime/internal/affine.h"
#include "ensue/runtime/internal/blocks.h"

namespace ensue::runtime {
namespace {

/// One convolution, its norm and its relu.
class Half {
 public:
  Half() = default;
  Half(const BlockSource& source, const artifact::CausalConvConfig& config,
       int dilation, const std::string& number)
      : width_(source.size("width", config.width)),
        kernel_(source.size("kernel", config.kernel)),
        dilation_(source.size("dilation", dilation)),
        conv_(dense(source, "conv" + number, config.width,
                    std::int64_t{config.kernel} * config.width)),
        norm_(source, "norm" + number, config.width) {
    source.require(kernel_ > 1, "kernel is 1, expected at least 2");
  }
  std::size_t memory() const noexcept { return remembered() * width_; }
  std::size_t scratch(std::size_t rows) const noexcept {
    return rows * kernel_ * width_;
  }

  /// As Layer::run.
  void run(std::span<const float> x, const Steps& steps,
           std::span<float> memory, std::span<float> scratch,
           std::span<float> out) const noexcept {
    const std::size_t rows = steps.size();
    for (std::size_t r = 0; r < rows; ++r) {
      take(x.data() + r * width_, steps.position + r, memory.data(),
           scratch.data() + r * kernel_ * width_);
    }
    conv_.apply(scratch, rows, out);
    norm_.apply(out, rows, out);
    kernels::relu_row(out.first(rows * width_));
  }

 private:
  std::size_t remembered() const noexcept { return (kernel_ - 1) * dilation_; }

  // The taps of event `position`, which then takes the place of the oldest one.
  void take(const float* x, std::size_t position, float* ring,
            float* taps) const noexcept {
    const std::size_t size = remembered();
    for (std::size_t k = 0; k + 1 < kernel_; ++k) {
      const std::size_t place = (position + k * dilation_) % size;
      std::copy_n(ring + place * width_, width_, taps + k * width_);
    }
    std::copy_n(x, width_, taps + (kernel_ - 1) * width_);
    std::copy_n(x, width_, ring + position % size * width_);
  }

  std::size_t width_ = 0, kernel_ = 2, dilation_ = 1;
  kernels::PackedLinear conv_;
  Norm norm_;
};

class CausalConv final : public Layer {
 public:
  explicit CausalConv(const BlockSource& source) {
    const auto config = source.config<artifact::CausalConvConfig>();
    width_ = source.size("width", config.width);
    source.size("dilation", config.dilation);
    first_ = Half(source, config, config.dilation, "1");
    second_ = Half(source, config, 2 * config.dilation, "2");
  }
  std::size_t inputs() const noexcept override { return width_; }
  std::size_t outputs() const noexcept override { return width_; }
  std::size_t memory() const noexcept override {
    return first_.memory() + second_.memory();
  }
  std::size_t scratch(std::size_t rows) const noexcept override {
    return rows * width_ + first_.scratch(rows);
  }

  void run(std::span<const float> x, const Steps& steps,
           std::span<float> memory, std::span<float> scratch,
           std::span<float> out) const noexcept override {
    const std::size_t floats = steps.size() * width_;
    const auto middle = scratch.first(floats);
    const auto taps = scratch.subspan(floats);
    first_.run(x, steps, memory, taps, middle);
    second_.run(middle, steps, memory.subspan(first_.memory()), taps, out);
    kernels::add_row(x.first(floats), out);
  }

 private:
  std::size_t width_ = 0;
  Half first_, second_;
};

}  // namespace

std::unique_ptr<const Layer> make_causal_conv(const BlockSource& source) {
  return std::make_unique<CausalConv>(source);
}

}  // namespace ensue::runtime
