// SPDX-License-Identifier: Apache-2.0
// gated_add and swiglu.
#include "ensue/kernels/gated_rows.h"
#include "ensue/nn/autograd.h"
#include "ensue/nn/internal/parallel.h"
#include "ensue/nn/internal/portable_ops.h"

namespace ensue::nn {
namespace {

// Calls body(row) for all rows of width `width`, in parallel.
template <class Body>
void for_rows(std::int64_t rows, std::int64_t width, const Body& body) {
  at::parallel_for(0, rows, kGrain / width + 1,
                   [&](std::int64_t a, std::int64_t b) {
                     for (; a < b; ++a) body(a);
                   });
}

float* row(const at::Tensor& t, std::int64_t r) {
  return t.data_ptr<float>() + r * t.size(1);
}

}  // namespace

at::Tensor gated_add(const at::Tensor& gate, const at::Tensor& x,
                     const at::Tensor& base) {
  if (is_portable(x)) return portable_gated_add(gate, x, base);
  const std::int64_t rows = x.size(0), width = x.size(1);
  const auto size = static_cast<std::size_t>(width);
  at::Tensor out = at::empty({rows, width}, at::kFloat);
  for_rows(rows, width, [&](std::int64_t r) {
    kernels::gated_add_row(row(gate, r), row(x, r), row(base, r), row(out, r),
                           size);
  });
  return record(out, {gate, x, base},
                [gate = gate.detach(), x = x.detach(), rows, width,
                 size](const at::Tensor& grad) {
                  at::Tensor dgate = at::empty_like(grad);
                  at::Tensor dx = at::empty_like(grad);
                  for_rows(rows, width, [&](std::int64_t r) {
                    kernels::gated_add_back(row(gate, r), row(x, r),
                                            row(grad, r), row(dgate, r),
                                            row(dx, r), size);
                  });
                  return std::vector<at::Tensor>{dgate, dx, grad};
                });
}

at::Tensor swiglu(const at::Tensor& x) {
  if (is_portable(x)) return portable_swiglu(x);
  const std::int64_t rows = x.size(0), width = x.size(1) / 2;
  const auto size = static_cast<std::size_t>(width);
  at::Tensor out = at::empty({rows, width}, at::kFloat);
  for_rows(rows, width, [&](std::int64_t r) {
    kernels::swiglu_row(row(x, r), row(x, r) + width, row(out, r), size);
  });
  return record(
      out, {x}, [x = x.detach(), rows, width, size](const at::Tensor& grad) {
        at::Tensor dx = at::empty_like(x);
        for_rows(rows, width, [&](std::int64_t r) {
          kernels::swiglu_back(row(x, r), row(x, r) + width, row(grad, r),
                               row(dx, r), row(dx, r) + width, size);
        });
        return std::vector<at::Tensor>{dx};
      });
}

}  // namespace ensue::nn
