// SPDX-License-Identifier: Apache-2.0
// The formats' parsers, one source each; formats.cc lists them.
#pragma once

#include <string_view>

#include "ensue/serve/formats/format.h"

namespace ensue::serve {

Incoming parse_events(std::string_view body, events::Millis now);
Incoming parse_ga4(std::string_view body, events::Millis now);
Incoming parse_snowplow(std::string_view body, events::Millis now);
Incoming parse_segment(std::string_view body, events::Millis now);
Incoming parse_personalize(std::string_view body, events::Millis now);
Incoming parse_otto(std::string_view body, events::Millis now);
Incoming parse_recbole(std::string_view body, events::Millis now);
Incoming parse_gorse(std::string_view body, events::Millis now);
Incoming parse_metarank(std::string_view body, events::Millis now);

}  // namespace ensue::serve
