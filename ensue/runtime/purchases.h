// SPDX-License-Identifier: Apache-2.0
// The head `purchases`: will this customer buy again, how often, for how much.
#pragma once

#include <memory>
#include <string>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/purchases.h"
#include "ensue/events/purchases.h"
#include "ensue/runtime/count_distribution.h"

namespace ensue::runtime {

// The equations, with customers in units of time as PurchaseSummary has them.
// None of them throws for a summary that can be: repeats and recency at least
// 0, recency at most the age, no recency without repeats.

/// P(the customer has not stopped); 1 without repeats. Fader, Hardie & Lee
/// 2008, "Computing P(alive) using the BG/NBD model".
double alive(const artifact::BgNbd& model,
             const events::PurchaseSummary& customer) noexcept;

/// Mean number of purchases in (age, age + horizon]. Eq. 10 of the paper,
/// transformed so that neither large counts nor a near 1 or below lose digits.
double expected_purchases(const artifact::BgNbd& model,
                          const events::PurchaseSummary& customer,
                          double horizon) noexcept;

/// The distribution of that number. Given alive, the customer is a new one of
/// BgNbd{r + repeats, alpha + age, a, b + repeats}: eq. 8 of the paper holds.
/// Ends where less than 1e-12 remains, or at 100,000.
CountDistribution purchase_counts(const artifact::BgNbd& model,
                                  const events::PurchaseSummary& customer,
                                  double horizon);

/// Mean value of the customer's next purchase; that of a new customer when it
/// has no repeats with a value. Infinite when q <= 1 and nothing is known.
double expected_spend(const artifact::GammaGamma& model,
                      const events::PurchaseSummary& customer) noexcept;

/// Answers from an artifact with the head `purchases`. Tensors: counts F64 [4]
/// (r, alpha, a, b), spend F64 [3] (p, q, gamma). Immutable, thread-safe.
class PurchaseModel {
 public:
  /// @throws what Artifact::load throws.
  static std::shared_ptr<const PurchaseModel> load(const std::string& path);
  /// @throws Error(kInvalidArgument) when the artifact is another model;
  ///   Error(kCorrupt) when a parameter is missing or out of range.
  explicit PurchaseModel(const artifact::Artifact& artifact);

  const artifact::BgNbd& counts() const noexcept { return counts_; }
  const artifact::GammaGamma& spend() const noexcept { return spend_; }
  /// What summaries must be made with.
  const events::PurchaseUnits& units() const noexcept { return units_; }
  /// The purchases' action; "": every event is one.
  const std::string& action() const noexcept { return action_; }

 private:
  artifact::BgNbd counts_;
  artifact::GammaGamma spend_;
  events::PurchaseUnits units_;
  std::string action_;
};

}  // namespace ensue::runtime
