// SPDX-License-Identifier: Apache-2.0
// A market in tables of text.
#pragma once

#include <string>

#include "ensue/data/market.h"

namespace ensue::apps {

/// What `ensue describe --market` prints.
std::string market_text(const data::Market& market);

}  // namespace ensue::apps
