// SPDX-License-Identifier: Apache-2.0
// One member of a table model: what it learns, its columns, how it came to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ensue/classic/internal/member_fit.h"
#include "ensue/classic/table_fit.h"
#include "ensue/events/table.h"
#include "ensue/runtime/table_columns.h"

namespace ensue::classic {

/// What members learn besides of the auxiliary numbers of these rows: "number",
/// standardised, or of few values beside a yes or no whether there is more than
/// each but the last: "> 3", "> 4". None: no auxiliary numbers.
/// @throws Error(kInvalidArgument) for numbers that are all equal or not
///   finite.
std::vector<std::string> auxiliary_names(const TableLabels& train);

/// Labels that say so of the rows of `labels`; a mean and a deviation are those
/// of `train`. @param what  one of those names; "": the labels themselves.
TableLabels learnt_labels(const TableLabels& train, const TableLabels& labels,
                          std::string_view what);

/// The model of a member that nothing was fitted for.
inline constexpr std::string_view kGiven = "given";

/// How a member was fitted, as artifacts carry it: "trees 137", "bayes 0 > 3".
struct MemberOrigin {
  std::string model;  // the member's name: behind a ":" its rows' and columns'
  int length = 0;     // as Fitted::length
  std::string learns = {};  // as learnt_labels()

  std::string text() const;
  /// @throws Error(kInvalidArgument) for anything else.
  static MemberOrigin parse(std::string_view text);
};

/// A member with its columns.
struct Part {
  runtime::TableColumns columns;
  Fitted fitted;

  /// [rows, outputs] @param outputs  of the label.
  std::vector<double> margins(const events::Table& rows,
                              std::size_t outputs) const;
};

/// Fits one member of TableFitOptions::model. Held-back rows decide how long;
/// none: `length` does (0: as long as the options say).
/// @throws Error(kInvalidArgument) for an unknown model.
Part fit_part(const std::string& model, const events::Table& train,
              const TableLabels& labels, const events::Table& held,
              const TableLabels& held_labels, int length,
              const TableFitOptions& options);

}  // namespace ensue::classic
