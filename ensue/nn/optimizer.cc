// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/kernels/adam.h"
#include "ensue/nn/internal/parallel.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

constexpr std::size_t kPiece = 4096;  // floats summed in one go

bool is_sgd(const OptimizerOptions& options) { return options.kind == "sgd"; }

void check(const OptimizerOptions& options) {
  if (options.kind != "adam" && options.kind != "adamw" && !is_sgd(options)) {
    invalid("optimizer: '" + options.kind + "', expected adam, adamw or sgd");
  }
  if (options.weight_decay < 0 || options.momentum < 0 ||
      options.clip_norm < 0) {
    invalid("optimizer: weight_decay, momentum and clip_norm are at least 0");
  }
}

// Calls body(first float, floats) over the parts of `p` that have a gradient.
template <class F>
void for_spans(Parameter& p, const F& body) {
  if (p.all_rows) {
    at::parallel_for(0, static_cast<std::int64_t>(p.size()), kGrain,
                     [&](std::int64_t a, std::int64_t b) {
                       body(static_cast<std::size_t>(a),
                            static_cast<std::size_t>(b - a));
                     });
    return;
  }
  const std::size_t width = p.row_size();
  const auto rows = p.marks.rows();
  at::parallel_for(
      0, static_cast<std::int64_t>(rows.size()),
      kGrain / static_cast<std::int64_t>(std::max<std::size_t>(1, width)) + 1,
      [&](std::int64_t a, std::int64_t b) {
        for (auto i = static_cast<std::size_t>(a);
             i < static_cast<std::size_t>(b); ++i) {
          body(rows[i] * width, width);
        }
      });
}

double square(const float* x, std::size_t size) {
  double total = 0;
  for (std::size_t i = 0; i < size; ++i) {
    total += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  }
  return total;
}

