// SPDX-License-Identifier: Apache-2.0
// Questions about a customer some days ahead: retention, value, …
#include "ensue/serve/answers/customer.h"

#include <algorithm>
#include <utility>

#include "ensue/base/fields.h"
#include "ensue/serve/live_model.h"
#include "ensue/serve/task_model.h"
#include "ensue/tasks/customer_model.h"
#include "ensue/tasks/row_model.h"

namespace ensue::serve {
namespace {

struct Fields {
  std::string user;
  void visit(auto&& field) { field("user", user, "who is asked about"); }
};

class Customer final : public TaskModel {
 public:
  explicit Customer(std::shared_ptr<const artifact::Artifact> artifact)
      : model_(std::move(artifact)) {}

  std::string task() const override { return model_.asked().name; }

  JsonObject answer(Service& service, const JsonObject& body) const override {
    Fields fields;
    read_fields(fields, body, "body");
    const AskedUser user = asked_user(service, fields.user);
    const tasks::CustomerEvents past =
        customer_events(model_.about(), user.events);
    JsonObject out{{"task", task()},
                   {"user", user.name},
                   {"question", model_.task().question},
                   {"horizon_days", model_.asked().horizon_days},
                   {"time", events::count(user.now)},
                   {"events", user.events.size()}};
    for (auto& member : tasks::answer_json(
             model_.table(), model_.answer(past.view(), user.now))) {
      out[member.key()] = std::move(member.value());
    }
    return out;
  }

 private:
  tasks::CustomerModel model_;
};

}  // namespace

tasks::CustomerEvents customer_events(const artifact::Description& about,
                                      std::span<const store::Event> events) {
  const auto& columns = about.context;
  tasks::CustomerEvents out(about);
  std::vector<events::Cell> row(columns.size());
  for (const store::Event& event : events) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto said = std::ranges::find(
          event.context, columns[c].name,
          &std::pair<std::string, store::Event::Value>::first);
      row[c] = said == event.context.end() ? events::Cell()
                                           : cell_of(columns[c], said->second);
    }
    out.add(event.item, event.action, event.time, event.value, row);
  }
  return out;
}

TaskModelKind customer_kind() {
  return {"a question about customers", tasks::CustomerModel::is_one,
          [](std::shared_ptr<const artifact::Artifact> artifact)
              -> std::shared_ptr<const TaskModel> {
            return std::make_shared<Customer>(std::move(artifact));
          }};
}

}  // namespace ensue::serve
