// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/customer_events.h"

namespace ensue::tasks {

void CustomerEvents::add(std::string_view item, std::string_view action,
                         events::Millis time, float value,
                         std::span<const events::Cell> row) {
  events::ItemId id = events::kNoItem;
  if (!item.empty()) {
    if (const auto known = about_.items.find(item)) {
      id = events::ItemId{*known};
    } else {
      const auto next =
          static_cast<std::uint32_t>(about_.items.size() + unknown_.size());
      id = events::ItemId{
          unknown_.try_emplace(std::string(item), next).first->second};
    }
  }
  items_.push_back(id);
  const auto known = about_.actions.find(action);
  constexpr std::uint32_t kNone = 0xFF;
  actions_.push_back(static_cast<events::ActionId>(known ? *known : kNone));
  times_.push_back(time);
  values_.push_back(value);
  const std::size_t columns = about_.context.size();
  if (row.empty()) {
    context_.resize(context_.size() + columns);
  } else {
    context_.insert(context_.end(), row.begin(), row.end());
  }
}

}  // namespace ensue::tasks
