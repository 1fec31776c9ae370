// SPDX-License-Identifier: Apache-2.0
// The models that answer questions about customers, one per task.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/store/event.h"
#include "ensue/tasks/customer_model.h"

namespace ensue::serve {

/// Thread-safe. Whoever holds a model goes on with it while another takes its
/// place.
class Customers {
 public:
  /// Loads, checks, then takes the place of the model of the same task.
  /// @throws what tasks::CustomerModel::load throws; the one that was there
  ///   goes on.
  void load(const std::string& path);
  /// Loads all again from where they came; what fails goes on as it is.
  /// @return one line per failure.
  std::vector<std::string> reload();

  /// @throws Error(kNotFound) saying which tasks there are.
  std::shared_ptr<const tasks::CustomerModel> find(std::string_view task) const;
  std::vector<std::string> tasks() const;

 private:
  struct Entry {
    std::string path;
    std::shared_ptr<const tasks::CustomerModel> model;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

/// The model's answer for a customer with these stored events (oldest first),
/// as of `at`: the same number that it gives offline.
std::vector<double> answer(const tasks::CustomerModel& model,
                           std::span<const store::Event> events,
                           events::Millis at);

}  // namespace ensue::serve
