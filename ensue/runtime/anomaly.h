// SPDX-License-Identifier: Apache-2.0
// Which customers do not behave like customers: bots, fraud, broken tracking.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/runtime/behaviour.h"
#include "ensue/runtime/event_surprise.h"

namespace ensue::runtime {

/// One number of a customer against what is usual for somebody with about as
/// many events.
struct Oddity {
  std::size_t column = 0;
  double value = 0;
  double low = 0, usual = 0, high = 0;  // 10 %, 50 % and 90 % of customers
  double deviations = 0;  // from `usual`, in robust standard deviations
};

struct AnomalyAnswer {
  double oddness = 0;  // root of the mean squared deviations; ranks customers
  /// Share of customers, of those the model was calibrated on, that are less
  /// odd than this one: .999 is what one in a thousand reaches by nature.
  double score = 0;
  std::vector<Oddity> reasons;  // the furthest first; unknown numbers left out
};

/// Compares the behaviour (behaviour.h) and the mean surprise of a customer's
/// events (event_surprise.h) with those of everybody. Deviations are measured
/// from the median in units of the distance to the 10 % or 90 % quantile,
/// within classes of customers by their number of events, as a share of few
/// events strays further; they count up to kMostDeviations.
///
/// Tensors: action_rates, gap_rates, item_rates F64 (EventRates);
/// column_quantiles F64 [classes, columns, 3]; class_from F64 [classes]: least
/// events; tail F64: oddness at rising quantiles of the customers for
/// calibration. Immutable, thread-safe.
class Anomaly {
 public:
  static constexpr double kMostDeviations = 12;

  /// @throws what Artifact::load throws, Error(kCorrupt).
  static std::shared_ptr<const Anomaly> load(const std::string& path);
  explicit Anomaly(std::shared_ptr<const artifact::Artifact> artifact);
  ~Anomaly();

  const artifact::Artifact& artifact() const noexcept;
  /// What is compared, by name.
  const std::vector<std::string>& columns() const noexcept;

  /// @param history  in the artifact's ids, no event after `now`.
  AnomalyAnswer judge(const events::History& history, events::Millis now) const;
  /// The same for a row of numbers [columns()] of somebody with so many events.
  AnomalyAnswer judge(std::span<const double> row, double events) const;

  std::vector<EventSurprise> surprises(const events::History& history) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

/// The columns that are compared: those of `behaviour` that do not only tell
/// how long or how much, then kSurprises.
std::vector<std::string> anomaly_columns(const Behaviour& behaviour);

/// Their values, [anomaly_columns()].
std::vector<double> anomaly_row(const Behaviour& behaviour,
                                const EventRates& rates,
                                const events::History& history,
                                events::Millis now);

/// Oddness of a row against `quantiles` [columns, 3]; fills `reasons` if any.
double oddness_of(std::span<const double> row,
                  std::span<const double> quantiles,
                  std::vector<Oddity>* reasons);

}  // namespace ensue::runtime
