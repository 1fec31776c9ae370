// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/workers.h"

#include <algorithm>

#include "ensue/base/threads.h"

namespace ensue::serve {

Workers::Workers(const Options& options, Runner run)
    : options_(options), run_(std::move(run)) {
  const int count = options.threads > 0 ? options.threads : threads();
  quick_threads_ = static_cast<std::size_t>(count);
  for (int i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  for (int i = 0; i < options.slow_threads; ++i) {
    threads_.emplace_back([this] { work_slowly(); });
  }
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  some_.notify_all();
  some_slow_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.most_waiting) return false;
    const auto now = Clock::now();
    // How long a newcomer would wait: for as many jobs as stand before it, or
    // because those who answer are held up.
    const auto wait = job_time_ * static_cast<double>(queue_.size() + 1) /
                      static_cast<double>(quick_threads_);
    const bool stuck =
        !queue_.empty() && now - queue_.front().since > options_.longest_wait;
    if (stuck || (!queue_.empty() && wait > options_.longest_wait)) {
      return false;
    }
    queue_.push_back({job, now});
  }
  some_.notify_one();
  return true;
}

bool Workers::submit_slow(void* what) {
  {
    const std::lock_guard lock(mutex_);
    if (slow_.size() >= options_.most_waiting) return false;
    slow_.push_back(what);
  }
  some_slow_.notify_one();
  return true;
}

std::size_t Workers::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

// About the mean of the last 20 runs; one that takes a hundred times longer (a
// body of a million events) must not look like overload to those behind it.
void Workers::note(std::chrono::duration<double> took) {
  constexpr double kNew = 0.05;
  constexpr std::chrono::duration<double> kLeast{1e-3};
  job_time_ += kNew * (std::min(took, 4 * job_time_ + kLeast) - job_time_);
}

void Workers::work() {
  std::vector<void*> together;
  std::unique_lock lock(mutex_);
  while (true) {
    some_.wait(lock, [&] { return stop_ || !queue_.empty(); });
    if (queue_.empty()) return;
    together.clear();
    const void* key = queue_.front().job.key;
    do {
      together.push_back(queue_.front().job.what);
      queue_.pop_front();
    } while (key != nullptr && !queue_.empty() &&
             queue_.front().job.key == key && together.size() < kMostTogether);
    lock.unlock();
    const auto begin = Clock::now();
    run_(together);
    const std::chrono::duration<double> took = Clock::now() - begin;
    lock.lock();
    note(took / static_cast<double>(together.size()));
  }
}

void Workers::work_slowly() {
  std::vector<void*> one;
  std::unique_lock lock(mutex_);
  while (true) {
    some_slow_.wait(lock, [&] { return stop_ || !slow_.empty(); });
    if (slow_.empty()) return;
    one.assign(1, slow_.front());
    slow_.pop_front();
    lock.unlock();
    run_(one);
    lock.lock();
  }
}

}  // namespace ensue::serve
