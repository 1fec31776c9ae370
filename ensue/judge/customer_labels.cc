// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/customer_labels.h"

#include <algorithm>

#include "ensue/base/error.h"
#include "ensue/judge/instants.h"

namespace ensue::judge {
namespace {

using events::Millis;

data::LabelKind kind_of(runtime::TableLabel kind) {
  switch (kind) {
    case runtime::TableLabel::kBinary:
      return data::LabelKind::kBinary;
    case runtime::TableLabel::kClass:
      return data::LabelKind::kClass;
    case runtime::TableLabel::kNumber:
      return data::LabelKind::kNumber;
    case runtime::TableLabel::kCount:
      return data::LabelKind::kCount;
  }
  return data::LabelKind::kBinary;
}

std::string days_text(std::int64_t ms) {
  return std::to_string(ms / events::kDayMs) + " days";
}

}  // namespace

Cuts choose_cuts(const events::Log& log, std::int64_t horizon_ms,
                 const CutOptions& options) {
  if (!log.schema().has_clock || log.size() == 0) {
    invalid("task: the log has no clock, so nothing can be asked as of a time");
  }
  if (options.cuts < 1 || options.step_days < 1) {
    invalid("task: cuts " + std::to_string(options.cuts) + ", step_days " +
            std::to_string(options.step_days) + ", expected at least 1 each");
  }
  const auto times = log.columns().times;
  const auto [low, high] = std::ranges::minmax(times);
  const std::int64_t first = count(low), last = count(high) + 1;
  std::int64_t test = last - horizon_ms;
  if (!options.test_from.empty()) {
    test = count(parse_instant(options.test_from, "task.test_from"));
    if (test <= first || test + horizon_ms > last) {
      invalid("task.test_from: " + options.test_from + ", expected from " +
              show_instant(low) + " to " +
              show_instant(Millis{last - horizon_ms}) +
              ", so that the horizon lies in the log");
    }
  }
  Cuts out;
  out.test = Millis{test};
  out.validation = Millis{test - horizon_ms};
  const std::int64_t step = std::int64_t{options.step_days} * events::kDayMs;
  std::int64_t cut = test - 2 * horizon_ms;
  for (int n = 0; n < options.cuts && cut > first; ++n, cut -= step) {
    out.train.insert(out.train.begin(), Millis{cut});
  }
  if (out.train.empty()) {
    invalid("task: the log spans " + days_text(last - first) +
            ", a horizon of " + days_text(horizon_ms) +
            " needs more than three times that; lower task.horizon_days");
  }
  return out;
}

ShorterCuts shorter_cuts(const Cuts& cuts, std::int64_t horizon_ms,
                         std::int64_t shorter_ms, const CutOptions& options) {
  const std::int64_t step = std::int64_t{options.step_days} * events::kDayMs;
  // Back from the last instant that is known of, as far as the cuts reach.
  const auto back = [&](std::int64_t last, std::int64_t after) {
    std::vector<Millis> out;
    for (std::int64_t at = last; at > after; at -= step) {
      out.insert(out.begin(), Millis{at});
    }
    return out;
  };
  const std::int64_t first = count(cuts.train.front()) - 1,
                     validation = count(cuts.validation) - shorter_ms,
                     test = count(cuts.test) - shorter_ms,
                     end = count(cuts.test) + horizon_ms - shorter_ms;
  return {back(validation, first), back(test, validation), back(end, test)};
}

data::LabelTable labels_at(const events::Log& log,
                           const tasks::CustomerLabel& task,
                           std::span<const Millis> instants) {
  data::LabelTable out;
  out.kind = kind_of(task.task().kind);
  out.source = std::string(task.task().name);
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const events::UserId user{u};
    const events::History all = log.history(user);
    for (const Millis at : instants) {
      const auto label = task.of(all, at);
      if (!label) continue;
      out.pairs.push_back({user, at});
      out.values.push_back(*label);
    }
  }
  const std::string where =
      out.source + " as of " + show_instant(instants.back());
  if (out.values.empty()) invalid(where + ": nobody was a customer by then");
  if (std::ranges::all_of(out.values,
                          [&](double v) { return v == out.values[0]; })) {
    invalid(where + ": all " + std::to_string(out.size()) +
            " labels are equal, so there is nothing to learn");
  }
  return out;
}

}  // namespace ensue::judge
