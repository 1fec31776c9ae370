// SPDX-License-Identifier: Apache-2.0
// What lies in Redis, in bytes; see redis_scripts.h for the keys.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ensue/store/event_store.h"

namespace ensue::store {

/// 8 bytes that sort as the times do.
std::string time_bytes(events::Millis time);

/// Item, action and extras of an event, names in full. The server puts
/// time_bytes() and 8 bytes of epoch in front.
std::string body_of(const Event& event);

struct Arrived {
  Event event;
  std::uint64_t epoch = 0;
};
/// @param bytes  an element of the user's list.
/// @throws Error(kCorrupt)
Arrived arrived(std::string_view user, std::string_view bytes);

std::string pack_answer(const Answer& answer);
/// @throws Error(kCorrupt)
Answer unpack_answer(std::string_view user, std::string_view id,
                     std::string_view bytes);

}  // namespace ensue::store
