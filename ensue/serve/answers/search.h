// SPDX-License-Identifier: Apache-2.0
// What a query means: behind /v1/search and /v1/predict/search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/serve/catalogue.h"
#include "ensue/serve/task_model.h"
#include "ensue/tasks/search.h"

namespace ensue::serve {

/// A search and what is said of its items since it was made.
class SearchAnswers final : public TaskModel {
 public:
  explicit SearchAnswers(std::shared_ptr<const artifact::Artifact> artifact);

  std::string task() const override { return "search"; }
  bool heeds_items() const override { return true; }
  void set_item(const std::string& id,
                const JsonObject* document) const override;

  /// {"query", "user"?, "k"?, "exclude_seen"?, "exclude"?, "items"?, "only"?}.
  /// A user without events is answered like nobody. The answer is kept.
  JsonObject answer(Service& service, const JsonObject& body) const override;

 private:
  struct Asked;
  std::vector<std::uint8_t> allowed(const Asked& asked,
                                    const events::History& past) const;

  tasks::SearchModel model_;
  std::unique_ptr<Catalogue> catalogue_;
};

}  // namespace ensue::serve
