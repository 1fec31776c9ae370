// SPDX-License-Identifier: Apache-2.0
// Recurrent layers over packed sequences.
//
// Sequences are dealt to groups, longest first, one group per thread; inside a
// group rows stand time-major (all sequences' first events, then all second
// ones, …), so that a step is one matrix product over the sequences still
// running and no step waits for another thread.
#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include "ensue/kernels/gates.h"
#include "ensue/kernels/gemm.h"
#include "ensue/nn/autograd.h"
#include "ensue/nn/internal/parallel.h"
#include "ensue/nn/internal/portable_ops.h"
#include "ensue/nn/internal/product.h"

namespace ensue::nn {
namespace {

using kernels::gemm;
using kernels::Matrix;

// Rows [start[t], start[t + 1]) of the plan are time t of one group.
using Steps = std::vector<std::size_t>;

struct Plan {
  std::vector<std::int64_t> row_of;  // plan row -> event of the batch
  std::vector<std::int64_t> before;  // plan row -> plan row one step earlier
  std::vector<Steps> groups;
};

void add_group(const Packed& batch, const std::vector<std::size_t>& sequences,
               Plan& plan) {
  Steps steps = {plan.row_of.size()};
  const std::size_t longest =
      sequences.empty() ? 0 : batch.length(sequences[0]);
  for (std::size_t t = 0; t < longest; ++t) {
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      if (batch.length(sequences[i]) <= t) break;
      plan.row_of.push_back(batch.offsets[sequences[i]] +
                            static_cast<std::int64_t>(t));
      plan.before.push_back(
          t == 0 ? -1 : static_cast<std::int64_t>(steps[t - 1] + i));
    }
    steps.push_back(plan.row_of.size());
  }
  plan.groups.push_back(std::move(steps));
}

Plan make_plan(const Packed& batch, std::size_t groups) {
  std::vector<std::size_t> order(batch.sequences());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return batch.length(a) > batch.length(b);
  });
  std::vector<std::vector<std::size_t>> dealt(groups);
  for (std::size_t i = 0; i < order.size(); ++i) {
    dealt[i % groups].push_back(order[i]);
  }
  Plan plan;
  for (const auto& sequences : dealt) add_group(batch, sequences, plan);
  return plan;
}

std::size_t gates_of(Cell cell) {
  return cell == Cell::kRnn ? 1 : cell == Cell::kGru ? 3 : 4;
}

// Everything one forward pass leaves for its backward pass, in plan order.
struct Run {
  Cell cell;
  RecurrentWeights weights;
  Plan plan;
  std::size_t width, gates;
  at::Tensor x, index, gx, h;
  at::Tensor extra;  // gru: the state's share of n; lstm: the cell

  float* gate_row(std::size_t row) const {
    return gx.data_ptr<float>() + row * gates * width;
  }
  float* row(const at::Tensor& t, std::size_t r) const {
    return t.data_ptr<float>() + r * width;
  }
  Matrix recurrent_weight() const {
    return {weights.weight_hh->data(), gates * width, width};
  }
  template <class F>
  void for_groups(const F& body) const {
    const auto groups = static_cast<std::int64_t>(plan.groups.size());
    at::parallel_for(0, groups, 1, [&](std::int64_t a, std::int64_t b) {
      for (; a < b; ++a) body(plan.groups[static_cast<std::size_t>(a)]);
    });
  }
  const float* before(const at::Tensor& t, std::size_t r,
                      const std::vector<float>& zero) const {
    const std::int64_t from = plan.before[r];
    return from < 0 ? zero.data() : row(t, static_cast<std::size_t>(from));
  }
};

void forward_row(const Run& run, std::size_t r, const float* gh,
                 const std::vector<float>& zero) {
  float* h = run.row(run.h, r);
  float* gates = run.gate_row(r);
  switch (run.cell) {
    case Cell::kRnn:
      std::copy_n(gates, run.width, h);
      return kernels::tanh_row(h, run.width);
    case Cell::kGru:
      std::copy_n(gh + 2 * run.width, run.width, run.row(run.extra, r));
      return kernels::gru_row(gates, gh, run.before(run.h, r, zero), h,
                              run.width);
    case Cell::kLstm:
      return kernels::lstm_row(gates, run.before(run.extra, r, zero),
                               run.row(run.extra, r), h, run.width);
  }
}

