// SPDX-License-Identifier: Apache-2.0
// Label tables: any question about users at instants, with its known answers.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "ensue/data/features.h"
#include "ensue/data/label_values.h"
#include "ensue/events/log.h"

namespace ensue::data {

/// [task]
struct LabelOptions {
  std::string label = {};  // a file or a SELECT with columns user, time, label
  std::string kind = "auto";
  void visit(auto&& field) {
    field("label", label,
          "a file, or a SELECT over events, items and users, with columns "
          "user, time, label");
    field("kind", kind, "auto, binary, class, number or count");
  }
};

/// Who was asked about when, and what is true. What may be known of a user at
/// the time are the events strictly before it.
struct LabelTable {
  LabelKind kind = LabelKind::kBinary;
  std::string source;  // for messages: the file, or "label"
  std::vector<AsOf> pairs;
  std::vector<double> values;        // of a class: its place in `classes`
  std::vector<std::string> classes;  // of kClass, sorted; else empty

  std::size_t size() const noexcept { return pairs.size(); }
  LabelValues labels() const;
  /// The rows at these places, in this order.
  LabelTable rows(std::span<const std::size_t> places) const;
};

/// Reads and checks a label table of a dataset. In a SELECT, `events` has user,
/// item, action, time, value and the context columns, `items` and `users` a
/// name and what is known of it. "auto" takes 0 and 1, true and false, yes and
/// no for binary, other numbers for numbers, other text for classes. Times are
/// read as those of a log are.
/// @throws Error, one line with the row (from 1, without the header):
///   kNotFound (file), kInvalidArgument for missing columns, a label of another
///   kind, an unknown user, a time outside of the log, a user with no event
///   before the time, a user and time that stand twice, or when all labels are
///   equal.
LabelTable read_labels(const std::filesystem::path& dataset,
                       const events::Log& log, const LabelOptions& options);

/// Reads a file with columns user and time, and checks it likewise; the same
/// user and time may stand there more than once.
std::vector<AsOf> read_pairs(const events::Log& log, const std::string& file);

/// @throws Error(kInvalidArgument) naming a class of `judged` that no row of
///   `train` has, and when all labels of `train` are equal.
void check_seen(const LabelTable& train, const LabelTable& judged);

}  // namespace ensue::data
