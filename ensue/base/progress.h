// SPDX-License-Identifier: Apache-2.0
// How long work tells of itself and can be asked to stop.
#pragma once

#include <atomic>
#include <functional>
#include <string>

namespace ensue {

/// One report of a long task. Below apps/ nothing prints; work calls a
/// ProgressFn and apps/ decides on a bar, a line or silence.
struct Progress {
  std::string stage;   // "epoch 3/20", "reading", …
  double done = 0;     // in [0, total]
  double total = 0;    // 0: unknown
  std::string detail;  // "loss 6.12  ndcg@10 .131  92k tokens/s"
};

/// May be empty. Called from one thread at a time, often: keep it cheap.
using ProgressFn = std::function<void(const Progress&)>;

/// Set by Ctrl-C; long work looks at it between steps and ends in good order.
using StopFlag = std::atomic<bool>;

}  // namespace ensue
