// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/parameter.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ensue/base/hash.h"
#include "ensue/nn/internal/parallel.h"
#include "ensue/nn/internal/product.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

void fill(float* data, std::size_t size, Init init, Rng& rng) {
  for (std::size_t i = 0; i < size; ++i) {
    double x = init.kind == Init::Kind::kOne ? 1 : 0;
    if (init.kind == Init::Kind::kNormal) x = init.scale * rng.normal();
    if (init.kind == Init::Kind::kUniform) {
      x = init.scale * (2 * rng.uniform() - 1);
    }
    data[i] = static_cast<float>(x);
  }
}

void make_unit_row(float* x, std::size_t width) {
  double square = 0;
  for (std::size_t i = 0; i < width; ++i) square += double{x[i]} * x[i];
  if (square == 0) return;
  const auto scale = static_cast<float>(1 / std::sqrt(square));
  for (std::size_t i = 0; i < width; ++i) x[i] *= scale;
}

}  // namespace

void RowMarks::resize(std::size_t rows) {
  marked_.assign(rows, 0);
  rows_.clear();
  sorted_ = true;
}

void RowMarks::add_fresh(std::span<const std::uint32_t> rows) {
  rows_.insert(rows_.end(), rows.begin(), rows.end());
  sorted_ = sorted_ && rows.empty();
}

void RowMarks::add(std::size_t row) {
  const auto place = static_cast<std::uint32_t>(row);
  if (mark_only(row)) add_fresh({&place, 1});
}

std::span<const std::uint32_t> RowMarks::rows() {
  if (!sorted_) std::sort(rows_.begin(), rows_.end());
  sorted_ = true;
  return rows_;
}

void RowMarks::clear() {
  for (const std::uint32_t row : rows_) marked_[row] = 0;
  rows_.clear();
  sorted_ = true;
}

void Parameter::clear_marks() {
  if (!by_row) return;
  all_rows = false;
  marks.clear();
}

std::vector<std::int64_t> Parameter::marked_rows() {
  const auto rows = marks.rows();
  return {rows.begin(), rows.end()};
}

void Parameter::make_unit() {
  if (is_portable(value)) {
    const at::NoGradGuard no_grad;
    const at::Tensor ids =
        all_rows ? at::Tensor() : ids_on(value.device(), marked_rows());
    const at::Tensor some = all_rows ? value : value.index_select(0, ids);
    const at::Tensor unit =
        some /
        at::linalg_vector_norm(some, 2, {1}, /*keepdim=*/true).clamp_min(1e-12);
    all_rows ? value.copy_(unit) : value.index_copy_(0, ids, unit);
    return;
  }
  const auto marked = marks.rows();
  const std::size_t count = all_rows ? rows() : marked.size();
  const std::size_t width = row_size();
  at::parallel_for(
      0, static_cast<std::int64_t>(count),
      kGrain / static_cast<std::int64_t>(std::max<std::size_t>(1, width)) + 1,
      [&](std::int64_t a, std::int64_t b) {
        for (auto i = static_cast<std::size_t>(a);
             i < static_cast<std::size_t>(b); ++i) {
          make_unit_row(data() + (all_rows ? i : marked[i]) * width, width);
        }
      });
}

void Parameter::clear_gradient() {
  if (all_rows) {
    grad.zero_();
  } else if (is_portable(grad)) {
    grad.index_fill_(0, ids_on(grad.device(), marked_rows()), 0);
  } else {
    for (const std::size_t row : marks.rows()) {
      std::fill_n(slope() + row * row_size(), row_size(), 0.F);
    }
  }
  clear_marks();
}

ParameterList all_of(const Parameters& parameters) {
  ParameterList out;
  for (const auto& p : parameters) out.push_back(p.get());
  return out;
}

const at::Tensor& Parameter::factor() {
  if (precision == Precision::kFp32) return value;
  if (!copied) copy = factor_of(value, precision);
  copied = true;
  return copy;
}

const at::Tensor& Parameter::traced() {
  if (!leaf.defined()) {
    leaf = value.detach().requires_grad_();
    leaf.mutable_grad() = grad;  // gradients are added to it in place
  }
  return leaf;
}

void Parameter::to(const at::Device& device) {
  value = value.to(device);
  grad = grad.to(device);
  leaf = at::Tensor();
  changed();
}

Parameter& Scope::make(const std::string& name, std::vector<std::int64_t> shape,
                       Init init) {
  auto made = std::make_unique<Parameter>();
  made->name = prefix_ + "." + name;
  made->value = at::zeros(shape, at::kFloat);
  made->grad = at::zeros(shape, at::kFloat);
  fill(made->data(), made->size(), init, rng_);
  out_.push_back(std::move(made));
  return *out_.back();
}

Parameter& Scope::make_table(const std::string& name, std::int64_t rows,
                             std::int64_t width, Init init) {
  return make_by_row(name, {rows, width}, init);
}

Parameter& Scope::make_column(const std::string& name, std::int64_t rows,
                              Init init) {
  return make_by_row(name, {rows}, init);
}

Parameter& Scope::make_by_row(const std::string& name,
                              std::vector<std::int64_t> shape, Init init) {
  Parameter& made = make(name, std::move(shape), init);
  made.by_row = true;
  made.marks.resize(made.rows());
  made.clear_marks();
  return made;
}

std::uint64_t Scope::make_site() {
  return checksum(prefix_ + "/" + std::to_string(sites_++));
}

}  // namespace ensue::nn
