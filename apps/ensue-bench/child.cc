// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/child.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>

#include "ensue/base/error.h"

namespace ensue::apps {

Cost in_child(const std::function<void()>& body) {
  std::fflush(stdout);
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      body();
      ::_exit(0);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "ensue-bench: %s\n", error.what());
      ::_exit(1);
    }
  }
  int status = 0;
  rusage used{};
  if (child < 0 || ::wait4(child, &status, 0, &used) != child ||
      !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw Error(Code::kUnavailable, "the work did not end well");
  }
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) +
           1e-6 * static_cast<double>(t.tv_usec);
  };
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  return {took.count(), static_cast<double>(used.ru_maxrss) / 1e6,
          seconds(used.ru_utime) + seconds(used.ru_stime)};
}

}  // namespace ensue::apps
