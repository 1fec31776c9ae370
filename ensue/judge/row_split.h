// SPDX-License-Identifier: Apache-2.0
// Parts of rows that are no log: to learn from, to choose by, to judge on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ensue/data/labels.h"
#include "ensue/events/table.h"

namespace ensue::judge {

struct ShareOptions {
  double validation_share = 0.15, test_share = 0.2;
  void visit(auto&& field) {
    field("validation_share", validation_share,
          "rows of a table that choose among models");
    field("test_share", test_share,
          "rows of a table that models are judged on");
  }
  /// @throws Error(kInvalidArgument) unless both are above 0 and leave half.
  void check() const;
};

/// Places of rows, rising.
struct RowSplit {
  std::vector<std::size_t> train, validation, test;
  std::string description;  // "by 'date': …", "at random, seed 1: …"
};

/// With `order`, a column of numbers or of ISO 8601 times: the last rows by it
/// judge, those before them choose, rows of one instant stay together. Without:
/// drawn, every class (also 0 and 1) by the same shares, a single row of a
/// class to learn from.
/// @param source  names the rows in errors.
/// @throws Error(kInvalidArgument) for a column that is not there or whose cell
///   is missing or no time, with its row; when a part would be empty.
RowSplit split_rows(const events::Table& rows, const data::LabelValues& labels,
                    const std::string& order, const std::string& source,
                    std::uint64_t seed, const ShareOptions& shares = {});

/// A label table cut by time. Of what is learnt from, every answer is known
/// (time + horizon) before the first row that chooses; of what chooses, before
/// the first that judges. Rows between are left out.
struct LabelSplit {
  data::LabelTable train, validation, test;
  events::Millis validation_from{0}, test_from{0};
  std::size_t between = 0;  // rows left out
};

/// @param horizon_ms  how long after its time a label becomes known, from 0.
/// @param known       when each label became known, in place of that; or empty.
/// @throws Error(kInvalidArgument) when a part would be empty.
LabelSplit split_labels(const data::LabelTable& all, std::int64_t horizon_ms,
                        const ShareOptions& shares = {},
                        const std::vector<events::Millis>& known = {});

}  // namespace ensue::judge
