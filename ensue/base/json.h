// SPDX-License-Identifier: Apache-2.0
// JSON values; the only door to Boost.JSON.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace ensue {

using Json = boost::json::value;
using JsonObject = boost::json::object;  // keeps insertion order
using JsonArray = boost::json::array;

/// Parses a whole document. Throws Error(kCorrupt) as "<where>:<byte>: reason".
Json parse_json(std::string_view text, std::string_view where);

/// One line, no spaces, keys in insertion order: the same value always gives
/// the same bytes.
std::string to_text(const Json& value);

/// One line for people and other programs: numbers with their shortest digits
/// (0.1, not 1E-1).
std::string to_plain_text(const Json& value);

/// The double with the shortest digits that read back to the same float: 0.1F
/// is 0.1, not 0.10000000149.
double shortest(float number) noexcept;

/// A text, number, boolean or list of them as TOML writes it on one line.
std::string to_toml_value(const Json& value);

/// Two spaces of indentation, for files that people read.
std::string to_pretty_text(const Json& value);

}  // namespace ensue
