// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/machine.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "ensue/kernels/gemm.h"

namespace ensue::apps {
namespace {

template <class Number>
double peak_of() {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t n = 2048;
  const std::vector<Number> a(n * n), b(n * n);
  std::vector<float> c(n * n);
  double best = 0;
  for (int i = 0; i < 12; ++i) {
    const auto start = Clock::now();
    kernels::gemm(kernels::MatrixOf<Number>(a.data(), n, n),
                  kernels::MatrixOf<Number>(b.data(), n, n), c.data(), n);
    const std::chrono::duration<double> took = Clock::now() - start;
    best = std::max(best, 2e-9 * n * n * n / took.count());
  }
  return best;
}

}  // namespace

double peak_gflops(const std::string& precision) {
  return precision == "bf16" ? peak_of<kernels::Half>() : peak_of<float>();
}

double peak_memory_gb() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1e6;
}

}  // namespace ensue::apps
