// SPDX-License-Identifier: Apache-2.0
// Will this session end in a purchase: asked after each of its events, until
// it has one.
#include <algorithm>

#include "ensue/tasks/internal/moment_tasks.h"

namespace ensue::tasks {
namespace {

using features::kSessionGapMs;

bool is_aim(const events::History& all, std::size_t i,
            features::ActionRef aim) {
  return aim.is == features::ActionRef::Is::kAny ||
         (aim.is == features::ActionRef::Is::kOne && all.actions[i] == aim.id);
}

std::int64_t time_of(const events::History& all, std::size_t i) {
  return count(all.times[i]);
}

// The session that begins at `from` ends before this place.
std::size_t session_end(const events::History& all, std::size_t from) {
  std::size_t end = from + 1;
  while (end < all.size() &&
         time_of(all, end) - time_of(all, end - 1) <= kSessionGapMs) {
    ++end;
  }
  return end;
}

void add_session(const events::History& all, std::size_t from, std::size_t end,
                 features::ActionRef aim, std::vector<Moment>& out) {
  std::size_t bought = end;
  for (std::size_t i = end; i-- > from;) {
    if (is_aim(all, i, aim)) bought = i;
  }
  const events::Millis known{time_of(all, end - 1) + kSessionGapMs};
  for (std::size_t i = from; i < end; ++i) {
    // Events of one instant are seen together.
    if (i + 1 < end && all.times[i + 1] == all.times[i]) continue;
    if (i >= bought) return;
    out.push_back(
        {events::Millis{time_of(all, i) + 1}, known, bought < end ? 1.0 : 0.0});
  }
}

std::vector<Moment> moments(const events::History& all, features::ActionRef aim,
                            events::Millis end) {
  std::vector<Moment> out;
  for (std::size_t from = 0; from < all.size();) {
    const std::size_t to = session_end(all, from);
    if (time_of(all, to - 1) + kSessionGapMs < count(end)) {
      add_session(all, from, to, aim, out);
    }
    from = to;
  }
  return out;
}

std::string not_asked(const events::History& before, features::ActionRef aim,
                      events::Millis at) {
  const features::Past past(before, at, 0);
  const std::size_t from = past.open_from();
  if (from == past.events().size()) return "no session is open";
  for (std::size_t i = from; i < past.events().size(); ++i) {
    if (is_aim(past.events(), i, aim)) {
      return "the open session has a purchase already";
    }
  }
  return "";
}

}  // namespace

MomentTask intent_task() {
  return {.name = "intent",
          .question = "will this session end in a purchase?",
          .kind = runtime::TableLabel::kBinary,
          .action = "",
          .session = true,
          .moments = moments,
          .not_asked = not_asked};
}

}  // namespace ensue::tasks
