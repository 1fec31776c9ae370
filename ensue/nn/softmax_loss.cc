// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ensue/kernels/gemm.h"
#include "ensue/kernels/softmax_row.h"
#include "ensue/nn/internal/portable_losses.h"
#include "ensue/nn/internal/product.h"
#include "ensue/nn/losses.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

using kernels::gemm;
using kernels::Half;
using kernels::MatrixOf;

// A strip's logits stay in the cache between their uses.
constexpr std::size_t kStripFloats = std::size_t{1} << 20;

std::size_t strip_rows(std::size_t items) {
  const std::size_t rows = kStripFloats / std::max<std::size_t>(1, items);
  return std::clamp<std::size_t>(rows, 64, 512);
}

double sum(const std::vector<float>& weights) {
  return std::accumulate(weights.begin(), weights.end(), 0.0);
}

// Rows [from, to) of the targets against every item.
struct Strip {
  std::size_t from, to, width, items;
  float* rows;                // [size, width]
  float* logits;              // [size, items]
  float* slopes;              // [size, width]
  Half* half_rows = nullptr;  // in bf16: rows and, once settled, logits
  Half* half_logits = nullptr;

  std::size_t size() const { return to - from; }
};

void gather(const at::Tensor& hidden, const Targets& targets,
            const Strip& strip) {
  const float* from = hidden.data_ptr<float>();
  for (std::size_t r = strip.from; r < strip.to; ++r) {
    const auto row = static_cast<std::size_t>(targets.rows[r]);
    std::copy_n(from + row * strip.width, strip.width,
                strip.rows + (r - strip.from) * strip.width);
  }
}

// Logits become d mean / d logits; returns weight * loss of one row.
double settle_row(const Targets& targets, std::size_t r, float* logits,
                  const float* bias, std::size_t items, double share) {
  const auto begin = static_cast<std::size_t>(targets.begin[r]);
  const auto end = static_cast<std::size_t>(targets.begin[r + 1]);
  double loss = 0, total = 0;
  for (std::size_t t = begin; t < end; ++t) {
    const std::int64_t item = targets.items[t];
    const double logit = static_cast<double>(logits[item]) +
                         (bias == nullptr ? 0.0 : bias[item]);
    loss -= targets.weights[t] * logit;
    total += targets.weights[t];
  }
  loss += total * kernels::softmax_row(logits, bias, items,
                                       static_cast<float>(total * share));
  for (std::size_t t = begin; t < end; ++t) {
    logits[targets.items[t]] -= static_cast<float>(targets.weights[t] * share);
  }
  return loss;
}

// Gradients of what the parts that look back are weighted by, per row.
struct LookBackSlopes {
  std::vector<RepeatHead::Coefficients> repeat, similar;
};

