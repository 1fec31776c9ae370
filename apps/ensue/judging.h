// SPDX-License-Identifier: Apache-2.0
// The section [judge] of the settings, and evaluations as JSON and as tables.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ensue/base/json.h"
#include "ensue/judge/evaluate.h"

namespace ensue::apps {

/// [judge]
struct JudgeSettings {
  std::vector<int> ks = {10};
  std::string ties = "pessimistic";
  int bootstrap = 1000;
  int seed = 1;
  std::vector<std::string> target_actions;
  void visit(auto&& field) {
    field("ks", ks, "list lengths, such as 5,10,20");
    field("ties", ties, "a tied target ranks: pessimistic, optimistic, mean");
    field("bootstrap", bootstrap, "resamples behind an interval");
    field("seed", seed, "seed of the resamples");
    field("target_actions", target_actions,
          "ask for events of these actions alone; none: as trained");
  }

  /// @throws Error(kInvalidArgument) "[judge].ties: …".
  judge::EvaluateOptions options() const;
};

/// "pessimistic: a tied target ranks last among its ties".
std::string describe_ties(const std::string& ties);

/// {"model", "users", …, "metrics": {name: {"mean", "low", "high"}},
///  "per_query", "totals", "slices"}; per-user values are left out.
JsonObject to_json(const judge::Evaluation& evaluation);
JsonObject to_json(const judge::Comparison& comparison);

/// A table of one row per evaluation and one column per metric. The first
/// column carries its interval: "0.1860 [0.1822, 0.1901]".
std::string evaluation_table(std::span<const judge::Evaluation> evaluations,
                             const std::vector<std::string>& metrics);

/// The metrics that tables show: ndcg, recall, hit and mrr at the smallest k
/// that was measured, log-loss, coverage.
std::vector<std::string> shown_metrics(const judge::Evaluation& evaluation);

}  // namespace ensue::apps
