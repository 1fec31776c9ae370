// SPDX-License-Identifier: Apache-2.0
// One loaded answer to one task: what stands behind /v1/predict/{task} where
// it is not the next item.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/json.h"
#include "ensue/events/ids.h"
#include "ensue/store/event.h"

namespace ensue::serve {

class Service;

/// Immutable, thread-safe.
class TaskModel {
 public:
  virtual ~TaskModel() = default;
  /// The word in the path.
  virtual std::string task() const = 0;
  /// @param body  what was asked; unknown fields are refused.
  /// @throws Error(kInvalidArgument) naming the field, Error(kNotFound) for a
  ///   user without events.
  virtual JsonObject answer(Service& service, const JsonObject& body) const = 0;
  /// Why: what features and events added. Asked like answer(), and for
  /// "max_events".
  /// @throws Error(kInvalidArgument) where the answer says why by itself.
  virtual JsonObject explain(Service& service, const JsonObject& body) const;

  /// Whether it answers with items and wants to know what is said of them.
  virtual bool heeds_items() const { return false; }
  /// What is said of an item now; null: nothing any more. Thread-safe.
  virtual void set_item(const std::string& id,
                        const JsonObject* document) const {
    (void)id, (void)document;
  }
};

/// How models of one kind are told and opened: one file each in answers/.
struct TaskModelKind {
  std::string_view name;
  bool (*is_one)(const artifact::Description& about) = nullptr;
  std::shared_ptr<const TaskModel> (*open)(
      std::shared_ptr<const artifact::Artifact> artifact) = nullptr;
};

/// To add one: a file and a line.
const std::vector<TaskModelKind>& task_model_kinds();

/// @throws what Artifact::load throws; Error(kCorrupt) when it is of no kind.
std::shared_ptr<const TaskModel> load_task_model(const std::string& path);

/// The events of a user as of now, oldest first.
struct AskedUser {
  std::string name;
  events::Millis now{0};
  std::vector<store::Event> events;
};

/// @throws Error(kInvalidArgument) for an empty name, Error(kNotFound) when
///   the user has no event before now.
AskedUser asked_user(Service& service, const std::string& name);

}  // namespace ensue::serve
