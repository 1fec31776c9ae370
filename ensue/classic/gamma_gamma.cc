// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "ensue/classic/internal/digamma.h"
#include "ensue/classic/internal/maximise.h"
#include "ensue/classic/purchases.h"

namespace ensue::classic {
namespace {

using artifact::GammaGamma, events::PurchaseSummary;

constexpr double kBound = 12;  // of the logarithms

GammaGamma of_logs(std::span<const double> x) {
  return {std::exp(x[0]), std::exp(x[1]), std::exp(x[2])};
}

bool counts(const PurchaseSummary& c) { return c.repeats > 0 && c.spend > 0; }

}  // namespace

double log_likelihood(const GammaGamma& m,
                      std::span<const PurchaseSummary> customers,
                      std::array<double, 3>* gradient) {
  const double log_gamma_q = std::lgamma(m.q), psi_q = digamma(m.q);
  const double log_scale = std::log(m.gamma);
  double sum = 0, by_p = 0, by_q = 0, by_gamma = 0;
  for (const PurchaseSummary& c : customers) {
    if (!counts(c)) continue;
    const double shape = m.p * c.repeats, total = c.repeats * c.spend;
    const double log_sum = std::log(m.gamma + total);
    sum += std::lgamma(shape + m.q) - std::lgamma(shape) - log_gamma_q +
           m.q * log_scale + shape * std::log(total) - std::log(c.spend) -
           (shape + m.q) * log_sum;
    if (gradient == nullptr) continue;
    const double psi_both = digamma(shape + m.q);
    by_p += c.repeats * (psi_both - digamma(shape) + std::log(total) - log_sum);
    by_q += psi_both - psi_q + log_scale - log_sum;
    by_gamma += m.q / m.gamma - (shape + m.q) / (m.gamma + total);
  }
  if (gradient != nullptr) {
    *gradient = {by_p * m.p, by_q * m.q, by_gamma * m.gamma};
  }
  return sum;
}

GammaGammaFit fit_gamma_gamma(std::span<const PurchaseSummary> customers) {
  GammaGammaFit out;
  double sum = 0, least = 0, most = 0;
  for (const PurchaseSummary& c : customers) {
    if (!counts(c)) continue;
    least = out.customers == 0 ? c.spend : std::min(least, c.spend);
    most = std::max(most, c.spend);
    sum += c.spend;
    ++out.customers;
  }
  if (out.customers < 2 || least == most) return out;
  const double scale = std::log(sum / static_cast<double>(out.customers));
  const Objective objective = [&](std::span<const double> x,
                                  std::span<double> slope) {
    std::array<double, 3> gradient{};
    const double value = log_likelihood(of_logs(x), customers, &gradient);
    std::copy(gradient.begin(), gradient.end(), slope.begin());
    return value;
  };
  const auto best = maximise(objective,
                             {{1, 1, scale},
                              {2, 1, scale - 1},
                              {0, 2, scale + 1},
                              {3, 0.5, scale - 2}},
                             kBound);
  out.model = of_logs(best.place);
  out.log_likelihood = best.value;
  return out;
}

}  // namespace ensue::classic
