// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "ensue/base/error.h"
#include "ensue/classic/internal/digamma.h"
#include "ensue/classic/internal/maximise.h"
#include "ensue/classic/purchases.h"

namespace ensue::classic {
namespace {

using artifact::BgNbd, events::PurchaseSummary;

constexpr double kBound = 12;  // of the logarithms

// log(e^a + e^b) and the share of e^a in it.
struct Sum {
  double log, first;
};
Sum add_logs(double a, double b) {
  const double top = std::max(a, b), low = std::min(a, b);
  const double rest = std::exp(low - top);
  const double of_top = 1 / (1 + rest);
  return {top + std::log1p(rest), a >= b ? of_top : 1 - of_top};
}

// What does not depend on the customer.
struct Common {
  BgNbd m;
  double log_alpha, log_a, gamma_r, gamma_b, gamma_ab;
  double psi_r, psi_b, psi_ab;

  explicit Common(const BgNbd& model)
      : m(model),
        log_alpha(std::log(model.alpha)),
        log_a(std::log(model.a)),
        gamma_r(std::lgamma(model.r)),
        gamma_b(std::lgamma(model.b)),
        gamma_ab(std::lgamma(model.a + model.b)),
        psi_r(digamma(model.r)),
        psi_b(digamma(model.b)),
        psi_ab(digamma(model.a + model.b)) {}
};

struct Slopes {
  double r = 0, alpha = 0, a = 0, b = 0;
};

// log Gamma(r + x) / Gamma(r) alpha^r B(a, b + x) / B(a, b)
//   (e^still + e^stopped), the customer being there still or stopped at its
// last purchase.
double of_customer(const Common& k, const PurchaseSummary& c, bool slopes,
                   Slopes& out) {
  const BgNbd& m = k.m;
  const double shape = m.r + c.repeats, all = m.a + m.b + c.repeats;
  const double log_age = std::log(m.alpha + c.age);
  const double still = -shape * log_age;
  Sum sum = {still, 1};
  double log_recency = 0, before = 1;
  if (c.repeats > 0) {
    log_recency = std::log(m.alpha + c.recency);
    before = m.b + c.repeats - 1;
    sum = add_logs(still, k.log_a - std::log(before) - shape * log_recency);
  }
  const double gone = 1 - sum.first;
  if (slopes) {
    const double psi_all = digamma(all);
    out.r += digamma(shape) - k.psi_r + k.log_alpha - sum.first * log_age -
             gone * log_recency;
    out.alpha += m.r / m.alpha - sum.first * shape / (m.alpha + c.age) -
                 gone * shape / (m.alpha + c.recency);
    out.a += k.psi_ab - psi_all + gone / m.a;
    out.b +=
        digamma(m.b + c.repeats) - k.psi_b + k.psi_ab - psi_all - gone / before;
  }
  return std::lgamma(shape) - k.gamma_r + m.r * k.log_alpha +
         std::lgamma(m.b + c.repeats) - k.gamma_b + k.gamma_ab -
         std::lgamma(all) + sum.log;
}

void check(std::span<const PurchaseSummary> customers) {
  if (customers.empty()) invalid("purchases: no customer has bought anything");
  bool repeats = false;
  for (std::size_t i = 0; i < customers.size(); ++i) {
    const PurchaseSummary& c = customers[i];
    repeats = repeats || c.repeats > 0;
    if (c.repeats >= 0 && c.recency >= 0 && c.recency <= c.age &&
        std::isfinite(c.age) && (c.repeats > 0 || c.recency == 0)) {
      continue;
    }
    invalid("purchases: customer " + std::to_string(i) + " has " +
            std::to_string(c.repeats) + " repeats until " +
            std::to_string(c.recency) + " at age " + std::to_string(c.age));
  }
  if (!repeats) invalid("purchases: no customer has bought twice");
}

BgNbd of_logs(std::span<const double> x) {
  return {std::exp(x[0]), std::exp(x[1]), std::exp(x[2]), std::exp(x[3])};
}

}  // namespace

double log_likelihood(const BgNbd& model,
                      std::span<const PurchaseSummary> customers,
                      std::array<double, 4>* gradient) {
  const Common common(model);
  Slopes slopes;
  double sum = 0;
  for (const PurchaseSummary& customer : customers) {
    sum += of_customer(common, customer, gradient != nullptr, slopes);
  }
  if (gradient != nullptr) {
    *gradient = {slopes.r * model.r, slopes.alpha * model.alpha,
                 slopes.a * model.a, slopes.b * model.b};
  }
  return sum;
}

BgNbdFit fit_bg_nbd(std::span<const PurchaseSummary> customers) {
  check(customers);
  double age = 0;
  for (const PurchaseSummary& c : customers) age += c.age;
  const double scale =
      std::log(std::max(1e-3, age / static_cast<double>(customers.size())));
  const Objective objective = [&](std::span<const double> x,
                                  std::span<double> slope) {
    std::array<double, 4> gradient{};
    const double value = log_likelihood(of_logs(x), customers, &gradient);
    std::copy(gradient.begin(), gradient.end(), slope.begin());
    return value;
  };
  const auto best = maximise(objective,
                             {{0, scale, 0, 0},
                              {-1, scale - 2, 0, 1},
                              {1, scale + 1, -2, 2},
                              {-2, scale - 3, 1, 3}},
                             kBound);
  return {of_logs(best.place), best.value};
}

}  // namespace ensue::classic