// Every row on its own: the parts that look back, loss, gradients of logits.
double settle(const Targets& targets, const ItemHead& head, const Strip& strip,
              double share, LookBackSlopes& slopes) {
  const float* bias = head.bias == nullptr ? nullptr : head.bias->data();
  std::vector<double> losses(strip.size());
  slopes.repeat.resize(head.repeat ? strip.size() : 0);
  slopes.similar.resize(head.similar ? strip.size() : 0);
  const auto settle_one = [&](std::size_t i) {
    float* logits = strip.logits + i * strip.items;
    if (head.repeat) {
      head.repeat.add(targets.repeats, strip.from + i,
                      strip.rows + i * strip.width, logits);
    }
    thread_local artifact::Likeness likeness;
    if (head.similar) {
      head.similar.add(targets.repeats, strip.from + i,
                       strip.rows + i * strip.width, {logits, strip.items},
                       likeness);
    }
    losses[i] =
        settle_row(targets, strip.from + i, logits, bias, strip.items, share);
    if (strip.half_logits != nullptr) {
      kernels::to_bf16(logits, strip.half_logits + i * strip.items,
                       strip.items);
    }
    if (head.repeat) {
      slopes.repeat[i] =
          RepeatHead::slopes(targets.repeats, strip.from + i, logits);
    }
    if (head.similar) {
      slopes.similar[i] = likeness.slopes({logits, strip.items});
    }
  };
  at::parallel_for(0, static_cast<std::int64_t>(strip.size()), 4,
                   [&](std::int64_t a, std::int64_t b) {
                     for (; a < b; ++a) settle_one(static_cast<std::size_t>(a));
                   });
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

void scatter(const Targets& targets, const Strip& strip, float* slope) {
  for (std::size_t r = strip.from; r < strip.to; ++r) {
    const auto row = static_cast<std::size_t>(targets.rows[r]);
    std::copy_n(strip.slopes + (r - strip.from) * strip.width, strip.width,
                slope + row * strip.width);
  }
}

template <class Number>
void make_logits(const Strip& strip, const Number* rows, const Number* weight) {
  gemm(MatrixOf<Number>(rows, strip.size(), strip.width),
       MatrixOf<Number>(weight, strip.items, strip.width).t(), strip.logits,
       strip.items);
}

template <class Number>
void make_slopes(const Strip& strip, const Number* rows, const Number* weight,
                 const Number* dlogits, float* dweight) {
  const MatrixOf<Number> d(dlogits, strip.size(), strip.items);
  gemm(d, MatrixOf<Number>(weight, strip.items, strip.width), strip.slopes,
       strip.width);
  gemm(d.t(), MatrixOf<Number>(rows, strip.size(), strip.width), dweight,
       strip.width, {.add = true});
}

double run_strip(const at::Tensor& hidden, const Targets& targets,
                 const ItemHead& head, const Strip& strip, double share,
                 float* slope) {
  gather(hidden, targets, strip);
  const bool half = strip.half_rows != nullptr;
  const Half* half_weight =
      half ? reinterpret_cast<const Half*>(
                 head.weight->factor().data_ptr<at::BFloat16>())
           : nullptr;
  if (half) {
    kernels::to_bf16(strip.rows, strip.half_rows, strip.size() * strip.width);
    make_logits(strip, strip.half_rows, half_weight);
  } else {
    make_logits(strip, strip.rows, head.weight->data());
  }
  LookBackSlopes look_back;
  const double loss = settle(targets, head, strip, share, look_back);
  if (half) {
    make_slopes(strip, strip.half_rows, half_weight, strip.half_logits,
                head.weight->slope());
  } else {
    make_slopes(strip, strip.rows, head.weight->data(), strip.logits,
                head.weight->slope());
  }
  if (head.bias != nullptr) {
    add_column_sums(strip.logits, strip.size(), strip.items,
                    head.bias->slope());
  }
  const auto carry = [&strip](const RepeatHead& part, const auto& slopes) {
    for (std::size_t i = 0; i < slopes.size(); ++i) {
      part.back(slopes[i], strip.rows + i * strip.width,
                strip.slopes + i * strip.width);
    }
  };
  carry(head.repeat, look_back.repeat);
  carry(head.similar.share, look_back.similar);
  scatter(targets, strip, slope);
  return loss;
}

}  // namespace

LossValue SoftmaxLoss::operator()(const at::Tensor& hidden,
                                  const Targets& targets,
                                  const ItemHead& head) {
  if (is_portable(hidden)) return portable_softmax_loss(hidden, targets, head);
  const auto width = static_cast<std::size_t>(hidden.size(1));
  const std::size_t items = head.weight->rows();
  const std::size_t most = std::min(strip_rows(items), targets.size());
  rows_.resize(most * width);
  slopes_.resize(most * width);
  logits_.resize(most * items);
  const bool half = head.weight->precision == Precision::kBf16;
  half_rows_.resize(half ? most * width : 0);
  half_logits_.resize(half ? most * items : 0);

  LossValue out;
  out.slope = at::zeros_like(hidden);
  out.weight = sum(targets.weights);
  if (out.weight <= 0) return out;
  head.weight->mark_all();
  if (head.bias != nullptr) head.bias->mark_all();
  for (std::size_t from = 0; from < targets.size(); from += most) {
    const Strip strip{from,
                      std::min(from + most, targets.size()),
                      width,
                      items,
                      rows_.data(),
                      logits_.data(),
                      slopes_.data(),
                      half ? half_rows_.data() : nullptr,
                      half ? half_logits_.data() : nullptr};
    out.sum += run_strip(hidden, targets, head, strip, 1 / out.weight,
                         out.slope.data_ptr<float>());
  }
  return out;
}

}  // namespace ensue::nn
