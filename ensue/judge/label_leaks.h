// SPDX-License-Identifier: Apache-2.0
// Features that give the label away.
#pragma once

#include <span>
#include <vector>

#include "ensue/events/table.h"
#include "ensue/judge/leaks.h"

namespace ensue::judge {

/// A feature that alone tells the label nearly always was most likely made from
/// events behind the instant. "label-in-feature" for each column of `features`
/// for which one of these holds, a missing number counting as one below all
/// others:
///   two labels    of two rows with different labels, the column puts 99.5 % in
///                 the same order (or 99.5 % in the opposite one)
///   other numbers rank correlation of at least .995 either way, with at least
///                 three distinct labels
///   text          knowing the cell, the commonest label is right in 99.5 %,
///   with
///                 at least 10 rows to a cell on average and no label in more
///                 than 90 % of the rows
/// Under 20 rows, or 5 of the rarer of two labels, nothing is said.
/// @param labels  [rows]; of classes: their numbers, one class against the
///   rest, where `classes` says so.
std::vector<Leak> find_label_leaks(const events::Table& features,
                                   std::span<const double> labels,
                                   bool classes = false);

}  // namespace ensue::judge
