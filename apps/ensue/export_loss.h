// SPDX-License-Identifier: Apache-2.0
// What rounding a model's weights costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ensue/base/progress.h"
#include "ensue/judge/evaluate.h"
#include "ensue/runtime/engine.h"

namespace ensue::apps {

/// How often two engines of the same items show the same.
struct ListsKept {
  std::size_t histories = 0;
  std::size_t k = 0;        // items of a list
  metrics::Interval share;  // of a list that stands in the other, too
  double first = 0;         // share of histories whose first item does
};

/// Over random histories: 1 to 50 events, items and actions drawn evenly, up to
/// a day between two. The same figures for the same seed, whatever the threads.
/// @pre both engines score the same items.
ListsKept lists_kept(const runtime::Engine& before,
                     const runtime::Engine& after, std::size_t histories,
                     std::size_t k, std::uint64_t seed);

/// Two engines judged on the same questions of a log.
struct JudgedLoss {
  judge::Evaluation before, after;
  struct Row {
    std::string metric;
    judge::Comparison after_minus_before;
  };
  std::vector<Row> rows;  // ndcg@10, hit@10
};
JudgedLoss judged_loss(std::shared_ptr<const runtime::Engine> before,
                       std::shared_ptr<const runtime::Engine> after,
                       const events::Log& log, const judge::Split& split,
                       judge::EvaluateOptions options,
                       const ProgressFn& progress = {});

}  // namespace ensue::apps
