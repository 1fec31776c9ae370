// SPDX-License-Identifier: Apache-2.0
// Labels as people write them, read as numbers.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ensue::data {

enum class LabelKind { kBinary, kClass, kNumber, kCount };
std::string_view name_of(LabelKind kind);  // "binary", …

struct LabelValues {
  LabelKind kind = LabelKind::kBinary;
  std::vector<double> values;        // of a class: its place in `classes`
  std::vector<std::string> classes;  // of kClass, sorted; else empty

  /// A value as people write it: a class in quotes, or the number.
  std::string show(double value) const;
  /// The rows at these places, in this order.
  LabelValues rows(std::span<const std::size_t> places) const;
};

/// "auto" takes 0 and 1, true and false, yes and no for binary, other numbers
/// for numbers, other text for classes.
/// @param kind    auto, binary, class, number or count.
/// @param source  names the rows in errors.
/// @throws Error(kInvalidArgument) for another kind, and with the row (from 1)
///   for a label that is missing or no such label.
LabelValues read_label_values(std::span<const std::string> texts,
                              std::string_view kind, const std::string& source);

/// @param what  " labels", for the message.
/// @throws Error(kInvalidArgument) when all are equal.
void check_vary(const LabelValues& labels, const std::string& source,
                const std::string& what);

/// @throws Error(kInvalidArgument) naming a class of `judged` that no row of
///   `train` has, and when `train` has no rows or all its labels are equal.
void check_seen(const LabelValues& train, const LabelValues& judged,
                const std::string& source);

}  // namespace ensue::data
