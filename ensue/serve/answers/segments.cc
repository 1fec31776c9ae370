// SPDX-License-Identifier: Apache-2.0
// Which group of customers somebody is in.
#include <utility>

#include "ensue/base/fields.h"
#include "ensue/serve/answers/customer.h"
#include "ensue/serve/task_model.h"
#include "ensue/tasks/groups.h"

namespace ensue::serve {
namespace {

struct Fields {
  std::string user;
  void visit(auto&& field) { field("user", user, "who is asked about"); }
};

class Segments final : public TaskModel {
 public:
  explicit Segments(std::shared_ptr<const artifact::Artifact> artifact)
      : model_(std::move(artifact)) {}

  std::string task() const override { return "segments"; }

  JsonObject answer(Service& service, const JsonObject& body) const override {
    Fields fields;
    read_fields(fields, body, "body");
    const AskedUser user = asked_user(service, fields.user);
    const auto past = customer_events(model_.about(), user.events);
    const auto said = model_.answer(past.view(), user.now);
    JsonObject out{{"task", task()},
                   {"user", user.name},
                   {"time", events::count(user.now)},
                   {"events", user.events.size()},
                   {"distance", said.distance}};
    if (said.next == said.next) out["next_distance"] = said.next;
    out["group"] = to_json(*said.group);
    return out;
  }

 private:
  tasks::SegmentsModel model_;
};

}  // namespace

TaskModelKind segments_kind() {
  return {"groups of customers", tasks::SegmentsModel::is_one,
          [](std::shared_ptr<const artifact::Artifact> artifact)
              -> std::shared_ptr<const TaskModel> {
            return std::make_shared<Segments>(std::move(artifact));
          }};
}

}  // namespace ensue::serve
