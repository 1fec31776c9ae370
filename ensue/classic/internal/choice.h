// SPDX-License-Identifier: Apache-2.0
// The weights that make what was chosen likely among what was offered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ensue::classic {

/// Questions laid end to end: the options of question q are the rows
/// [offsets[q], offsets[q + 1]), each of `width` numbers.
struct Choices {
  std::size_t width = 0;
  std::vector<double> rows;
  std::vector<std::size_t> offsets = {0};
  std::vector<std::size_t> chosen;  // [questions]: place among its options

  std::size_t size() const noexcept { return chosen.size(); }
};

/// Conditional logit (McFadden 1974): w that maximises
///   sum over q of (w x_chosen - log sum over options exp(w x))
///     - ridge / 2 |w|^2
/// by Newton steps, halved until they climb. Columns whose `used` byte is 0
/// keep the weight 0. O(rows * width^2) a step; does not depend on threads.
std::vector<double> fit_choice(const Choices& choices,
                               std::span<const std::uint8_t> used,
                               double ridge);

/// Mean of log P(chosen) over the questions.
double choice_log_likelihood(const Choices& choices,
                             std::span<const double> weights);

}  // namespace ensue::classic
