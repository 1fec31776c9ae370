// SPDX-License-Identifier: Apache-2.0
// [missing] applied to the kept events of a log.
#pragma once

#include <string>
#include <vector>

#include "ensue/data/internal/source.h"
#include "ensue/data/internal/tables.h"
#include "ensue/data/missing.h"

namespace ensue::data {

/// Gives the text columns of `raw` that hold nothing but numbers (and words
/// for missing) the type DOUBLE; codes such as 00123 stay text.
void type_context(Connection& database, const Source& source);

/// Fills `value` in the rows themselves, context columns beside them. Rules
/// with Fill::kDrop
/// were applied while reading. The table kept_events() must be there.
/// @throws Error(kInvalidArgument) naming a column that is not there or holds
///   no numbers.
FilledColumns fill_missing(Connection& database, const Source& source,
                           const std::vector<MissingRule>& rules,
                           Reading& reading, const Arranged& arranged,
                           const FinalIds& ids);

}  // namespace ensue::data
