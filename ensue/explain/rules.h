// SPDX-License-Identifier: Apache-2.0
// A small tree of rules that imitates any model of tables.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ensue/events/table.h"

namespace ensue::explain {

struct RuleOptions {
  int depth = 4;                  // at most; 16 rules
  std::size_t least_rows = 20;    // that a rule speaks for
  std::size_t most_values = 100;  // text columns with more are not used
};

/// A regression tree (CART, Breiman et al. 1984) of a model's answers on the
/// columns themselves: cuts of numbers, sets of values. A missing number goes
/// to the side that it is more like; a new value to the right.
class Rules {
 public:
  /// @param answers  of the model, a row each: one output of predict().
  /// @throws Error(kInvalidArgument) when rows and answers disagree, or there
  ///   are none, or depth is outside [1, 4].
  Rules(const events::Table& rows, std::span<const double> answers,
        const RuleOptions& options = {});

  /// @throws Error(kInvalidArgument) naming a column that is missing or of
  ///   another kind.
  std::vector<double> predict(const events::Table& rows) const;
  /// Share of the variance of `answers` that the rules reproduce, on rows that
  /// they were not made from: 1 is perfect, 0 no better than the mean (R2).
  double fidelity(const events::Table& rows,
                  std::span<const double> answers) const;
  /// How many rules there are.
  std::size_t size() const noexcept;
  /// Indented "if price < 3", "else", and "0.25 (120 rows)".
  std::string text() const;

 private:
  struct Node {
    std::string column;               // empty: a rule's end
    double cut = 0;                   // numbers below go left
    std::vector<std::string> values;  // these go left; sorted
    bool is_text = false, missing_left = false;
    double answer = 0;
    std::size_t rows = 0;
    std::size_t left = 0, right = 0;
  };
  friend class RuleMaker;
  bool goes_left(const Node& node, const events::Column& column,
                 std::size_t row) const;
  void write(std::size_t node, int depth, std::string& out) const;
  std::vector<Node> nodes_;  // the root first
};

}  // namespace ensue::explain
