// SPDX-License-Identifier: Apache-2.0
// Embeddings, dense layers, dropout, gates and taps out of ATen's ops.
#include "ensue/nn/internal/portable_ops.h"

#include "ensue/kernels/dropout.h"
#include "ensue/nn/autograd.h"

namespace ensue::nn {
namespace {

// What a kept number is multiplied by, and 0 for one that falls. On the CPU
// the kernels' own choice; elsewhere the device draws, from a stream that
// depends on (seed, step, site) alone.
at::Tensor dropout_factors(const at::Tensor& x, const DropoutSite& site) {
  const auto key =
      kernels::DropoutKey::make(site.seed, site.step, site.site, site.rate);
  if (x.is_cpu()) {
    const at::Tensor ones = at::ones_like(x);
    kernels::dropout(key, 0, ones.data_ptr<float>(), nullptr,
                     ones.data_ptr<float>(),
                     static_cast<std::size_t>(ones.numel()));
    return ones;
  }
  at::Generator random =
      at::globalContext().defaultGenerator(x.device()).clone();
  random.set_current_seed(key.key);
  return at::empty_like(x).bernoulli_(1 - site.rate, random) / (1 - site.rate);
}

}  // namespace

at::Tensor portable_rows(Parameter& table,
                         const std::vector<std::int64_t>& ids) {
  const at::Tensor rows = ids_on(table.value.device(), ids);
  const at::Tensor out = table.value.index_select(0, rows);
  return record(out, {}, [&table, ids, rows](const at::Tensor& grad) {
    table.grad.index_add_(0, rows, grad);
    if (table.by_row) {
      for (const std::int64_t id : ids) {
        table.marks.add(static_cast<std::size_t>(id));
      }
    }
    return std::vector<at::Tensor>{};
  });
}

at::Tensor portable_product(const at::Tensor& a, const at::Tensor& b,
                            Precision precision) {
  if (precision == Precision::kFp32) return a.matmul(b);
  return a.to(at::kBFloat16).matmul(b.to(at::kBFloat16)).to(at::kFloat);
}

at::Tensor portable_embed(Parameter& table,
                          const std::vector<std::int64_t>& ids, float scale,
                          Parameter* mask) {
  std::vector<std::int64_t> shown, hidden, known;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    (ids[i] == kMasked ? hidden : shown)
        .push_back(static_cast<std::int64_t>(i));
    if (ids[i] != kMasked) known.push_back(ids[i]);
  }
  const at::Tensor rows = portable_rows(table, known) * scale;
  if (hidden.empty()) return rows;
  const at::Device device = rows.device();
  const std::int64_t width = rows.size(1);
  const at::Tensor out =
      at::zeros({static_cast<std::int64_t>(ids.size()), width}, rows.options())
          .index_copy(0, ids_on(device, shown), rows);
  if (mask == nullptr) return out;
  const at::Tensor masked =
      (mask->traced() * scale)
          .expand({static_cast<std::int64_t>(hidden.size()), width});
  return out.index_copy(0, ids_on(device, hidden), masked);
}

at::Tensor portable_linear(const at::Tensor& x, Parameter& weight,
                           Parameter& bias) {
  return portable_product(x, weight.traced().t(), weight.precision) +
         bias.traced();
}

at::Tensor portable_layer_norm(const at::Tensor& x, Parameter& weight,
                               Parameter& bias, double epsilon) {
  return at::layer_norm(x, {x.size(1)}, weight.traced(), bias.traced(),
                        epsilon);
}

at::Tensor portable_dropout(const at::Tensor& x, const at::Tensor& base,
                            const DropoutSite& site) {
  const at::Tensor kept = x * dropout_factors(x, site);
  return base.defined() ? base + kept : kept;
}

at::Tensor portable_taps(const at::Tensor& x, const Packed& batch,
                         const Taps& taps) {
  const std::int64_t nothing = x.size(0);  // the row of zeros behind x
  std::vector<std::int64_t> from;
  from.reserve(batch.size() * static_cast<std::size_t>(taps.kernel));
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    for (std::int64_t i = batch.offsets[s]; i < batch.offsets[s + 1]; ++i) {
      for (int back = taps.kernel - 1; back >= 0; --back) {
        const std::int64_t earlier = i - std::int64_t{back} * taps.dilation;
        from.push_back(earlier < batch.offsets[s] ? nothing : earlier);
      }
    }
  }
  return at::cat({x, at::zeros({1, x.size(1)}, x.options())})
      .index_select(0, ids_on(x.device(), from))
      .view({x.size(0), taps.kernel * x.size(1)});
}

at::Tensor portable_gated_add(const at::Tensor& gate, const at::Tensor& x,
                              const at::Tensor& base) {
  return base + gate.sigmoid() * x;
}

at::Tensor portable_swiglu(const at::Tensor& x) {
  const std::int64_t width = x.size(1) / 2;
  return at::silu(x.narrow(1, 0, width)) * x.narrow(1, width, width);
}

}  // namespace ensue::nn
