// SPDX-License-Identifier: Apache-2.0
// Which customers do not fit, in words.
#pragma once

#include <cstddef>
#include <string>

#include "ensue/runtime/anomaly.h"

namespace ensue::tasks {

/// "gap_seconds 2 is low (usually 21, most 14 to 33)": the `most` largest
/// deviations of at least 2; "nothing sticks out" when there is none.
std::string reasons_text(const runtime::Anomaly& model,
                         const runtime::AnomalyAnswer& answer,
                         std::size_t most = 3);

}  // namespace ensue::tasks
