// SPDX-License-Identifier: Apache-2.0
// xgboost's own model file as our trees.
#pragma once

#include <cstddef>
#include <string_view>

#include "ensue/runtime/trees.h"

namespace ensue::classic {

/// Reads the JSON that xgboost 1.7 saves ("gbtree" booster). Nodes are
/// renumbered level by level. base is xgboost's base_score after the link of
/// its objective: binary:logistic its log-odds, count:poisson its logarithm.
/// @param rounds  of boosting that are kept, from the first; 0: all.
/// @throws Error(kCorrupt) when it is not what xgboost writes.
runtime::TreeTables read_xgboost(std::string_view json, std::size_t rounds = 0);

}  // namespace ensue::classic