// In pieces of fixed size, so that the sum does not depend on threads.
double square_norm(const Parameter& p) {
  const std::size_t pieces = (p.size() + kPiece - 1) / kPiece;
  std::vector<double> sums(pieces);
  at::parallel_for(0, static_cast<std::int64_t>(pieces), 4,
                   [&](std::int64_t a, std::int64_t b) {
                     for (auto i = static_cast<std::size_t>(a);
                          i < static_cast<std::size_t>(b); ++i) {
                       const std::size_t from = i * kPiece;
                       sums[i] = square(p.slope() + from,
                                        std::min(kPiece, p.size() - from));
                     }
                   });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

double square_norm_of_rows(Parameter& p) {
  const auto rows = p.marks.rows();
  std::vector<double> sums(rows.size());
  at::parallel_for(0, static_cast<std::int64_t>(rows.size()), 256,
                   [&](std::int64_t a, std::int64_t b) {
                     for (auto i = static_cast<std::size_t>(a);
                          i < static_cast<std::size_t>(b); ++i) {
                       sums[i] = square(p.slope() + rows[i] * p.row_size(),
                                        p.row_size());
                     }
                   });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

// A scalar in double, not waited for.
at::Tensor square_norm_there(Parameter& p) {
  const at::Tensor grad =
      p.all_rows
          ? p.grad
          : p.grad.index_select(0, ids_on(p.grad.device(), p.marked_rows()));
  return at::linalg_vector_norm(grad, 2, {}, /*keepdim=*/false, at::kDouble)
      .square();
}

// torch's own order of operations, in place; part: value, first, second moment.
void adam_portable(const kernels::AdamStep& step, const at::Tensor& slope,
                   const std::vector<at::Tensor>& part) {
  const at::Tensor &value = part[0], &first = part[1], &second = part[2];
  first.mul_(step.beta1).add_(slope, 1 - step.beta1);
  second.mul_(step.beta2).addcmul_(slope, slope, 1 - step.beta2);
  const at::Tensor root = (second * step.correct2).sqrt_().add_(step.epsilon);
  value.mul_(1 - step.decay).addcdiv_(first, root, -step.correct1 * step.rate);
}

// part: value, momentum buffer.
void sgd_portable(const OptimizerOptions& options, double rate,
                  const at::Tensor& slope,
                  const std::vector<at::Tensor>& part) {
  const at::Tensor &value = part[0], &buffer = part[1];
  buffer.mul_(options.momentum).add_(slope).add_(value, options.weight_decay);
  value.sub_(buffer, rate);
}

double norm(const ParameterList& parameters) {
  double total = 0;
  std::vector<at::Tensor> elsewhere;  // on the device of portable parameters
  for (Parameter* p : parameters) {
    if (is_portable(p->grad)) {
      elsewhere.push_back(square_norm_there(*p));
    } else {
      total += p->all_rows ? square_norm(*p) : square_norm_of_rows(*p);
    }
  }
  if (!elsewhere.empty()) total += at::stack(elsewhere).sum().item<double>();
  return std::sqrt(total);
}

}  // namespace

Optimizer::Optimizer(ParameterList parameters, OptimizerOptions options)
    : parameters_(std::move(parameters)), options_(std::move(options)) {
  check(options_);
  for (const Parameter* p : parameters_) {
    moments_.push_back(at::zeros_like(p->value));
    if (!is_sgd(options_)) moments_.push_back(at::zeros_like(p->value));
  }
}

kernels::AdamStep Optimizer::adam_step(double rate, double scale) const {
  kernels::AdamStep step{.rate = static_cast<float>(rate),
                         .gradient_scale = static_cast<float>(scale)};
  const auto t = static_cast<double>(steps_);
  step.correct1 = static_cast<float>(1 / (1 - std::pow(0.9, t)));
  step.correct2 = static_cast<float>(1 / (1 - std::pow(0.999, t)));
  if (options_.kind == "adamw") {
    step.decay = static_cast<float>(rate * options_.weight_decay);
  }
  return step;
}

void Optimizer::update(std::size_t place, double rate, double scale) {
  Parameter& p = *parameters_[place];
  if (is_portable(p.value)) return update_portable(place, rate, scale);
  if (is_sgd(options_)) {
    const kernels::SgdStep step{
        .rate = static_cast<float>(rate),
        .momentum = static_cast<float>(options_.momentum),
        .decay = static_cast<float>(options_.weight_decay),
        .gradient_scale = static_cast<float>(scale)};
    float* buffer = moments_[place].data_ptr<float>();
    return for_spans(p, [&](std::size_t at, std::size_t size) {
      kernels::sgd(step, p.data() + at, p.slope() + at, buffer + at, size);
    });
  }
  const kernels::AdamStep step = adam_step(rate, scale);
  float* first = moments_[2 * place].data_ptr<float>();
  float* second = moments_[2 * place + 1].data_ptr<float>();
  for_spans(p, [&](std::size_t at, std::size_t size) {
    kernels::adam(step, p.data() + at, p.slope() + at, first + at, second + at,
                  size);
  });
}

// The same steps by ATen, on the rows that have a gradient.
void Optimizer::update_portable(std::size_t place, double rate, double scale) {
  const at::NoGradGuard no_grad;
  Parameter& p = *parameters_[place];
  const std::size_t each = is_sgd(options_) ? 1 : 2;
  std::vector<at::Tensor> whole = {p.value, moments_[each * place]};
  if (each == 2) whole.push_back(moments_[2 * place + 1]);
  at::Tensor rows, slope = p.grad;
  std::vector<at::Tensor> part = whole;
  if (!p.all_rows) {
    rows = ids_on(p.grad.device(), p.marked_rows());
    slope = p.grad.index_select(0, rows);
    for (at::Tensor& x : part) x = x.index_select(0, rows);
  }
  slope = slope * scale;
  if (is_sgd(options_)) {
    sgd_portable(options_, rate, slope, part);
  } else {
    adam_portable(adam_step(rate, scale), slope, part);
  }
  if (p.all_rows) {
    p.grad.zero_();
    return;
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    whole[i].index_copy_(0, rows, part[i]);
  }
  p.grad.index_fill_(0, rows, 0);
}

std::vector<std::vector<float>> Optimizer::moments() const {
  std::vector<std::vector<float>> out;
  for (const at::Tensor& moment : moments_) {
    const at::Tensor here = moment.cpu();
    const float* from = here.data_ptr<float>();
    out.emplace_back(from, from + here.numel());
  }
  return out;
}

void Optimizer::set_moments(const std::vector<std::vector<float>>& moments) {
  bool fits = moments.size() == moments_.size();
  for (std::size_t i = 0; fits && i < moments.size(); ++i) {
    fits = static_cast<std::int64_t>(moments[i].size()) == moments_[i].numel();
  }
  if (!fits) {
    throw Error(Code::kCorrupt,
                "checkpoint: the optimiser's moments are not those of this "
                "model and optimiser");
  }
  for (std::size_t i = 0; i < moments.size(); ++i) {
    moments_[i].copy_(at::tensor(moments[i]).view_as(moments_[i]));
  }
}

double Optimizer::step(double learning_rate) {
  const double length = norm(parameters_);
  ++steps_;
  double scale = 1;
  if (options_.clip_norm > 0 && length > options_.clip_norm) {
    scale = options_.clip_norm / length;
  }
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (std::isfinite(length)) {
      update(i, learning_rate, scale);
      if (parameters_[i]->unit_rows) parameters_[i]->make_unit();
    } else {
      parameters_[i]->grad.zero_();
    }
    parameters_[i]->changed();
    parameters_[i]->clear_marks();
  }
  return length;
}

double learning_rate_at(std::string_view schedule, double highest,
                        double warmup, double progress) {
  if (schedule != "constant" && schedule != "cosine") {
    invalid("schedule: '" + std::string(schedule) +
            "', expected constant or cosine");
  }
  if (progress < warmup) return highest * progress / warmup;
  if (schedule == "constant") return highest;
  const double share =
      warmup < 1 ? std::min(1.0, (progress - warmup) / (1 - warmup)) : 1;
  return highest * 0.5 * (1 + std::cos(std::numbers::pi * share));
}

}  // namespace ensue::nn
