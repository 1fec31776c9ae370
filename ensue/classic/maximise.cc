// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/maximise.h"

#include <nlopt.h>

#include <cmath>
#include <limits>
#include <memory>

#include "ensue/base/error.h"

namespace ensue::classic {
namespace {

constexpr double kTolerance = 1e-12;  // of the value, relative
constexpr int kMostCalls = 2000;

// Where the search wanders off, a value that no step prefers.
constexpr double kWorst = -1e300;

struct Call {
  const Objective* objective;
  Maximum best;
};

double evaluate(unsigned size, const double* x, double* gradient, void* data) {
  auto& call = *static_cast<Call*>(data);
  std::vector<double> slope(size);
  const std::span<const double> at(x, size);
  const double value = (*call.objective)(at, slope);
  if (gradient != nullptr) {
    for (unsigned i = 0; i < size; ++i) {
      gradient[i] = std::isfinite(slope[i]) ? slope[i] : 0;
    }
  }
  if (!std::isfinite(value)) return kWorst;
  // A line search that ends without agreement still leaves its best point.
  if (value > call.best.value) call.best = {{at.begin(), at.end()}, value};
  return value;
}

}  // namespace

Maximum maximise(const Objective& objective,
                 const std::vector<std::vector<double>>& starts, double bound) {
  Call call{&objective, {{}, -std::numeric_limits<double>::infinity()}};
  for (std::vector<double> x : starts) {
    const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> search(
        nlopt_create(NLOPT_LD_LBFGS, static_cast<unsigned>(x.size())),
        nlopt_destroy);
    nlopt_set_max_objective(search.get(), evaluate, &call);
    nlopt_set_lower_bounds1(search.get(), -bound);
    nlopt_set_upper_bounds1(search.get(), bound);
    nlopt_set_ftol_rel(search.get(), kTolerance);
    nlopt_set_maxeval(search.get(), kMostCalls);
    double value = 0;
    nlopt_optimize(search.get(), x.data(), &value);
  }
  if (call.best.place.empty()) {
    invalid("fit: the likelihood is not finite from any start");
  }
  return call.best;
}

}  // namespace ensue::classic
