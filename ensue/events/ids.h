// SPDX-License-Identifier: Apache-2.0
// Ids and times as types, so that they cannot be swapped.
#pragma once

#include <cstdint>

namespace ensue::events {

/// Dense indices into a vocabulary, in order of first appearance in the log
/// (by time, then by place in the file).
enum class UserId : std::uint32_t {};
enum class ItemId : std::uint32_t {};
enum class ActionId : std::uint8_t {};

/// Milliseconds since 1970-01-01 UTC. In a log without a clock: the place of
/// the event in the log (its `seq`).
enum class Millis : std::int64_t {};

/// An event without an item (a search, a log-in).
inline constexpr ItemId kNoItem{0xFFFFFFFF};

constexpr std::uint32_t index(UserId id) noexcept {
  return static_cast<std::uint32_t>(id);
}
constexpr std::uint32_t index(ItemId id) noexcept {
  return static_cast<std::uint32_t>(id);
}
constexpr std::uint32_t index(ActionId id) noexcept {
  return static_cast<std::uint32_t>(id);
}
constexpr std::int64_t count(Millis time) noexcept {
  return static_cast<std::int64_t>(time);
}

inline constexpr std::int64_t kSecondMs = 1000, kHourMs = 3'600'000,
                              kDayMs = 86'400'000;

}  // namespace ensue::events
