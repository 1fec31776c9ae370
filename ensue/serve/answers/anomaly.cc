// SPDX-License-Identifier: Apache-2.0
// Whether a customer behaves like one.
#include "ensue/tasks/anomaly.h"

#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/serve/answers/customer.h"
#include "ensue/serve/task_model.h"

namespace ensue::serve {
namespace {

constexpr std::int64_t kMostEvents = 1000;

struct Fields {
  std::string user;
  std::int64_t k = 5;
  void visit(auto&& field) {
    field("user", user, "who is asked about");
    field("k", k, "surprising events that are named");
  }
};

class Anomaly final : public TaskModel {
 public:
  explicit Anomaly(std::shared_ptr<const artifact::Artifact> artifact)
      : model_(std::move(artifact)) {}

  std::string task() const override { return "anomaly"; }

  JsonObject answer(Service& service, const JsonObject& body) const override {
    Fields fields;
    read_fields(fields, body, "body");
    if (fields.k < 0 || fields.k > kMostEvents) {
      invalid("body.k: " + std::to_string(fields.k) + ", expected 0 to " +
              std::to_string(kMostEvents));
    }
    const AskedUser user = asked_user(service, fields.user);
    const auto past =
        customer_events(model_.artifact().description(), user.events);
    const auto judged = tasks::judge_customer(
        model_, past.view(), user.now, static_cast<std::size_t>(fields.k));
    JsonObject out{{"task", task()},
                   {"user", user.name},
                   {"time", events::count(user.now)},
                   {"events", user.events.size()}};
    for (auto& member : tasks::to_json(model_, judged, past.view())) {
      out[member.key()] = member.value();
    }
    return out;
  }

 private:
  runtime::Anomaly model_;
};

}  // namespace

TaskModelKind anomaly_kind() {
  return {"what is usual", tasks::is_anomaly,
          [](std::shared_ptr<const artifact::Artifact> artifact)
              -> std::shared_ptr<const TaskModel> {
            return std::make_shared<Anomaly>(std::move(artifact));
          }};
}

}  // namespace ensue::serve
