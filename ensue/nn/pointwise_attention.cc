// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/pointwise_attention.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/kernels/gemm.h"
#include "ensue/kernels/rows.h"
#include "ensue/kernels/silu.h"
#include "ensue/nn/autograd.h"
#include "ensue/nn/internal/portable_ops.h"

namespace ensue::nn {
namespace {

using kernels::gemm;
using kernels::Matrix;

constexpr std::size_t kBlock = 64;

enum Part : std::size_t { kU, kValue, kQuery, kKey, kParts };

// Rows [from, to) of the sequence that starts at row `start`, against columns
// [low, to): the events that any of the rows sees.
struct Block {
  std::size_t start, from, to, low, window;

  std::size_t rows() const { return to - from; }
  std::size_t columns() const { return to - low; }
  // What row r of the block sees: columns [first(r), last(r)).
  std::size_t first(std::size_t r) const {
    const std::size_t seen = from + r + 1;
    return seen - std::min(seen, window) - low;
  }
  std::size_t last(std::size_t r) const { return from + r + 1 - low; }
};

// Of one thread: matrices [rows, columns] of the block at hand.
struct Scratch {
  std::vector<float> bias, weights, slopes, bias_slopes;
  std::vector<std::uint32_t> buckets;

  void fit(const Block& block) {
    const std::size_t size = block.rows() * block.columns();
    if (bias.size() >= size) return;
    for (auto* matrix : {&bias, &weights, &slopes, &bias_slopes}) {
      matrix->resize(size);
    }
    buckets.resize(size);
  }
  static Scratch& of_thread() {
    thread_local Scratch scratch;
    return scratch;
  }
};

class Attention {
 public:
  Attention(const at::Tensor& uvqk, const Packed& batch, int heads,
            const PairBias& bias)
      : uvqk_(uvqk.detach()),
        width_(static_cast<std::size_t>(uvqk.size(1)) / kParts),
        depth_(width_ / static_cast<std::size_t>(heads)),
        window_(bias.position->size()),
        buckets_(bias.time == nullptr ? 0 : bias.time->size()),
        scale_(1 / static_cast<float>(window_)),
        bias_(bias),
        by_distance_(window_),
        offsets_(batch.offsets),
        times_(batch.times) {
    assert(buckets_ == 0 || times_.size() == batch.size());
    std::reverse_copy(bias.position->data(), bias.position->data() + window_,
                      by_distance_.begin());
    order_.resize(batch.sequences());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::stable_sort(order_, std::greater(), [&batch](std::size_t s) {
      return batch.length(s);
    });
  }

  at::Tensor forward() const {
    at::Tensor out = at::empty(
        {uvqk_.size(0), static_cast<std::int64_t>(width_)}, at::kFloat);
    for_blocks([&](const Block& block, std::size_t, Scratch& scratch) {
      fill_bias(block, scratch);
      for (std::size_t column = 0; column < width_; column += depth_) {
        fill_products(block, column, scratch);
        for (std::size_t r = 0; r < block.rows(); ++r) {
          float* row = scratch.weights.data() + r * block.columns();
          const std::size_t first = block.first(r), last = block.last(r);
          kernels::silu_row(row + first,
                            scratch.bias.data() + r * block.columns() + first,
                            scale_, last - first);
          clear_outside(row, block, r);
        }
        gemm(weights(block, scratch), part(kValue, block, column),
             rows_of(out, block, column), width_);
      }
    });
    return out;
  }

  // d loss / d uvqk from d loss / d out; adds the gradients of the biases.
  at::Tensor backward(const at::Tensor& grad) const {
    at::Tensor out = at::zeros_like(uvqk_);
    std::vector<float> slopes(order_.size() * (window_ + buckets_));
    for_blocks([&](const Block& block, std::size_t sequence, Scratch& scratch) {
      fill_bias(block, scratch);
      std::fill_n(scratch.bias_slopes.begin(), block.rows() * block.columns(),
                  0.0F);
      for (std::size_t column = 0; column < width_; column += depth_) {
        back(block, column, grad, out, scratch);
      }
      add_bias_slopes(block, scratch,
                      slopes.data() + sequence * (window_ + buckets_));
    });
    add_to_parameters(slopes);
    return out;
  }

 private:
  // body(block, sequence, scratch): one thread does all blocks of a sequence.
  template <class Body>
  void for_blocks(const Body& body) const {
    const auto workers = std::max(1, at::get_num_threads());
    at::parallel_for(0, workers, 1, [&](std::int64_t a, std::int64_t b) {
      for (; a < b; ++a) {
        for (auto i = static_cast<std::size_t>(a); i < order_.size();
             i += static_cast<std::size_t>(workers)) {
          for_blocks_of(order_[i], body);
        }
      }
    });
  }
  template <class Body>
  void for_blocks_of(std::size_t sequence, const Body& body) const {
    const auto start = static_cast<std::size_t>(offsets_[sequence]);
    const auto length =
        static_cast<std::size_t>(offsets_[sequence + 1]) - start;
    for (std::size_t from = 0; from < length; from += kBlock) {
      const Block block{start, from, std::min(length, from + kBlock),
                        from + 1 - std::min(from + 1, window_), window_};
      Scratch& scratch = Scratch::of_thread();
      scratch.fit(block);
      body(block, sequence, scratch);
    }
  }

