// SPDX-License-Identifier: Apache-2.0
// What an event may carry beside user, item, action and time, in bytes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ensue/store/event.h"
#include "ensue/store/internal/wire.h"

namespace ensue::store {

/// How the name of a context column is written: in full, or as an id.
using WriteColumn = std::function<void(Writer&, std::string_view)>;
using ReadColumn = std::function<std::string(Reader&)>;

/// "" for an event that has none; otherwise a byte of flags, and only what the
/// flags name: value, text, session, event id, answer id, context.
std::string pack_extras(const Event& event, const WriteColumn& column);

/// Sets the fields that are there.
/// @throws Error(kCorrupt)
void unpack_extras(std::string_view bytes, const ReadColumn& column,
                   Event& event);

/// The event id alone; "": none.
std::string_view event_id_of(std::string_view extras);

}  // namespace ensue::store
