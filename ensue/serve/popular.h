// SPDX-License-Identifier: Apache-2.0
// What is met most often lately.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "ensue/serve/ask.h"
#include "ensue/store/event.h"

namespace ensue::serve {

/// Counts events per item, each fading to half in kHalfLifeDays. Remembers at
/// most kItems of them; beyond that those with the least leave, a tenth at a
/// time. A start fills it again from the store. Thread-safe.
class Popular final : public Popularity {
 public:
  static constexpr double kHalfLifeDays = 7;
  static constexpr std::size_t kItems = 2'000'000;

  void add(const store::Event& event);
  double count(std::string_view item) const override;

  struct Item {
    std::string name;
    double score = 0;          // events, faded to the latest event's time
    events::Millis latest{0};  // when it was met last
    events::Millis first{0};   // and first
  };
  /// The `n` with the highest score (or, `by_first`, met first most recently),
  /// ties by name.
  std::vector<Item> top(std::size_t n, bool by_first = false) const;

 private:
  struct Count {
    double sum = 0;  // faded to `latest`
    events::Millis latest{0}, first{0};
  };
  double faded(const Count& count) const;
  void forget_least();

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Count> counts_;
  events::Millis now_{0};  // of the latest event
};

}  // namespace ensue::serve
