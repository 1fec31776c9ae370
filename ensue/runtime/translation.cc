// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/engine.h"

namespace ensue::runtime {
namespace {

constexpr std::uint32_t kUnknown = 0xFFFFFFFF;

}  // namespace

Translation::Translation(const events::Log& log, const Engine& engine) {
  const artifact::Description& model = engine.artifact().description();
  items_.reserve(log.items());
  for (std::size_t id = 0; id < log.items(); ++id) {
    items_.push_back(
        model.items.find(log.item_names().name(id)).value_or(kUnknown));
  }
  for (std::size_t id = 0; id < log.action_names().size(); ++id) {
    const auto found = model.actions.find(log.action_names().name(id));
    actions_.push_back(static_cast<events::ActionId>(found.value_or(0)));
  }
}

std::optional<std::uint32_t> Translation::item(
    events::ItemId id) const noexcept {
  const std::uint32_t place = events::index(id);
  if (place >= items_.size() || items_[place] == kUnknown) return std::nullopt;
  return items_[place];
}

Translation::Events Translation::translate(
    const events::History& history) const {
  Events out;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const auto known = item(history.items[i]);
    if (!known) continue;
    const std::uint32_t action = events::index(history.actions[i]);
    out.items.push_back(events::ItemId{*known});
    out.actions.push_back(action < actions_.size() ? actions_[action]
                                                   : events::ActionId{0});
    out.times.push_back(history.times[i]);
    out.values.push_back(history.values[i]);
    out.kept.push_back(static_cast<std::uint32_t>(i));
  }
  return out;
}

}  // namespace ensue::runtime
