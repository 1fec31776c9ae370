// SPDX-License-Identifier: Apache-2.0
// An effect as a function of what is expected with the treatment and without.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "ensue/events/table.h"
#include "ensue/runtime/table_model.h"

namespace ensue::runtime {

/// One model's margin, as the effect reads it: (margin - center) / scale, held
/// within kMostScore of 0.
struct EffectScore {
  std::shared_ptr<const TableModel> model;  // of one output
  double center = 0, scale = 1;

  double of(double margin) const noexcept;
};
inline constexpr double kMostScore = 4;

/// How many weights a quadratic of so many scores has: a bias, one for each
/// score, one for the product of each two, and for each square.
constexpr std::size_t quadratic_terms(std::size_t scores) {
  return 1 + scores + scores * (scores + 1) / 2;
}
/// Those terms of scores. @param out  [quadratic_terms(scores.size())].
void quadratic_terms(std::span<const double> scores, std::span<double> out);

/// A quadratic of scores: prognoses of the outcome in each arm, and of what
/// else came of it. Few numbers say most of what a row says of the effect, so
/// that few weights have to be learnt. Immutable, thread-safe.
class EffectScores {
 public:
  /// @pre at least one score, quadratic_terms(scores.size()) weights.
  EffectScores(std::vector<EffectScore> scores, std::vector<double> weights);

  const std::vector<EffectScore>& scores() const noexcept { return scores_; }
  const std::vector<double>& weights() const noexcept { return weights_; }

  /// A row each. @throws Error(kInvalidArgument) as TableModel::margins().
  std::vector<double> effects(const events::Table& rows) const;
  double effect(std::span<const double> scores) const;
  /// By each score, at those scores.
  std::vector<double> gradient(std::span<const double> scores) const;

 private:
  std::vector<EffectScore> scores_;
  std::vector<double> weights_;
};

}  // namespace ensue::runtime
