// SPDX-License-Identifier: Apache-2.0
// Attention over packed sequences: a task is one head of one sequence, done by
// one thread, so that the number of threads changes no bit.
#include <algorithm>
#include <memory>
#include <utility>

#include "ensue/kernels/packed_attention.h"
#include "ensue/nn/autograd.h"
#include "ensue/nn/internal/portable_ops.h"

namespace ensue::nn {
namespace {

using kernels::AttentionReach;

struct Task {
  std::size_t start, length, head;
};

// Tasks by worker, of about equal cost.
std::vector<std::vector<Task>> deal(const Packed& batch, std::size_t heads) {
  std::vector<Task> all;
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    for (std::size_t h = 0; h < heads; ++h) {
      all.push_back(
          {static_cast<std::size_t>(batch.offsets[s]), batch.length(s), h});
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Task& a, const Task& b) {
    return a.length > b.length;
  });
  const auto workers =
      static_cast<std::size_t>(std::max(1, at::get_num_threads()));
  std::vector<std::vector<Task>> dealt(workers);
  std::vector<std::size_t> load(workers);
  for (const Task& task : all) {
    const auto least = std::min_element(load.begin(), load.end());
    *least += task.length * (task.length + 16);
    dealt[static_cast<std::size_t>(least - load.begin())].push_back(task);
  }
  return dealt;
}

class Attention {
 public:
  Attention(const at::Tensor& qkv, const Packed& batch, int heads,
            AttentionReach reach)
      : width_(static_cast<std::size_t>(qkv.size(1)) / 3),
        depth_(width_ / static_cast<std::size_t>(heads)),
        reach_(reach),
        tasks_(deal(batch, static_cast<std::size_t>(heads))),
        qkv_(qkv.detach()),
        log_sums_(at::empty({heads, qkv.size(0)}, at::kFloat)) {}

  at::Tensor forward() {
    at::Tensor out = at::empty(
        {qkv_.size(0), static_cast<std::int64_t>(width_)}, at::kFloat);
    for_tasks([&](const Task& task, kernels::AttentionScratch& scratch) {
      kernels::packed_attention(head(task), place(out, task), width_,
                                log_sums(task), scratch);
    });
    out_ = out.detach();
    return out;
  }

  // d loss / d qkv from d loss / d out.
  at::Tensor backward(const at::Tensor& grad) const {
    at::Tensor dqkv = at::empty_like(qkv_);
    for_tasks([&](const Task& task, kernels::AttentionScratch& scratch) {
      kernels::AttentionSlope slope;
      slope.out = place(out_, task);
      slope.dout = place(grad, task);
      slope.log_sums = log_sums(task);
      slope.stride = width_;
      kernels::AttentionGradient gradient;
      gradient.queries = part(dqkv, task, 0);
      gradient.keys = part(dqkv, task, 1);
      gradient.values = part(dqkv, task, 2);
      packed_attention_back(head(task), slope, gradient, scratch);
    });
    return dqkv;
  }

 private:
  template <class Body>
  void for_tasks(const Body& body) const {
    at::parallel_for(
        0, static_cast<std::int64_t>(tasks_.size()), 1,
        [&](std::int64_t a, std::int64_t b) {
          thread_local kernels::AttentionScratch scratch;
          for (; a < b; ++a) {
            for (const Task& task : tasks_[static_cast<std::size_t>(a)]) {
              body(task, scratch);
            }
          }
        });
  }

  kernels::AttentionHead head(const Task& task) const {
    kernels::AttentionHead out;
    out.queries = part(qkv_, task, 0);
    out.keys = part(qkv_, task, 1);
    out.values = part(qkv_, task, 2);
    out.length = task.length;
    out.depth = depth_;
    out.stride = 3 * width_;
    out.reach = reach_;
    return out;
  }
  // Part 0, 1, 2 of [n, 3 width]: queries, keys, values of a task.
  float* part(const at::Tensor& all, const Task& task,
              std::size_t which) const {
    return all.data_ptr<float>() + task.start * 3 * width_ + which * width_ +
           task.head * depth_;
  }
  float* place(const at::Tensor& rows, const Task& task) const {
    return rows.data_ptr<float>() + task.start * width_ + task.head * depth_;
  }
  float* log_sums(const Task& task) const {
    return log_sums_.data_ptr<float>() +
           task.head * static_cast<std::size_t>(log_sums_.size(1)) + task.start;
  }

  std::size_t width_, depth_;
  AttentionReach reach_;
  std::vector<std::vector<Task>> tasks_;
  at::Tensor qkv_, out_, log_sums_;
};

at::Tensor attend(const at::Tensor& qkv, const Packed& batch, int heads,
                  AttentionReach reach) {
  if (is_portable(qkv)) {
    return portable_attention(
        qkv, batch, heads,
        {reach.causal, static_cast<std::int64_t>(reach.window)});
  }
  const auto attention = std::make_shared<Attention>(qkv, batch, heads, reach);
  return record(attention->forward(), {qkv},
                [attention](const at::Tensor& grad) {
                  return std::vector<at::Tensor>{attention->backward(grad)};
                });
}

}  // namespace

at::Tensor causal_attention(const at::Tensor& qkv, const Packed& batch,
                            int heads) {
  return attend(qkv, batch, heads, AttentionReach());
}

at::Tensor windowed_attention(const at::Tensor& qkv, const Packed& batch,
                              int heads, int window) {
  return attend(qkv, batch, heads,
                {/*causal=*/true, static_cast<std::size_t>(window)});
}

at::Tensor bidirectional_attention(const at::Tensor& qkv, const Packed& batch,
                                   int heads) {
  return attend(qkv, batch, heads, {/*causal=*/false, /*window=*/0});
}

}  // namespace ensue::nn
