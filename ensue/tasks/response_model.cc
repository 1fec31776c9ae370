// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/response_model.h"

#include <utility>

#include "ensue/base/error.h"

namespace ensue::tasks {
namespace {

// In Description::training, and in front of the tensors' names.
constexpr const char* kKey = "response_task";

std::string tensor_of(const char* name) {
  return artifact::Artifact::tensor_name(kKey, 0, name);
}

Campaign campaign_of(const artifact::Description& about) {
  const Json* said = about.training.if_contains(kKey);
  const auto text = [&](const char* name) {
    const Json* found = said != nullptr && said->is_object()
                            ? said->as_object().if_contains(name)
                            : nullptr;
    if (found == nullptr || !found->is_string()) {
      throw Error(Code::kCorrupt,
                  std::string(kKey) + ": no text '" + name + "'");
    }
    return std::string(found->as_string());
  };
  return {text("task"), text("treatment"), text("treated"), text("control"),
          text("target")};
}

template <class T>
std::vector<T> copy_of(const artifact::Artifact& artifact, const char* name) {
  const auto values = artifact.tensor(tensor_of(name)).as<T>();
  return {values.begin(), values.end()};
}

template <class T>
void add(artifact::Draft& draft, const char* name,
         const std::vector<T>& values) {
  draft.add<T>(tensor_of(name), {static_cast<std::int64_t>(values.size())},
               values);
}

}  // namespace

bool ResponseModel::is_one(const artifact::Description& about) {
  return about.training.contains(kKey);
}

artifact::Draft ResponseModel::draft(const runtime::UpliftModel& model,
                                     const Campaign& campaign,
                                     const RowShape& shape,
                                     const Tested& tested) {
  artifact::Draft out{artifact::Description{}};
  out.description().model.name = campaign.task;
  out.description().training[kKey] =
      JsonObject{{"task", campaign.task},
                 {"treatment", campaign.treatment},
                 {"treated", campaign.treated},
                 {"control", campaign.control},
                 {"target", campaign.target}};
  out.description().training["row_shape"] = shape.json();
  model.add_to(out);
  add(out, "effects", tested.effects);
  add(out, "outcomes", tested.outcomes);
  add(out, "treated", tested.treated);
  return out;
}

ResponseModel::ResponseModel(std::shared_ptr<const artifact::Artifact> artifact)
    : artifact_(std::move(artifact)),
      model_(*artifact_),
      campaign_(campaign_of(about())),
      shape_(RowShape::of_json(about().training, "row_shape")),
      tested_{copy_of<double>(*artifact_, "effects"),
              copy_of<double>(*artifact_, "outcomes"),
              copy_of<std::uint8_t>(*artifact_, "treated")} {
  if (tested_.effects.size() != tested_.outcomes.size() ||
      tested_.effects.size() != tested_.treated.size()) {
    throw Error(Code::kCorrupt,
                std::string(kKey) + ": tested customers of unequal number");
  }
}

BudgetPlan ResponseModel::plan(const std::vector<double>& effects,
                               std::size_t most) const {
  return plan_budget(effects, most,
                     {tested_.effects, tested_.outcomes, tested_.treated});
}

}  // namespace ensue::tasks
