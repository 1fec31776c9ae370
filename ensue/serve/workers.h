// SPDX-License-Identifier: Apache-2.0
// The threads that answer, and the queue before them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ensue::serve {

/// Takes jobs as long as those that wait can be answered in time; a job that
/// would have to wait longer is refused at once, so that under overload the
/// admitted ones keep their latency.
///
/// Jobs are taken in order. Neighbours in the queue that carry the same batch
/// key are run together, up to kMostTogether. Slow jobs have threads of their
/// own. Thread-safe.
class Workers {
 public:
  static constexpr std::size_t kMostTogether = 32;
  using Clock = std::chrono::steady_clock;

  struct Options {
    int threads = 0;  // 0: every core
    int slow_threads = 2;
    std::size_t most_waiting = 4096;
    std::chrono::milliseconds longest_wait{100};
  };
  struct Job {
    const void* key = nullptr;  // nullptr: alone
    void* what = nullptr;       // handed to the runner
  };
  /// Runs one job, or several of one key. Must not throw.
  using Runner = std::function<void(std::vector<void*>& together)>;

  Workers(const Options& options, Runner run);
  /// Finishes what was admitted.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// @return false: too much is waiting; nothing was taken.
  bool submit(Job job);
  /// At most `most_waiting` of them wait; false beyond that.
  bool submit_slow(void* what);

  std::size_t waiting() const;

 private:
  struct Waiting {
    Job job;
    Clock::time_point since;
  };
  void work();
  void note(std::chrono::duration<double> took);
  void work_slowly();

  Options options_;
  Runner run_;
  mutable std::mutex mutex_;
  std::condition_variable some_, some_slow_;
  std::deque<Waiting> queue_;
  std::deque<void*> slow_;
  std::chrono::duration<double> job_time_{0};  // of late, per job
  std::size_t quick_threads_ = 1;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ensue::serve
