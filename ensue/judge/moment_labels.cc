// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/moment_labels.h"

#include <algorithm>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::judge {
namespace {

features::ActionRef aim_of(const events::Log& log, const std::string& action) {
  const auto id = log.action_names().find(action);
  if (!id) {
    invalid("task.action: '" + action + "', expected an action of the log");
  }
  return {features::ActionRef::Is::kOne, events::ActionId(*id)};
}

// Drawn together: what became known of one customer at one time.
bool is_drawn(std::uint32_t user, const tasks::Moment& moment, double share,
              std::uint64_t seed) {
  const auto known = static_cast<std::uint64_t>(count(moment.known));
  return Rng(Rng::mix(seed) ^ known, user).uniform() < share;
}

}  // namespace

MomentLabels moment_labels(const events::Log& log,
                           const tasks::MomentTask& task,
                           const std::string& action, std::size_t most,
                           std::uint64_t seed) {
  const std::string name(task.name);
  if (!log.schema().has_clock || log.size() == 0) {
    invalid(name + ": the log has no clock, so nothing can be asked of a time");
  }
  const features::ActionRef aim = aim_of(log, action);
  const events::Millis end = std::ranges::max(log.columns().times);
  const auto moments = [&](std::uint32_t user) {
    return task.moments(log.history(events::UserId{user}), aim, end);
  };
  MomentLabels out;
  for (std::uint32_t u = 0; u < log.users(); ++u) out.all += moments(u).size();
  const double share =
      static_cast<double>(most) / static_cast<double>(std::max(out.all, most));
  out.labels.kind = task.kind == runtime::TableLabel::kNumber
                        ? data::LabelKind::kNumber
                        : data::LabelKind::kBinary;
  out.labels.source = name;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    for (const tasks::Moment& moment : moments(u)) {
      if (!is_drawn(u, moment, share, seed)) continue;
      out.labels.pairs.push_back({events::UserId{u}, moment.at});
      out.labels.values.push_back(moment.label);
      out.known.push_back(moment.known);
    }
  }
  if (out.labels.size() == 0) {
    invalid(name + ": the log asks it nowhere; is '" + action +
            "' the action that is meant? see task.action");
  }
  data::check_vary(out.labels.labels(), name, " labels");
  return out;
}

}  // namespace ensue::judge
