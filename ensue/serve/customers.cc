// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/customers.h"

#include <algorithm>

#include "ensue/base/error.h"
#include "ensue/serve/live_model.h"
#include "ensue/tasks/customer_events.h"

namespace ensue::serve {

void Customers::load(const std::string& path) {
  auto model = tasks::CustomerModel::load(path);
  const std::string task = model->asked().name;
  const std::lock_guard lock(mutex_);
  entries_[task] = {path, std::move(model)};
}

std::vector<std::string> Customers::reload() {
  std::vector<std::string> paths, failures;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [task, entry] : entries_) paths.push_back(entry.path);
  }
  for (const std::string& path : paths) {
    try {
      load(path);
    } catch (const Error& error) {
      failures.push_back(error.what());
    }
  }
  return failures;
}

std::shared_ptr<const tasks::CustomerModel> Customers::find(
    std::string_view task) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(task);
  if (found != entries_.end()) return found->second.model;
  std::string known;
  for (const auto& [name, entry] : entries_) {
    known += (known.empty() ? "" : ", ") + name;
  }
  throw Error(Code::kNotFound,
              "no model answers '" + std::string(task) +
                  "' here; there are: " + (known.empty() ? "none" : known));
}

std::vector<std::string> Customers::tasks() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [task, entry] : entries_) out.push_back(task);
  return out;
}

std::vector<double> answer(const tasks::CustomerModel& model,
                           std::span<const store::Event> events,
                           events::Millis at) {
  const auto& columns = model.about().context;
  tasks::CustomerEvents past(model.about());
  std::vector<events::Cell> row(columns.size());
  for (const store::Event& event : events) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto said = std::ranges::find(
          event.context, columns[c].name,
          &std::pair<std::string, store::Event::Value>::first);
      row[c] = said == event.context.end() ? events::Cell()
                                           : cell_of(columns[c], said->second);
    }
    past.add(event.item, event.action, event.time, event.value, row);
  }
  return model.answer(past.view(), at);
}

}  // namespace ensue::serve
