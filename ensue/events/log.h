// SPDX-License-Identifier: Apache-2.0
// A cleaned event log in memory, or mapped from a dataset's cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ensue/events/context.h"
#include "ensue/events/history.h"
#include "ensue/events/schema.h"
#include "ensue/events/table.h"
#include "ensue/events/vocabulary.h"

namespace ensue::events {

/// Events sorted by (user, time, seq), as columns. Immutable; copies share the
/// storage.
class Log {
 public:
  struct Columns {
    std::span<const std::uint64_t> offsets;  // [users + 1]: where a user starts
    std::span<const ItemId> items;           // [events], and so the rest
    std::span<const ActionId> actions;
    std::span<const Millis> times;
    std::span<const float> values;        // NaN: none
    std::span<const std::uint64_t> seqs;  // place in the source, 0-based
    std::span<const Cell> context = {};   // [events, context columns]
  };
  struct Names {
    Vocabulary users, items, actions;
    std::vector<ContextColumn> context = {};  // those of the schema, in order
  };

  Log() = default;
  /// @param storage keeps the columns alive.
  /// @throws Error(kCorrupt) when sizes disagree, offsets fall, an id is
  ///   outside its vocabulary, times of a user fall or context columns are not
  ///   those of the schema.
  Log(Schema schema, Names names, Columns columns,
      std::shared_ptr<const void> storage);

  const Schema& schema() const noexcept { return schema_; }
  const Vocabulary& user_names() const noexcept { return names_.users; }
  const Vocabulary& item_names() const noexcept { return names_.items; }
  const Vocabulary& action_names() const noexcept { return names_.actions; }
  const std::vector<ContextColumn>& context() const noexcept {
    return names_.context;
  }
  std::size_t users() const noexcept { return names_.users.size(); }
  std::size_t items() const noexcept { return names_.items.size(); }
  std::size_t size() const noexcept { return columns_.items.size(); }

  History history(UserId user) const noexcept;
  std::span<const std::uint64_t> seqs(UserId user) const noexcept;
  const Columns& columns() const noexcept { return columns_; }

  /// What is known of items; may have no columns.
  const Table& item_table() const noexcept { return *item_table_; }
  void set_item_table(Table table);

  /// XXH3-64 over schema, names and columns: which data a model was made from.
  std::uint64_t fingerprint() const noexcept;

 private:
  Schema schema_;
  Names names_;
  Columns columns_;
  std::shared_ptr<const void> storage_;
  std::shared_ptr<const Table> item_table_ = std::make_shared<Table>();
};

/// Makes a log from events in any order; for tests, ad-hoc sessions and the
/// simulator. Ids come in order of first appearance by (time, add order).
class LogBuilder {
 public:
  explicit LogBuilder(Schema schema = {}) : schema_(std::move(schema)) {}
  LogBuilder& add(std::string_view user, std::string_view item, Millis time,
                  std::string_view action = "view",
                  float value = std::numeric_limits<float>::quiet_NaN());
  /// Says more of the event added last. A column is new with its first value
  /// and stands behind those of the schema; what is not said is nothing.
  /// @throws Error(kInvalidArgument) for text in a column of numbers and for a
  ///   number in one of text.
  LogBuilder& with(std::string_view column, std::string_view value);
  LogBuilder& with(std::string_view column, float number);
  Log build() const;

 private:
  struct Said {
    std::size_t column;
    std::string text;
    float number;
  };
  struct Row {
    std::string user, item, action;
    Millis time;
    float value;
    std::vector<Said> context = {};
  };
  std::size_t column(std::string_view name, ContextKind kind);
  std::vector<ContextColumn> context_of(const std::vector<std::size_t>& order,
                                        std::vector<Cell>& cells) const;

  Schema schema_;
  std::vector<std::optional<ContextKind>> kinds_;  // of context columns so far
  std::vector<Row> rows_;
};

}  // namespace ensue::events
