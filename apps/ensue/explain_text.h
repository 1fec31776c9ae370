// SPDX-License-Identifier: Apache-2.0
// An explanation in plain words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "apps/ensue/customer.h"
#include "ensue/base/json.h"
#include "ensue/explain/leave_one_out.h"

namespace ensue::apps {

/// "just now", "40 seconds ago", "3 days ago".
std::string ago(std::int64_t milliseconds);

/// What was done, in the words of a customer: "seen" for view, "bought" for
/// purchase; an action that has no such word stands for itself.
std::string done(std::string_view action);

/// "seen 3 days ago"; without a clock "seen 2 events before the last".
/// @param event  place in the customer's past.
std::string event_text(const Customer& customer,
                       const artifact::Description& about, std::size_t event);

/// A head line, a table of the `most` strongest events, and what they leave
/// unsaid.
std::string explanation_text(const Customer& customer,
                             const artifact::Description& about,
                             const explain::Explanation& why, std::size_t most);

JsonObject to_json(const Customer& customer, const artifact::Description& about,
                   const explain::Explanation& why);

}  // namespace ensue::apps
