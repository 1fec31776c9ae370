// SPDX-License-Identifier: Apache-2.0
// From a table whose rows are no events to a judged model of one column.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ensue/classic/table_contest.h"
#include "ensue/events/table.h"
#include "ensue/judge/leaks.h"
#include "ensue/judge/row_split.h"

namespace ensue::train {

/// [task] of a table.
struct RowTaskOptions {
  std::string name = "label";
  std::string table = {};   // file or SELECT
  std::string target = {};  // the column that is asked for
  std::string kind = "auto";
  std::string order = {};
  std::vector<std::string> drop = {};
  std::string auxiliary = {};
  std::uint64_t split_seed = 1;
  void visit(auto&& field) {
    field("name", name, "the question's name: small letters, digits, _ and -");
    field("table", table, "a file, or a SELECT, whose rows are no events");
    field("target", target, "of a table: the column that is asked for");
    field("kind", kind, "auto, binary, class, number or count");
    field("order", order,
          "of a table: column of times or numbers, the last rows judge; empty: "
          "drawn");
    field("drop", drop, "of a table: columns that are not read");
    field("auxiliary", auxiliary,
          "of a table: column of numbers that is known when training alone; "
          "models learn it too");
    field("split_seed", split_seed, "of a table: seed of the draw");
  }
};

struct RowTaskInput {
  const events::Table& rows;
  RowTaskOptions asked;
  judge::ShareOptions shares = {};
  classic::ContestOptions contest = {};
};

struct RowTaskResult {
  classic::ContestResult contest;
  classic::JudgedTable constant;  // the same answer for every row
  judge::RowSplit split;
  std::vector<judge::Leak> leaks = {};
};

/// Cuts the rows, fits what the contest asks for on the first part, and makes
/// the draft of a tasks::RowModel.
/// @throws Error(kInvalidArgument), one line that names the table: a column
///   that is not there, a label that is missing or of another kind, labels that
///   are all equal, a class that no row to learn from has, an auxiliary column
///   that holds text or misses numbers.
RowTaskResult fit_rows(const RowTaskInput& input);

/// @throws Error(kInvalidArgument) unless it is a word of a-z, 0-9, _ and -.
void check_task_name(const std::string& name);

}  // namespace ensue::train