// The state's share of the gates for rows [a, b): added to the input's share,
// or for gru, whose n needs it apart, written to `gh`.
void add_state_share(const Run& run, std::size_t a, std::size_t b,
                     const float* previous, std::vector<float>& gh) {
  const std::size_t rows = b - a, columns = run.gates * run.width;
  const Matrix state(previous, rows, run.width);
  if (run.cell != Cell::kGru) {
    return gemm(state, run.recurrent_weight().t(), run.gate_row(a), columns,
                {.add = true});
  }
  gh.resize(std::max(gh.size(), rows * columns));
  const float* bias = run.weights.bias_hh->data();
  for (std::size_t i = 0; i < rows; ++i) {
    std::copy_n(bias, columns, gh.data() + i * columns);
  }
  gemm(state, run.recurrent_weight().t(), gh.data(), columns, {.add = true});
}

void forward_group(const Run& run, const Steps& steps) {
  const std::vector<float> zero(run.width);
  const std::size_t columns = run.gates * run.width;
  const std::size_t first = steps.size() > 1 ? steps[1] - steps[0] : 0;
  const std::vector<float> start(first * run.width);
  std::vector<float> gh;
  for (std::size_t t = 0; t + 1 < steps.size(); ++t) {
    const float* previous =
        t == 0 ? start.data() : run.row(run.h, steps[t - 1]);
    add_state_share(run, steps[t], steps[t + 1], previous, gh);
    for (std::size_t r = steps[t]; r < steps[t + 1]; ++r) {
      forward_row(run, r,
                  gh.data() + (gh.empty() ? 0 : (r - steps[t]) * columns),
                  zero);
    }
  }
}

// Gradients of one row's gates: gx becomes d loss / d (input's share), dgh
// d loss / d (state's share), dh the part that flows straight to the state
// before.
void backward_row(const Run& run, std::size_t r, float* dh, float* dc,
                  float* dgh, const std::vector<float>& zero) {
  float* gates = run.gate_row(r);
  switch (run.cell) {
    case Cell::kRnn:
      kernels::tanh_back(run.row(run.h, r), dh, gates, run.width);
      std::fill_n(dh, run.width, 0.0F);
      return;
    case Cell::kGru:
      return kernels::gru_back(gates, run.row(run.extra, r),
                               run.before(run.h, r, zero), dh, dgh, dh,
                               run.width);
    case Cell::kLstm:
      kernels::lstm_back(gates, run.before(run.extra, r, zero),
                         run.row(run.extra, r), dh, dc, run.width);
      std::fill_n(dh, run.width, 0.0F);
      return;
  }
}

// From the last step to the first. `dout` and `dgh` in plan order.
void backward_group(const Run& run, const Steps& steps, const at::Tensor& dout,
                    const at::Tensor& dgh) {
  const std::vector<float> zero(run.width);
  const std::size_t columns = run.gates * run.width, width = run.width;
  const std::size_t most = steps.size() > 1 ? steps[1] - steps[0] : 0;
  std::vector<float> dh(most * width), dc(most * width);
  const bool shared = run.cell != Cell::kGru;  // both shares are one sum
  for (std::size_t t = steps.size() - 1; t-- > 0;) {
    const std::size_t a = steps[t], rows = steps[t + 1] - a;
    const float* from = run.row(dout, a);
    for (std::size_t i = 0; i < rows * width; ++i) dh[i] += from[i];
    for (std::size_t i = 0; i < rows; ++i) {
      backward_row(run, a + i, dh.data() + i * width, dc.data() + i * width,
                   shared ? nullptr : dgh.data_ptr<float>() + (a + i) * columns,
                   zero);
    }
    const float* slope =
        shared ? run.gate_row(a) : dgh.data_ptr<float>() + a * columns;
    gemm(Matrix(slope, rows, columns), run.recurrent_weight(), dh.data(), width,
         {.add = true});
  }
}

