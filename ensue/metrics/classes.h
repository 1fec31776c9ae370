// SPDX-License-Identifier: Apache-2.0
// Judging answers that name one of several classes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ensue::metrics {

// Classes are numbered from 0. All throw Error(kInvalidArgument) for no rows
// and for lengths that differ.

/// Share of the rows whose class was named.
double class_accuracy(std::span<const std::uint32_t> predicted,
                      std::span<const std::uint32_t> truth);

/// Mean over the classes that occur, as a prediction or as truth, of the
/// harmonic mean of precision and recall. O(n + classes). scikit-learn's
/// f1_score(average="macro").
double macro_f1(std::span<const std::uint32_t> predicted,
                std::span<const std::uint32_t> truth);

/// Mean -log p(true class) in nats; a row costs at most kWorstLoss.
/// @param probabilities  [rows, classes], each row summing to 1.
/// @throws Error(kInvalidArgument) also for a class beyond `classes` and for a
///   probability outside [0, 1].
double class_logloss(std::span<const double> probabilities, std::size_t classes,
                     std::span<const std::uint32_t> truth);

/// The most probable class of each row; of equal ones the first.
/// @throws Error(kInvalidArgument) when `classes` does not divide the size.
std::vector<std::uint32_t> most_probable(std::span<const double> probabilities,
                                         std::size_t classes);

}  // namespace ensue::metrics
