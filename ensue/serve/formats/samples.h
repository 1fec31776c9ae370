// SPDX-License-Identifier: Apache-2.0
// Bodies of every format, and what must hold whatever a body says: for tests
// that mutate them and for the fuzzers.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ensue::serve {

/// Well-formed bodies of a format, each field of it at least once.
std::span<const std::string_view> samples(std::string_view format);

/// Pieces that break things, to be spliced into bodies.
std::span<const std::string_view> nasty_pieces();

/// Parses and checks: an Incoming keeps the rules of format.h and an Error is
/// one short line of UTF-8. What is broken; "": nothing.
std::string broken_rule(std::string_view format, std::string_view body);

}  // namespace ensue::serve
