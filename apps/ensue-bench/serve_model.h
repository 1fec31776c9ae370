// SPDX-License-Identifier: Apache-2.0
// What the benchmarks of answering share: a model that was never trained, users
// who were never there, and the clock.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/events/history.h"
#include "ensue/runtime/engine.h"

namespace ensue::apps {

/// SASRec of width 64, 2 layers, 2 heads, hidden 64.
struct ServeShape {
  std::size_t items = 10'000;
  int window = 50;
  /// False: item vectors of equal length, among which nothing can be skipped.
  /// True: their length falls with the item's rank, as popular items' do.
  bool by_rank = false;
};

std::shared_ptr<const runtime::Engine> serve_engine(const ServeShape& shape);
/// The same, to be written to a file.
artifact::Draft serve_draft(const ServeShape& shape);

/// A history of random items.
class RandomHistory {
 public:
  RandomHistory(std::size_t events, std::size_t items, Rng& rng);
  events::History view() const { return {items_, actions_, times_, values_}; }

 private:
  std::vector<events::ItemId> items_;
  std::vector<events::ActionId> actions_;
  std::vector<events::Millis> times_;
  std::vector<float> values_;
};

/// Milliseconds of a call: half and 99 of 100 are below.
struct Latency {
  double p50 = 0, p99 = 0;
};

/// Of `body`, called for about `seconds` after a tenth of that unmeasured.
Latency latency(double seconds, const std::function<void()>& body);

/// 10'000 as "10k".
std::string short_count(std::size_t count);

}  // namespace ensue::apps
