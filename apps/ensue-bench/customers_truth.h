// SPDX-License-Identifier: Apache-2.0
// Who comes back and whom the campaign changes in a simulated shop, against
// the best possible answers.
#pragma once

#include <cstdint>

#include "ensue/simulate/shop.h"

namespace ensue::apps {

struct ChurnFigures {
  double auc = 0, best_auc = 0, recency_auc = 0;
  std::size_t customers = 0;
};
/// Who does something in the last 45 days of the log? Boosted trees on the
/// behaviour before, learnt at earlier cuts, whose answers lie before the
/// test's cut; `best` is Bayes' rule.
ChurnFigures judge_churn(const simulate::Shop& shop);

struct UpliftFigures {
  double height = 0, best_height = 0;  // of the curve of true effects
  std::size_t customers = 0;
};
/// Whom does the campaign change? Learnt from half of the customers in it,
/// asked of the others; heights are over random addressing, per customer, by
/// the true effects; `best` orders by their mean given the log.
UpliftFigures judge_uplift(const simulate::Shop& shop);

}  // namespace ensue::apps
