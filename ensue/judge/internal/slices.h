// SPDX-License-Identifier: Apache-2.0
// The same metrics for parts of the questions.
#pragma once

#include <vector>

#include "ensue/judge/internal/answers.h"
#include "ensue/metrics/catalog.h"

namespace ensue::judge {

/// A metric of single questions with its list length, ready to compute.
struct Measure {
  const metrics::MetricEntry* metric;
  int k;
  std::string label;
};

/// What training knows of items, by log item.
struct TrainCounts {
  TrainCounts(const events::Log& log, const Split& split);
  std::vector<std::uint64_t> events;  // [items]
  std::vector<std::uint32_t> users;   // [items]: users with the item
  std::size_t all_users = 0;          // users with training events
};

/// Every slice that has a question, by history, popularity, action.
std::vector<Evaluation::Slice> slice(const events::Log& log,
                                     const TrainCounts& counts,
                                     const Questions& questions,
                                     const Answers& answers,
                                     const std::vector<Measure>& measures);

}  // namespace ensue::judge
