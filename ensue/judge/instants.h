// SPDX-License-Identifier: Apache-2.0
// Instants as people write them.
#pragma once

#include <string>
#include <string_view>

#include "ensue/events/ids.h"

namespace ensue::judge {

/// ISO 8601: "2025-01-31", "2025-01-31T10:30", "…T10:30:15.250", with Z,
/// +01:00 or nothing (UTC) at the end of a time; a space does for the T.
/// @throws Error(kInvalidArgument) naming `where` and the text.
events::Millis parse_instant(std::string_view text, std::string_view where);

/// "2025-01-31", with the time of day (UTC) unless that is midnight.
std::string show_instant(events::Millis time);

}  // namespace ensue::judge
