// SPDX-License-Identifier: Apache-2.0
// What a query means: behind /v1/search and /v1/predict/search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/serve/catalogue.h"
#include "ensue/serve/task_model.h"
#include "ensue/tasks/search.h"

namespace ensue::serve {

/// A search, what is said of its items since it was made, and items that came
/// since, which are found by their words.
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
  // With additions_ locked.
  std::vector<std::uint8_t> allowed(const Asked& asked,
                                    std::span<const store::Event> past) const;
  // Among the items and, behind them, the additions.
  std::optional<std::uint32_t> place_of(std::string_view id) const;

  tasks::SearchModel model_;
  std::unique_ptr<Catalogue> catalogue_;
  mutable std::shared_mutex mutex_;  // of additions_
  mutable runtime::SearchAdditions additions_;
};

}  // namespace ensue::serve
