// SPDX-License-Identifier: Apache-2.0
// Learning how columns of an item table become features.
#pragma once

#include "ensue/artifact/block_configs.h"
#include "ensue/events/table.h"
#include "ensue/runtime/item_encoder.h"

namespace ensue::train {

/// Values, pieces of words, means and deviations of the rows of `table`. A
/// column without a kind gets one from its cells: numbers are numbers; text is
/// a vector where every cell holds equally many numbers (two or more), a
/// category where a value stands in four rows or more on average, else text.
/// @throws Error(kInvalidArgument) for a column that the table lacks, has no
///   cell, or does not hold what its kind wants.
runtime::ItemEncoder fit_item_encoder(
    const events::Table& table, const artifact::ItemContentConfig& config);

}  // namespace ensue::train
