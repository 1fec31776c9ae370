// SPDX-License-Identifier: Apache-2.0
// What a log has that features can be made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ensue/features/defaults.h"

namespace ensue::features {

struct Survey {
  struct Categories {
    std::string name;
    std::vector<std::string> top;  // the most frequent values
  };
  struct Numbers {
    std::string name;
    double median = 0;  // of the events
  };
  std::vector<std::string> actions;  // most frequent first
  std::string main;                  // as main_action()
  bool has_values = false;           // numbers of events that say something
  std::vector<Categories> categories;
  std::vector<Numbers> numbers;
  events::Millis end{0};  // behind the last event that was looked at

  bool has_action(std::string_view name) const noexcept;
};

/// Columns of text count as categories when they have from 2 to 1000 values
/// and each stands in 5 events or more, on average; columns of numbers when
/// they vary.
Survey look_over(const events::Log& log, const DefaultOptions& options);

}  // namespace ensue::features
