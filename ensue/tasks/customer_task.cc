// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/customer_task.h"

#include <algorithm>

#include "ensue/base/error.h"
#include "ensue/tasks/filter.h"
#include "ensue/tasks/internal/customer_tasks.h"

namespace ensue::tasks {
namespace {

// A bit per item that meets the condition; "item=name" means that item.
std::vector<bool> items_named(const std::string& said,
                              const events::Table& table,
                              const events::Vocabulary& names) {
  if (said.empty()) {
    invalid(
        "task.items: empty, expected which items, such as category=Mugs, "
        "title~christmas or item=NAME");
  }
  const Condition condition = Condition::parse(said);
  std::vector<bool> out(names.size());
  if (condition.column == "item" && condition.op == "=") {
    const auto item = names.find(condition.value);
    if (!item) invalid("task.items: unknown item '" + condition.value + "'");
    out[*item] = true;
    return out;
  }
  const events::Column* cells = table.find(condition.column);
  if (cells == nullptr) {
    invalid("task.items: no column '" + condition.column +
            "' in the item table");
  }
  const ConditionTest test(condition, cells->is_text());
  const std::size_t rows = std::min(out.size(), cells->size());
  for (std::size_t i = 0; i < rows; ++i) {
    out[i] = cells->is_text() ? test.of(std::string_view(cells->text(i)))
                              : test.of(cells->number(i));
  }
  if (std::ranges::find(out, true) == out.end()) {
    invalid("task.items: '" + said + "' is true of no item");
  }
  return out;
}

}  // namespace

const Catalog<CustomerTask>& customer_tasks() {
  static const Catalog<CustomerTask> list("task", {
                                                      retention_task(),
                                                      active_task(),
                                                      purchases_task(),
                                                      value_task(),
                                                      propensity_task(),
                                                  });
  return list;
}

bool Around::is_aim(const events::History& side, std::size_t i) const noexcept {
  using Is = features::ActionRef::Is;
  return aim->is == Is::kAny ||
         (aim->is == Is::kOne && side.actions[i] == aim->id);
}

CustomerLabel::CustomerLabel(const CustomerTaskOptions& options,
                             const features::Names& names,
                             const events::Vocabulary& items)
    : task_(customer_tasks().find(options.name)),
      horizon_ms_(std::int64_t{options.horizon_days} * events::kDayMs) {
  if (options.horizon_days < 1 || options.horizon_days > 36'500) {
    invalid("task.horizon_days: " + std::to_string(options.horizon_days) +
            ", expected 1 to 36500");
  }
  if (!options.action.empty()) {
    const auto id = names.actions.find(options.action);
    if (!id) {
      invalid("task.action: '" + options.action +
              "', expected an action of the log");
    }
    aim_ = {features::ActionRef::Is::kOne, events::ActionId(*id)};
  }
  if (task_.needs == CustomerTask::Needs::kAmount) {
    amount_.emplace(options.amount, names);
    if (!amount_->is_number()) {
      invalid("task.amount: '" + options.amount +
              "' holds text, expected numbers");
    }
  }
  if (task_.needs == CustomerTask::Needs::kItems) {
    items_ = items_named(options.items, names.items, items);
  }
}

std::optional<double> CustomerLabel::of(const events::History& all,
                                        events::Millis at) const {
  const auto place = [&](events::Millis time) {
    return static_cast<std::size_t>(std::ranges::lower_bound(all.times, time) -
                                    all.times.begin());
  };
  const std::size_t now = place(at);
  const std::size_t end = place(events::Millis{count(at) + horizon_ms_});
  const Around around{.before = all.first(now),
                      .within = all.slice(now, end),
                      .aim = &aim_,
                      .amount = amount_ ? &*amount_ : nullptr,
                      .items = &items_};
  for (std::size_t i = 0; i < now; ++i) {
    if (around.is_aim(around.before, i)) return task_.label(around);
  }
  return std::nullopt;
}

}  // namespace ensue::tasks
