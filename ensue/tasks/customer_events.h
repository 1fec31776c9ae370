// SPDX-License-Identifier: Apache-2.0
// A customer's events in the ids of a customer model.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/context.h"
#include "ensue/events/history.h"

namespace ensue::tasks {

/// Collects events given by name. An item that the model does not know gets an
/// id behind those it does, the same one each time; an action that it does not
/// know none of its ids; unknown values of context are nothing.
class CustomerEvents {
 public:
  /// What the names mean; must outlive it.
  explicit CustomerEvents(const artifact::Description& about) : about_(about) {}

  /// Times must not fall. @param row  a cell per column of about.context, or
  ///   empty: nothing is known.
  void add(std::string_view item, std::string_view action, events::Millis time,
           float value, std::span<const events::Cell> row = {});
  events::History view() const noexcept {
    return {items_, actions_, times_, values_,
            events::rows_of(context_, about_.context.size())};
  }
  std::size_t size() const noexcept { return items_.size(); }

 private:
  const artifact::Description& about_;
  std::map<std::string, std::uint32_t, std::less<>> unknown_;
  std::vector<events::ItemId> items_;
  std::vector<events::ActionId> actions_;
  std::vector<events::Millis> times_;
  std::vector<float> values_;
  std::vector<events::Cell> context_;
};

}  // namespace ensue::tasks
