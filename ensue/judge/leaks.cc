// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/leaks.h"

#include <algorithm>
#include <utility>

#include "ensue/judge/instants.h"
#include "ensue/judge/internal/leak_checks.h"

namespace ensue::judge {

std::vector<Leak> find_leaks(const events::Log& log, const Split& split,
                             const artifact::Artifact* artifact) {
  const Suspect suspect{log, split, artifact};
  std::vector<Leak> out;
  for (const auto check :
       {future_event, target_in_input, fitted_on_test, duplicated_user,
        tie_across_cut, future_item_table}) {
    if (auto leak = check(suspect)) out.push_back(std::move(*leak));
  }
  return out;
}

std::optional<Leak> Cases::leak(std::string kind,
                                const std::string& what) const {
  if (count_ == 0) return std::nullopt;
  return Leak{std::move(kind), std::to_string(count_) + " " + what +
                                   (count_ == 1 ? ": " : ", first ") + first_};
}

std::optional<events::Millis> first_cut(const Split& split) {
  return split.validation_cut ? split.validation_cut : split.test_cut;
}

std::optional<events::Millis> train_until(const Suspect& suspect) {
  std::optional<events::Millis> latest;
  for (std::uint32_t u = 0; u < suspect.split.train.size(); ++u) {
    const Range range = suspect.split.train[u];
    if (range.size() == 0) continue;
    const auto time =
        suspect.log.history(events::UserId{u}).times[range.end - 1];
    latest = std::max(latest.value_or(time), time);
  }
  return latest;
}

std::string show_time(const events::Log& log, events::Millis time) {
  return log.schema().has_clock
             ? show_instant(time)
             : "place " + std::to_string(events::count(time));
}

}  // namespace ensue::judge
