// SPDX-License-Identifier: Apache-2.0
// Causal attention over packed sequences, as blocks of rows.
//
// A block of rows only looks at the keys up to its last row, which saves most
// of the masked half of the square. Probabilities are kept for the backward
// pass: [length, length] per sequence and head.
#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include "ensue/kernels/gemm.h"
#include "ensue/kernels/softmax_row.h"
#include "ensue/nn/autograd.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

using kernels::gemm;
using kernels::Matrix;

constexpr std::size_t kBlock = 64;

// One sequence and one head.
struct Task {
  std::size_t start, length, head;
  std::size_t square;  // where its [length, length] probabilities begin
};

// Tasks by worker, of about equal cost.
std::vector<std::vector<Task>> deal(const Packed& batch, std::size_t heads,
                                    std::size_t workers, std::size_t& total) {
  std::vector<Task> all;
  total = 0;
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    const std::size_t length = batch.length(s);
    for (std::size_t h = 0; h < heads; ++h) {
      all.push_back(
          {static_cast<std::size_t>(batch.offsets[s]), length, h, total});
      total += length * length;
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Task& a, const Task& b) {
    return a.length > b.length;
  });
  std::vector<std::vector<Task>> dealt(workers);
  std::vector<std::size_t> load(workers);
  for (const Task& task : all) {
    const auto least = std::min_element(load.begin(), load.end());
    *least += task.length * (task.length + 16);
    dealt[static_cast<std::size_t>(least - load.begin())].push_back(task);
  }
  return dealt;
}

struct Run {
  std::size_t width, depth;  // of the model, of a head
  float scale;
  std::vector<std::vector<Task>> tasks;
  at::Tensor qkv;
  std::unique_ptr<float[]> probabilities;  // not cleared: rows end at i

  std::size_t stride() const { return 3 * width; }
  // Part 0, 1, 2: queries, keys, values of rows [from, to) of a task.
  Matrix part(const at::Tensor& t, const Task& task, std::size_t which,
              std::size_t from, std::size_t to) const {
    return {slice(t, task, which, from), to - from, depth, stride()};
  }
  float* slice(const at::Tensor& t, const Task& task, std::size_t which,
               std::size_t from) const {
    return t.data_ptr<float>() + (task.start + from) * stride() +
           which * width + task.head * depth;
  }
  float* head(const at::Tensor& t, const Task& task, std::size_t from) const {
    return t.data_ptr<float>() + (task.start + from) * width +
           task.head * depth;
  }
  template <class F>
  void for_tasks(const F& body) const {
    at::parallel_for(
        0, static_cast<std::int64_t>(tasks.size()), 1,
        [&](std::int64_t a, std::int64_t b) {
          for (; a < b; ++a) {
            for (const Task& task : tasks[static_cast<std::size_t>(a)]) {
              body(task);
            }
          }
        });
  }
};

void forward_task(const Run& run, const Task& task, const at::Tensor& out) {
  float* square = run.probabilities.get() + task.square;
  for (std::size_t a = 0; a < task.length; a += kBlock) {
    const std::size_t b = std::min(task.length, a + kBlock);
    float* rows = square + a * task.length;
    gemm(run.part(run.qkv, task, 0, a, b), run.part(run.qkv, task, 1, 0, b).t(),
         rows, task.length, {.scale = run.scale});
    for (std::size_t i = a; i < b; ++i) {
      float* row = square + i * task.length;
      kernels::softmax_row(row, nullptr, i + 1, 1);
      std::fill(row + i + 1, row + b, 0.0F);
    }
    gemm(Matrix(rows, b - a, b, task.length), run.part(run.qkv, task, 2, 0, b),
         run.head(out, task, a), run.width);
  }
}

void backward_task(const Run& run, const Task& task, const at::Tensor& dout,
                   const at::Tensor& dqkv, std::vector<float>& slopes) {
  slopes.resize(std::max(slopes.size(), kBlock * task.length));
  for (std::size_t a = 0; a < task.length; a += kBlock) {
    const std::size_t b = std::min(task.length, a + kBlock);
    const float* p = run.probabilities.get() + task.square + a * task.length;
    const Matrix probability(p, b - a, b, task.length);
    const Matrix slope(slopes.data(), b - a, b, task.length);
    const Matrix dblock(run.head(dout, task, a), b - a, run.depth, run.width);
    gemm(dblock, run.part(run.qkv, task, 2, 0, b).t(), slopes.data(),
         task.length);
    for (std::size_t i = 0; i < b - a; ++i) {
      kernels::softmax_back(p + i * task.length,
                            slopes.data() + i * task.length, b);
    }
    gemm(probability.t(), dblock, run.slice(dqkv, task, 2, 0), run.stride(),
         {.add = true});
    gemm(slope, run.part(run.qkv, task, 1, 0, b), run.slice(dqkv, task, 0, a),
         run.stride(), {.scale = run.scale});
    gemm(slope.t(), run.part(run.qkv, task, 0, a, b),
         run.slice(dqkv, task, 1, 0), run.stride(),
         {.add = true, .scale = run.scale});
  }
}

}  // namespace

at::Tensor causal_attention(const at::Tensor& qkv, const Packed& batch,
                            int heads) {
  const auto run = std::make_shared<Run>();
  run->width = static_cast<std::size_t>(qkv.size(1)) / 3;
  run->depth = run->width / static_cast<std::size_t>(heads);
  run->scale = 1 / std::sqrt(static_cast<float>(run->depth));
  run->qkv = qkv.detach();
  std::size_t total = 0;
  run->tasks =
      deal(batch, static_cast<std::size_t>(heads),
           static_cast<std::size_t>(std::max(1, at::get_num_threads())), total);
  run->probabilities = std::make_unique_for_overwrite<float[]>(total);
  at::Tensor out = at::empty({qkv.size(0), qkv.size(1) / 3}, at::kFloat);
  run->for_tasks([&](const Task& task) { forward_task(*run, task, out); });
  return record(out, {qkv}, [run](const at::Tensor& grad) {
    at::Tensor dqkv = at::zeros_like(run->qkv);
    run->for_tasks([&](const Task& task) {
      thread_local std::vector<float> slopes;
      backward_task(*run, task, grad, dqkv, slopes);
    });
    return std::vector<at::Tensor>{dqkv};
  });
}

}  // namespace ensue::nn
