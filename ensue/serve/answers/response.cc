// SPDX-License-Identifier: Apache-2.0
// Whom a campaign changes: {"row": {…}} or {"rows": [{…}]} give effects.
#include <memory>
#include <utility>
#include <vector>

#include "ensue/serve/answers/rows.h"
#include "ensue/serve/task_model.h"
#include "ensue/tasks/response_model.h"
#include "ensue/tasks/row_reasons.h"

namespace ensue::serve {
namespace {

class Response final : public TaskModel {
 public:
  explicit Response(std::shared_ptr<const artifact::Artifact> artifact)
      : model_(std::move(artifact)) {}

  std::string task() const override { return model_.campaign().task; }

  JsonObject answer(Service&, const JsonObject& body) const override {
    const AskedRows asked = asked_rows(body);
    const auto effects =
        model_.effects(model_.shape().read(asked.rows, asked.where()));
    JsonObject out = about();
    if (asked.single) {
      out["effect"] = effects[0];
      return out;
    }
    JsonArray answers;
    for (const double effect : effects) {
      answers.push_back(JsonObject{{"effect", effect}});
    }
    out["answers"] = std::move(answers);
    return out;
  }

  JsonObject explain(Service&, const JsonObject& body) const override {
    const events::Table row = asked_row(body, model_.shape());
    JsonObject out = about();
    for (auto& member :
         tasks::effect_json(tasks::explain_effect(model_, row, 0))) {
      out[member.key()] = std::move(member.value());
    }
    return out;
  }

 private:
  JsonObject about() const {
    return {{"task", task()},
            {"target", model_.campaign().target},
            {"treated", model_.campaign().treated},
            {"control", model_.campaign().control}};
  }

  tasks::ResponseModel model_;
};

}  // namespace

TaskModelKind response_kind() {
  return {"whom a campaign changes", tasks::ResponseModel::is_one,
          [](std::shared_ptr<const artifact::Artifact> artifact)
              -> std::shared_ptr<const TaskModel> {
            return std::make_shared<Response>(std::move(artifact));
          }};
}

}  // namespace ensue::serve
