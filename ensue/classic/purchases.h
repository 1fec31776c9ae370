// SPDX-License-Identifier: Apache-2.0
// Fits how often and for how much customers buy, from their purchases alone.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/purchases.h"
#include "ensue/events/log.h"
#include "ensue/events/purchases.h"

namespace ensue::classic {

/// Sum over customers of log P(repeats, recency | model), the likelihood of
/// one sequence of purchases, eq. 6 of Fader, Hardie & Lee 2005. O(customers).
/// @param gradient  by log r, log alpha, log a, log b; or null.
double log_likelihood(const artifact::BgNbd& model,
                      std::span<const events::PurchaseSummary> customers,
                      std::array<double, 4>* gradient = nullptr);

/// Sum over customers with repeats that have a value of log f(spend | repeats,
/// model), eq. 1 of Fader & Hardie 2013, "The Gamma-Gamma Model of Monetary
/// Value".
/// @param gradient  by log p, log q, log gamma; or null.
double log_likelihood(const artifact::GammaGamma& model,
                      std::span<const events::PurchaseSummary> customers,
                      std::array<double, 3>* gradient = nullptr);

struct BgNbdFit {
  artifact::BgNbd model;
  double log_likelihood = 0;
};
struct GammaGammaFit {
  artifact::GammaGamma model;
  double log_likelihood = 0;
  std::size_t customers = 0;  // with repeats that have a value
};

/// Maximum likelihood by L-BFGS on the logarithms of the parameters, the best
/// of several starts; parameters stay within e^-12 … e^12. Deterministic.
/// @throws Error(kInvalidArgument) for no customers, a summary that cannot be
///   (recency beyond age, …), or when nobody buys twice.
BgNbdFit fit_bg_nbd(std::span<const events::PurchaseSummary> customers);

/// The same; `model` is not fitted when fewer than two customers qualify or
/// all spend the same.
GammaGammaFit fit_gamma_gamma(
    std::span<const events::PurchaseSummary> customers);

struct PurchaseOptions {
  std::string action;  // the purchases' action; "": every event
  events::PurchaseUnits units = {};
};

/// Summaries of all customers with a purchase before `now`, by user.
/// @throws Error(kInvalidArgument) for an action that the log does not have,
///   or a log without a clock.
std::vector<events::PurchaseSummary> summarise_customers(
    const events::Log& log, events::Millis now,
    const PurchaseOptions& options = {});

/// The model with the head `purchases`, fitted on what was known at `until`.
artifact::Draft fit_purchases(const events::Log& log, events::Millis until,
                              const PurchaseOptions& options = {});

}  // namespace ensue::classic