// The states that the state's share was made from, zero at first steps.
at::Tensor states_before(const Run& run) {
  at::Tensor out = at::empty_like(run.h);
  const std::vector<float> zero(run.width);
  at::parallel_for(0, out.size(0), 256, [&](std::int64_t a, std::int64_t b) {
    for (auto r = static_cast<std::size_t>(a); r < static_cast<std::size_t>(b);
         ++r) {
      std::copy_n(run.before(run.h, r, zero), run.width, run.row(out, r));
    }
  });
  return out;
}

std::vector<at::Tensor> backward(const Run& run, const at::Tensor& grad) {
  const at::Tensor dout = grad.index_select(0, run.index);
  const bool shared = run.cell != Cell::kGru;
  const at::Tensor dgh = shared ? run.gx : at::empty_like(run.gx);
  run.for_groups(
      [&](const Steps& steps) { backward_group(run, steps, dout, dgh); });

  const at::Tensor before = states_before(run);
  const RecurrentWeights& w = run.weights;
  const Precision precision = w.weight_ih->precision;
  const at::Tensor slope = factor_of(run.gx, precision);
  product(transposed(slope), {run.x}, w.weight_ih->slope(),
          w.weight_ih->row_size(), {.add = true});
  product(transposed(shared ? slope : factor_of(dgh, precision)),
          {factor_of(before, precision)}, w.weight_hh->slope(), run.width,
          {.add = true});
  add_column_sums(run.gx, w.bias_ih->slope());
  add_column_sums(dgh, w.bias_hh->slope());
  at::Tensor dx_plan = at::empty({run.x.size(0), run.x.size(1)}, at::kFloat);
  product({slope}, {w.weight_ih->factor()}, dx_plan.data_ptr<float>(),
          w.weight_ih->row_size());
  at::Tensor dx = at::empty_like(dx_plan);
  dx.index_copy_(0, run.index, dx_plan);
  return {dx};
}

at::Tensor input_share(const Run& run) {
  const RecurrentWeights& w = run.weights;
  const std::int64_t columns = w.weight_ih->value.size(0);
  at::Tensor bias = w.bias_ih->value;
  if (run.cell != Cell::kGru) bias = bias + w.bias_hh->value;
  at::Tensor gx = bias.repeat({run.x.size(0), 1});
  product({run.x}, transposed(w.weight_ih->factor()), gx.data_ptr<float>(),
          static_cast<std::size_t>(columns), {.add = true});
  return gx;
}

}  // namespace

at::Tensor recurrent(Cell cell, const at::Tensor& x,
                     const RecurrentWeights& weights, const Packed& batch) {
  if (is_portable(x)) return portable_recurrent(cell, x, weights, batch);
  const auto run = std::make_shared<Run>();
  at::Tensor out;
  {
    const at::NoGradGuard no_grad;
    run->cell = cell;
    run->weights = weights;
    run->gates = gates_of(cell);
    run->width = weights.weight_hh->row_size();
    run->plan = make_plan(batch, workers_for(batch.size() * run->gates *
                                             run->width * run->width));
    run->index = at::tensor(run->plan.row_of, at::kLong);
    run->x = factor_of(x.detach().index_select(0, run->index),
                       weights.weight_ih->precision);
    run->gx = input_share(*run);
    run->h = at::empty({x.size(0), static_cast<std::int64_t>(run->width)},
                       at::kFloat);
    if (cell != Cell::kRnn) run->extra = at::empty_like(run->h);
    run->for_groups([&](const Steps& steps) { forward_group(*run, steps); });
    out = at::empty_like(run->h);
    out.index_copy_(0, run->index, run->h);
  }
  return record(out, {x},
                [run](const at::Tensor& grad) { return backward(*run, grad); });
}

}  // namespace ensue::nn
