// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/task_model.h"

#include "ensue/base/error.h"
#include "ensue/serve/service.h"

namespace ensue::serve {

TaskModelKind customer_kind();
TaskModelKind rows_kind();
TaskModelKind anomaly_kind();
TaskModelKind profile_kind();
TaskModelKind response_kind();
TaskModelKind search_kind();
TaskModelKind segments_kind();

const std::vector<TaskModelKind>& task_model_kinds() {
  static const std::vector<TaskModelKind> list = {
      customer_kind(), rows_kind(),     anomaly_kind(),  profile_kind(),
      search_kind(),   segments_kind(), response_kind(),
  };
  return list;
}

JsonObject TaskModel::explain(Service&, const JsonObject&) const {
  invalid("body.task: the answer of '" + task() +
          "' says why by itself: POST /v1/predict/" + task());
}

std::shared_ptr<const TaskModel> load_task_model(const std::string& path) {
  auto artifact = artifact::Artifact::load(path);
  std::string known;
  for (const TaskModelKind& kind : task_model_kinds()) {
    if (kind.is_one(artifact->description())) return kind.open(artifact);
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
  }
  throw Error(Code::kCorrupt,
              path + ": answers no task; expected one of: " + known);
}

AskedUser asked_user(Service& service, const std::string& name) {
  if (name.empty()) invalid("body.user: missing");
  AskedUser out{name, service.now(), service.store().user(name).events};
  if (out.events.empty() || out.events.front().time >= out.now) {
    throw Error(Code::kNotFound, "user '" + name + "' has no event before now");
  }
  return out;
}

}  // namespace ensue::serve
