// SPDX-License-Identifier: Apache-2.0
// Documents about items as rows of a table.
#pragma once

#include <span>

#include "ensue/base/json.h"
#include "ensue/events/table.h"

namespace ensue::serve {

/// One row per document with the columns of `like` and their types; what a
/// document does not say, or says as another type, is missing. A list of texts
/// gives its first.
events::Table table_of(std::span<const JsonObject> documents,
                       const events::Table& like);

}  // namespace ensue::serve
