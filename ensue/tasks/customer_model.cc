// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/customer_model.h"

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/tasks/moment_task.h"

namespace ensue::tasks {
namespace {

// In Description::training.
constexpr const char* kKey = "customer_task";
constexpr const char* kSequence = "customer_task.sequence";  // a tensor

const JsonObject& said_of(const artifact::Description& about) {
  const Json* said = about.training.if_contains(kKey);
  if (said == nullptr || !said->is_object()) {
    throw Error(Code::kCorrupt,
                "the artifact answers no question about customers");
  }
  return said->as_object();
}

const Json& part(const artifact::Description& about, const char* name) {
  const Json* found = said_of(about).if_contains(name);
  if (found != nullptr) return *found;
  throw Error(Code::kCorrupt, std::string(kKey) + ": no '" + name + "'");
}

CustomerTaskOptions asked_of(const artifact::Description& about) {
  CustomerTaskOptions out;
  const Json& asked = part(about, "asked");
  if (!asked.is_object()) {
    throw Error(Code::kCorrupt, std::string(kKey) + ".asked: no object");
  }
  read_fields(out, asked.as_object(), kKey);
  return out;
}

std::string question_of(const artifact::Description& about) {
  const Json* said = said_of(about).if_contains("question");
  if (said == nullptr) return "";
  if (said->is_string()) return std::string(said->as_string());
  throw Error(Code::kCorrupt, std::string(kKey) + ".question: no text");
}

std::vector<features::Definition> definitions_of(
    const artifact::Description& about) {
  return features::definitions_from_json(part(about, "features"), kKey);
}

std::unique_ptr<const SequenceColumns> sequence_of(
    const artifact::Artifact& artifact, const std::string& task) {
  if (!artifact.has(kSequence)) return nullptr;
  const auto bytes = artifact.tensor(kSequence).as<std::uint8_t>();
  const auto raw = std::as_bytes(bytes);
  const auto engine = std::make_shared<const runtime::Engine>(
      artifact::Artifact::from_bytes({raw.begin(), raw.end()}, kSequence));
  const artifact::Description& about = artifact.description();
  return std::make_unique<const SequenceColumns>(
      engine, task,
      runtime::HistoryNames{about.items, about.actions, about.context});
}

}  // namespace

void CustomerModel::add_sequence(artifact::Draft& draft,
                                 std::span<const std::byte> sequence) {
  draft.add_bytes(kSequence, artifact::DType::kU8,
                  {static_cast<std::int64_t>(sequence.size())}, sequence);
}

bool CustomerModel::is_one(const artifact::Description& about) {
  return about.training.contains(kKey);
}

void CustomerModel::describe(artifact::Draft& draft,
                             const CustomerTaskOptions& asked,
                             std::span<const features::Definition> definitions,
                             const std::string& question) {
  JsonObject said{{"asked", write_fields(asked)},
                  {"features", features::to_json(definitions)}};
  if (!question.empty()) said["question"] = question;
  draft.description().model.name = asked.name;
  draft.description().training[kKey] = std::move(said);
}

std::shared_ptr<const CustomerModel> CustomerModel::load(
    const std::string& path) {
  return std::make_shared<const CustomerModel>(artifact::Artifact::load(path));
}

CustomerModel::CustomerModel(std::shared_ptr<const artifact::Artifact> artifact)
    : artifact_(std::move(artifact)),
      table_(artifact_),
      asked_(asked_of(about())),
      question_(question_of(about())),
      task_(question_.empty() ? customer_tasks().find(asked_.name)
                              : CustomerTask{.name = asked_.name,
                                             .question = question_,
                                             .kind = table_.label()}),
      definitions_(definitions_of(about())),
      live_(std::make_unique<const features::Live>(
          definitions_, features::Names{about().actions, about().context,
                                        about().item_table})),
      sequence_(sequence_of(*artifact_, asked_.name)) {
  if (table_.label() != task_.kind) {
    throw Error(Code::kCorrupt, "customer_task: a model of " +
                                    std::string(name_of(table_.label())) +
                                    " for a task of " +
                                    std::string(name_of(task_.kind)));
  }
}

std::string CustomerModel::not_asked(const events::History& history,
                                     events::Millis at) const {
  const MomentTask* moment =
      question_.empty() ? nullptr : find_moment_task(asked_.name);
  if (moment == nullptr || question_ != moment->question) return "";
  const auto id = about().actions.find(asked_.action);
  using Is = features::ActionRef::Is;
  return moment->not_asked(
      history,
      id ? features::ActionRef{Is::kOne, events::ActionId(*id)}
         : features::ActionRef{Is::kNone},
      at);
}

events::Table CustomerModel::features(const events::History& history,
                                      events::Millis at) const {
  const std::vector<double> values = live_->values(history, at);
  events::Table out;
  for (std::size_t f = 0; f < values.size(); ++f) {
    out.columns.push_back(
        {definitions_[f].name, std::vector<double>{values[f]}});
  }
  if (sequence_ != nullptr) {
    add_columns(*sequence_, {sequence_->values(history, at)}, out);
  }
  return out;
}

std::vector<double> CustomerModel::answer(const events::History& history,
                                          events::Millis at) const {
  return table_.predict(features(history, at));
}

}  // namespace ensue::tasks
