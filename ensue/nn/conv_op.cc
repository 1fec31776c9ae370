// SPDX-License-Identifier: Apache-2.0
// What a causal convolution reads, laid out for one matrix product.
#include <algorithm>

#include "ensue/nn/autograd.h"
#include "ensue/nn/internal/portable_ops.h"

namespace ensue::nn {
namespace {

struct Run {
  std::vector<std::int64_t> offsets;  // of the sequences
  std::int64_t width;
  Taps taps;

  // How many events back tap k looks.
  std::int64_t back(int k) const {
    return std::int64_t{taps.kernel - 1 - k} * taps.dilation;
  }
  // Calls body(event, tap, earlier event or -1), in parallel over sequences.
  template <class Body>
  void for_taps(const Body& body) const {
    const auto sequences = static_cast<std::int64_t>(offsets.size()) - 1;
    at::parallel_for(0, sequences, 1, [&](std::int64_t a, std::int64_t b) {
      for (; a < b; ++a) {
        const std::int64_t start = offsets[static_cast<std::size_t>(a)];
        for (std::int64_t i = start;
             i < offsets[static_cast<std::size_t>(a + 1)]; ++i) {
          for (int k = 0; k < taps.kernel; ++k) {
            const std::int64_t from = i - back(k);
            body(i, k, from < start ? -1 : from);
          }
        }
      }
    });
  }
};

at::Tensor backward(const Run& run, const at::Tensor& grad) {
  at::Tensor dx = at::zeros({grad.size(0), run.width}, at::kFloat);
  const float* from = grad.data_ptr<float>();
  float* to = dx.data_ptr<float>();
  run.for_taps([&](std::int64_t i, int k, std::int64_t earlier) {
    if (earlier < 0) return;
    const float* tap = from + (i * run.taps.kernel + k) * run.width;
    float* row = to + earlier * run.width;
    for (std::int64_t c = 0; c < run.width; ++c) row[c] += tap[c];
  });
  return dx;
}

}  // namespace

at::Tensor causal_taps(const at::Tensor& x, const Packed& batch,
                       const Taps& taps) {
  if (is_portable(x)) return portable_taps(x, batch, taps);
  const Run run{batch.offsets, x.size(1), taps};
  at::Tensor out = at::empty({x.size(0), taps.kernel * run.width}, at::kFloat);
  const float* from = x.data_ptr<float>();
  float* to = out.data_ptr<float>();
  run.for_taps([&](std::int64_t i, int k, std::int64_t earlier) {
    float* tap = to + (i * taps.kernel + k) * run.width;
    if (earlier < 0) {
      std::fill_n(tap, run.width, 0.0F);
    } else {
      std::copy_n(from + earlier * run.width, run.width, tap);
    }
  });
  return record(out, {x}, [run](const at::Tensor& grad) {
    return std::vector<at::Tensor>{backward(run, grad)};
  });
}

}  // namespace ensue::nn
