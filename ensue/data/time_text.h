// SPDX-License-Identifier: Apache-2.0
// Times as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ensue::data {

/// ISO 8601 (2024-04-03, 2024-04-03T10:00:00.5+08:00, / and . as separators)
/// to milliseconds since 1970 UTC; nullopt otherwise. Without a zone: UTC.
std::optional<std::int64_t> read_iso(std::string_view text);

/// Milliseconds since 1970 UTC as "2024-04-03 10:00:00".
std::string time_text(std::int64_t millis);

}  // namespace ensue::data
