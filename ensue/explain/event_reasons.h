// SPDX-License-Identifier: Apache-2.0
// Which past events moved any number that is said of a history, and whether
// such reasons can be trusted.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/events/history.h"

namespace ensue::explain {

/// What a model says of a history; must be a function of it alone.
using HistoryScore = std::function<double(const events::History&)>;

struct EventReason {
  std::size_t event = 0;   // place in the history
  double moved = 0;        // score of all events - score without this one
  std::size_t events = 1;  // taken together, from `event` on
};

/// Exact leave-one-out of the latest `max_events` events, strongest first, of
/// equally strong ones the later first. Costs as many scores and one.
/// A model of items has its own, which shares work: leave_one_out.h.
std::vector<EventReason> leave_events_out(const HistoryScore& score,
                                          const events::History& history,
                                          std::size_t max_events = 200);

/// The same, events of one instant taken together: a basket stands for a visit
/// that each of its events alone does not. Costs a score per instant.
std::vector<EventReason> leave_instants_out(const HistoryScore& score,
                                            const events::History& history,
                                            std::size_t max_events = 200);

/// Reasons are faithful when taking the events that they name first moves the
/// score more than taking as many at random (deletion check; DeYoung et al.
/// 2020, arXiv:1911.03429: comprehensiveness).
struct Faithfulness {
  std::size_t histories = 0;
  double top = 0, random = 0;  // mean |score moved|
  /// top / random; infinite where random ones move nothing.
  double ratio() const noexcept;
};

/// Collects it over histories.
class FaithfulnessCheck {
 public:
  /// @param taken  events that are taken at once, at least 1.
  /// @param draws  random sets per history, averaged.
  explicit FaithfulnessCheck(std::size_t taken = 3, std::size_t draws = 10,
                             std::uint64_t seed = 1)
      : taken_(taken), draws_(draws), rng_(seed) {}

  /// Histories of at most `taken` events say nothing and are passed over.
  /// @param reasons  of leave_events_out() on this history and score, or
  ///   anything that ranks its events: the first ones are taken.
  void add(const HistoryScore& score, const events::History& history,
           const std::vector<EventReason>& reasons);
  Faithfulness result() const noexcept;

 private:
  std::size_t taken_, draws_;
  Rng rng_;
  std::size_t histories_ = 0;
  double top_ = 0, random_ = 0;
};

}  // namespace ensue::explain
