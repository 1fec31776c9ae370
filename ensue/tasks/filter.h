// SPDX-License-Identifier: Apache-2.0
// Which items may be answered: exact conditions, not re-ranking.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/history.h"

namespace ensue::tasks {

/// One condition on a column of the item table: "category=Mugs",
/// "price<20", "title~christmas". Operators = != < <= > >=; numbers compare as
/// numbers; ~ asks whether a text has the word, whatever its (ASCII) case.
struct Condition {
  std::string column, op, value;

  /// @throws Error(kInvalidArgument) "'<text>', expected column=value".
  static Condition parse(std::string_view text);
};

/// What a condition asks of one cell of its column. The condition must outlive
/// it.
class ConditionTest {
 public:
  /// @param text  whether the column holds text.
  /// @throws Error(kInvalidArgument) when < or > meets text, and when the value
  ///   to compare numbers with is no number.
  ConditionTest(const Condition& condition, bool text);

  bool of(std::string_view cell) const;  // "": missing, fails
  bool of(double cell) const;            // NaN: missing, fails

 private:
  const Condition& condition_;
  double number_ = 0;
  std::string word_;
};

struct FilterOptions {
  bool exclude_seen = false;              // items of the history
  std::vector<std::string> exclude = {};  // item names
  std::vector<Condition> only = {};       // all must hold; missing cells fail
};

/// A byte per item of the artifact: may it be answered? Empty when everything
/// may. `history` is in the artifact's ids.
/// @throws Error(kNotFound) for a column or an excluded item that the artifact
///   does not know, listing the known columns; Error(kInvalidArgument) when
///   < or > meets a text column.
std::vector<std::uint8_t> allowed_items(const artifact::Artifact& artifact,
                                        const FilterOptions& options,
                                        const events::History& history);

}  // namespace ensue::tasks
