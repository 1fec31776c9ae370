// SPDX-License-Identifier: Apache-2.0
// What people typed: the column of texts of a dataset.
#pragma once

#include "ensue/data/dataset.h"
#include "ensue/events/log.h"

namespace ensue::data {

/// The dataset's log, with the texts of its events (queries, reviews) as one
/// more column of context, "text"; the log as it is when it has no texts.
/// @throws Error(kCorrupt) when texts and log are not of one dataset.
events::Log log_with_texts(const Dataset& dataset);

}  // namespace ensue::data
