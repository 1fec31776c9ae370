// SPDX-License-Identifier: Apache-2.0
// The layer ligr. Memory: re-encoded, the keys and values of the events of the
// segment.
#include <algorithm>

#include "ensue/artifact/block_configs.h"
#include "ensue/kernels/gated_rows.h"
#include "ensue/runtime/internal/affine.h"
#include "ensue/runtime/internal/blocks.h"
#include "ensue/runtime/internal/self_attention.h"

namespace ensue::runtime {
namespace {

class Ligr final : public Layer {
 public:
  explicit Ligr(const BlockSource& source) {
    const auto config = source.config<artifact::LigrConfig>();
    hidden_ = source.size("hidden", config.hidden);
    attention_ = SelfAttention(source, config);
    const std::int64_t w = config.width, h = config.hidden;
    norm1_ = Norm(source, "norm1", w);
    gate1_ = dense(source, "gate1", w, w);
    norm2_ = Norm(source, "norm2", w);
    up_ = dense(source, "ffn.in", 2 * h, w);
    down_ = dense(source, "ffn.out", w, h);
    gate2_ = dense(source, "gate2", w, w);
  }
  std::size_t inputs() const noexcept override { return attention_.width(); }
  std::size_t outputs() const noexcept override { return attention_.width(); }
  std::size_t window() const noexcept override { return attention_.window(); }
  std::size_t memory() const noexcept override { return attention_.memory(); }
  std::size_t scratch(std::size_t rows) const noexcept override {
    return rows * inputs() + std::max(attention_.scratch(rows),
                                      rows * std::max(2 * hidden_, inputs()));
  }

  void run(std::span<const float> x, const Steps& steps,
           std::span<float> memory, std::span<float> scratch,
           std::span<float> out) const noexcept override {
    const std::size_t all = steps.size() * inputs();
    const auto row_scratch = scratch.first(all);
    const auto wide = scratch.subspan(all);
    norm1_.apply(x, steps.size(), row_scratch);
    attention_.run(row_scratch, steps, memory, wide, out);
    const std::size_t idle = steps.idle() * inputs();
    gate_and_feed(x.subspan(idle, all - idle), wide, row_scratch,
                  out.subspan(idle, all - idle));
  }

 private:
  // `out` comes with what attention gave; all [rows, width].
  void gate_and_feed(std::span<const float> x, std::span<float> wide,
                     std::span<float> row_scratch,
                     std::span<float> out) const noexcept {
    const std::size_t rows = out.size() / inputs();
    if (rows == 0) return;
    gate1_.apply(x, rows, row_scratch);
    kernels::gated_add_row(row_scratch.data(), out.data(), x.data(), out.data(),
                           out.size());

    norm2_.apply(out, rows, row_scratch);
    up_.apply(row_scratch, rows, wide);
    for (std::size_t r = 0; r < rows; ++r) {  // [2 hidden] to [hidden] in place
      const float* halves = wide.data() + r * 2 * hidden_;
      kernels::swiglu_row(halves, halves + hidden_, wide.data() + r * hidden_,
                          hidden_);
    }
    down_.apply(wide, rows, row_scratch);
    gate2_.apply(out, rows, wide);
    kernels::gated_add_row(wide.data(), row_scratch.data(), out.data(),
                           out.data(), out.size());
  }

  std::size_t hidden_ = 0;
  SelfAttention attention_;
  Norm norm1_, norm2_;
  kernels::PackedLinear gate1_, up_, down_, gate2_;
};

}  // namespace

std::unique_ptr<const Layer> make_ligr(const BlockSource& source) {
  return std::make_unique<Ligr>(source);
}

}  // namespace ensue::runtime
