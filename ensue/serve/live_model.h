// SPDX-License-Identifier: Apache-2.0
// A model that answers, and the language it understands.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/runtime/engine.h"
#include "ensue/runtime/hnsw.h"
#include "ensue/serve/catalogue.h"
#include "ensue/store/event.h"
#include "ensue/tasks/next_action.h"

namespace ensue::serve {

/// Events of a user as an engine sees them.
struct EngineEvents {
  std::vector<events::ItemId> items;
  std::vector<events::ActionId> actions;
  std::vector<events::Millis> times;
  std::vector<float> values;
  std::vector<events::Cell> context;  // [events, columns]
  std::size_t columns = 0;

  std::size_t size() const noexcept { return items.size(); }
  events::History view() const noexcept {
    return {items, actions, times, values, events::rows_of(context, columns)};
  }
};

/// What a store says of a column as a cell of it: a number in place of a text
/// is its shortest text, a text in place of a number nothing unless it is one.
events::Cell cell_of(const events::ContextColumn& column,
                     const store::Event::Value& value);

/// An engine, its names and its items. Immutable but for the catalogue's
/// documents; thread-safe.
class LiveModel {
 public:
  struct Place {
    std::string name;
    std::string path;          // where it is loaded from again
    std::string file;          // where it lies now
    std::uint64_t number = 0;  // unlike every other model's of the process
  };

  /// Loads and checks: layout and checksums, then finite scores for an empty
  /// history and for histories of its own items.
  /// @throws what Engine::load throws, Error(kCorrupt) for scores that are not
  ///   finite.
  static std::shared_ptr<LiveModel> load(const Place& place);
  /// The same, answering by a graph of near neighbours: sooner, with a recall
  /// that is measured now.
  /// @throws also what Hnsw::build() throws.
  static std::shared_ptr<LiveModel> load_approximate(const Place& place);
  /// The same from an engine at hand.
  LiveModel(std::string name, std::string path, std::uint64_t number,
            std::shared_ptr<const runtime::Engine> engine);

  const std::string& name() const noexcept { return name_; }
  const std::string& path() const noexcept { return path_; }
  std::uint64_t number() const noexcept { return number_; }
  const runtime::Engine& engine() const noexcept { return *engine_; }
  const artifact::Description& about() const noexcept {
    return engine_->artifact().description();
  }
  Catalogue& catalogue() const noexcept { return *catalogue_; }
  /// nullptr: answers are exact.
  const runtime::Hnsw* approximate() const noexcept { return hnsw_.get(); }
  /// The best items of each request: exact, or by the graph.
  std::vector<std::vector<runtime::Scored>> top(
      std::span<const runtime::TopRequest> requests) const;

  /// Made by the first who asks, then shared.
  /// @throws Error(kInvalidArgument) when the model predicts items alone.
  const tasks::NextActions& next_actions() const;

  std::optional<std::uint32_t> item(std::string_view name) const noexcept {
    return about().items.find(name);
  }
  std::string_view item_name(std::uint32_t item) const noexcept {
    return about().items.name(item);
  }

  /// An event in the engine's ids and its row of context; false when it has no
  /// item that the model knows: then it changes nothing. Unknown actions are
  /// action 0, unknown values of context nothing, others as cell_of() says.
  bool translate(const store::Event& event, events::Event& out,
                 std::vector<events::Cell>& row) const;
  /// All that it knows of them, in their order.
  EngineEvents translate(std::span<const store::Event> events) const;

 private:
  std::string name_, path_;
  std::uint64_t number_;
  std::shared_ptr<const runtime::Engine> engine_;
  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<const runtime::Hnsw> hnsw_;
  mutable std::once_flag next_actions_made_;
  mutable std::unique_ptr<const tasks::NextActions> next_actions_;
};

}  // namespace ensue::serve