  void fill_bias(const Block& block, Scratch& scratch) const {
    for (std::size_t r = 0; r < block.rows(); ++r) {
      const std::size_t first = block.first(r), last = block.last(r);
      float* row = scratch.bias.data() + r * block.columns();
      std::copy(by_distance_.end() - static_cast<std::ptrdiff_t>(last - first),
                by_distance_.end(), row + first);
      if (buckets_ == 0) continue;
      std::uint32_t* buckets = scratch.buckets.data() + r * block.columns();
      const events::Millis* times = times_.data() + block.start + block.low;
      const std::int64_t now = count(times[last - 1]);
      for (std::size_t j = first; j < last; ++j) {
        buckets[j] = static_cast<std::uint32_t>(
            artifact::time_bucket(now - count(times[j]), buckets_));
        row[j] += bias_.time->data()[buckets[j]];
      }
    }
  }

  // q . k of every pair, also of those that the window cuts off.
  void fill_products(const Block& block, std::size_t column,
                     Scratch& scratch) const {
    gemm(queries(block, column), part(kKey, block, column).t(),
         scratch.weights.data(), block.columns());
  }

  static void clear_outside(float* row, const Block& block, std::size_t r) {
    std::fill(row, row + block.first(r), 0.0F);
    std::fill(row + block.last(r), row + block.columns(), 0.0F);
  }

  void back(const Block& block, std::size_t column, const at::Tensor& grad,
            const at::Tensor& out, Scratch& scratch) const {
    const Matrix dout(rows_of(grad, block, column), block.rows(), depth_,
                      width_);
    fill_products(block, column, scratch);
    gemm(dout, part(kValue, block, column).t(), scratch.slopes.data(),
         block.columns());
    for (std::size_t r = 0; r < block.rows(); ++r) {
      const std::size_t at = r * block.columns(), first = block.first(r);
      const std::size_t size = block.last(r) - first;
      float* weight = scratch.weights.data() + at;
      float* slope = scratch.slopes.data() + at;
      kernels::silu_back(weight + first, scratch.bias.data() + at + first,
                         scale_, slope + first, size);
      kernels::add_row({slope + first, size},
                       {scratch.bias_slopes.data() + at + first, size});
      clear_outside(weight, block, r);
      clear_outside(slope, block, r);
    }
    const Matrix slope(scratch.slopes.data(), block.rows(), block.columns());
    gemm(weights(block, scratch).t(), dout, place(out, kValue, block, column),
         stride(), {.add = true});
    gemm(slope, part(kKey, block, column),
         place(out, kQuery, block, column) + own_rows(block), stride());
    gemm(slope.t(), queries(block, column), place(out, kKey, block, column),
         stride(), {.add = true});
  }

  // `slopes`: by distance as in by_distance_, then by bucket.
  void add_bias_slopes(const Block& block, const Scratch& scratch,
                       float* slopes) const {
    for (std::size_t r = 0; r < block.rows(); ++r) {
      const std::size_t at = r * block.columns() + block.first(r);
      const std::size_t size = block.last(r) - block.first(r);
      const float* row = scratch.bias_slopes.data() + at;
      kernels::add_row({row, size}, {slopes + window_ - size, size});
      if (buckets_ == 0) continue;
      for (std::size_t j = 0; j < size; ++j) {
        slopes[window_ + scratch.buckets[at + j]] += row[j];
      }
    }
  }

  // In the order of the sequences, whichever thread made them.
  void add_to_parameters(std::span<const float> slopes) const {
    for (; !slopes.empty(); slopes = slopes.subspan(window_ + buckets_)) {
      float* position = bias_.position->slope();
      for (std::size_t i = 0; i < window_; ++i) {
        position[i] += slopes[window_ - 1 - i];
      }
      if (buckets_ == 0) continue;
      kernels::add_row(slopes.subspan(window_, buckets_),
                       {bias_.time->slope(), buckets_});
    }
  }

  std::size_t stride() const { return kParts * width_; }
  std::size_t own_rows(const Block& block) const {
    return (block.from - block.low) * stride();
  }
  float* place(const at::Tensor& t, Part which, const Block& block,
               std::size_t column) const {
    return t.data_ptr<float>() + (block.start + block.low) * stride() +
           which * width_ + column;
  }
  // All columns' events of the block.
  Matrix part(Part which, const Block& block, std::size_t column) const {
    return {place(uvqk_, which, block, column), block.columns(), depth_,
            stride()};
  }
  Matrix queries(const Block& block, std::size_t column) const {
    return {place(uvqk_, kQuery, block, column) + own_rows(block), block.rows(),
            depth_, stride()};
  }
  Matrix weights(const Block& block, const Scratch& scratch) const {
    return {scratch.weights.data(), block.rows(), block.columns()};
  }
  float* rows_of(const at::Tensor& t, const Block& block,
                 std::size_t column) const {
    return t.data_ptr<float>() + (block.start + block.from) * width_ + column;
  }

  at::Tensor uvqk_;
  std::size_t width_, depth_, window_, buckets_;
  float scale_;
  PairBias bias_;
  std::vector<float> by_distance_;  // position biases, the farthest first
  std::vector<std::int64_t> offsets_;
  std::vector<events::Millis> times_;
  std::vector<std::size_t> order_;  // sequences, the longest first
};

}  // namespace

at::Tensor pointwise_attention(const at::Tensor& uvqk, const Packed& batch,
                               int heads, const PairBias& bias) {
  if (is_portable(uvqk)) {
    return portable_pointwise_attention(uvqk, batch, heads, bias);
  }
  const auto attention =
      std::make_shared<const Attention>(uvqk, batch, heads, bias);
  return record(attention->forward(), {uvqk},
                [attention](const at::Tensor& grad) {
                  return std::vector<at::Tensor>{attention->backward(grad)};
                });
}

}  // namespace ensue::nn
