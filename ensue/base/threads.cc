// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/threads.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace ensue {
namespace {

std::atomic<int> limit{0};
thread_local bool inside = false;

int cores() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace

int threads() noexcept {
  const int set = limit.load();
  return set > 0 ? set : cores();
}

void set_threads(int count) noexcept { limit = std::max(0, count); }

void parallel_for(std::size_t size, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body) {
  if (size == 0) return;
  grain = std::max<std::size_t>(1, grain);
  const std::size_t pieces = (size + grain - 1) / grain;
  const auto workers = std::min<std::size_t>(
      pieces, inside ? 1 : static_cast<std::size_t>(threads()));

  std::atomic<std::size_t> next{0};
  std::exception_ptr error;
  std::mutex guard;
  const auto work = [&] {
    const bool outer = std::exchange(inside, true);
    for (std::size_t p; (p = next.fetch_add(1)) < pieces;) {
      try {
        body(p * grain, std::min(size, (p + 1) * grain));
      } catch (...) {
        const std::lock_guard lock(guard);
        if (!error) error = std::current_exception();
        next = pieces;
      }
    }
    inside = outer;
  };
  std::vector<std::jthread> helpers;
  for (std::size_t w = 1; w < workers; ++w) helpers.emplace_back(work);
  work();
  helpers.clear();
  if (error) std::rethrow_exception(error);
}

}  // namespace ensue
