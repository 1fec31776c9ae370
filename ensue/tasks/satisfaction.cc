// SPDX-License-Identifier: Apache-2.0
// How satisfied will the customer's next review say they are: the value of
// each review, asked of what stood in the log before it.
#include <cmath>

#include "ensue/tasks/internal/moment_tasks.h"

namespace ensue::tasks {
namespace {

std::vector<Moment> moments(const events::History& all, features::ActionRef aim,
                            events::Millis) {
  std::vector<Moment> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool review =
        aim.is == features::ActionRef::Is::kOne && all.actions[i] == aim.id;
    const events::Millis at = all.times[i];
    if (!review || std::isnan(all.values[i])) continue;
    if (all.times[0] >= at) continue;  // nothing stood before it
    if (!out.empty() && out.back().at == at) continue;  // one of an instant
    out.push_back({at, at, all.values[i]});
  }
  return out;
}

std::string not_asked(const events::History&, features::ActionRef,
                      events::Millis) {
  return "";
}

}  // namespace

MomentTask satisfaction_task() {
  return {.name = "satisfaction",
          .question = "what will this customer's next review say?",
          .kind = runtime::TableLabel::kNumber,
          .action = "review",
          .session = false,
          .moments = moments,
          .not_asked = not_asked};
}

}  // namespace ensue::tasks
