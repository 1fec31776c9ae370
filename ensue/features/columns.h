// SPDX-License-Identifier: Apache-2.0
// Columns of events by name, wherever they come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/events/context.h"
#include "ensue/events/history.h"
#include "ensue/events/table.h"
#include "ensue/events/vocabulary.h"

namespace ensue::events {
class Log;
}

namespace ensue::features {

/// What the ids of a history mean. Must outlive what is made of it.
struct Names {
  const events::Vocabulary& actions;
  std::span<const events::ContextColumn> context;
  const events::Table& items;  // row i describes item i; rows may be missing
};
Names names_of(const events::Log& log);

/// One column of events; cheap to copy. Numbers are read as numbers; every
/// column but a product can also be read as categories.
class EventColumn {
 public:
  static constexpr std::uint32_t kNothing = 0xFFFFFFFF;

  /// @param name  see Definition::column.
  /// @throws Error(kInvalidArgument) listing the columns there are.
  EventColumn(std::string_view name, const Names& names);

  bool is_number() const noexcept { return number_; }
  bool is_product() const noexcept { return factors_.size() > 1; }
  /// NaN: nothing. @pre is_number().
  double number(const events::History& history, std::size_t i) const noexcept;
  /// kNothing: nothing. @pre !is_product().
  std::uint32_t code(const events::History& history,
                     std::size_t i) const noexcept;
  /// The code of a value as people write it; nullopt: no event can have it.
  std::optional<std::uint32_t> code_of(std::string_view value) const;

 private:
  enum class From { kItem, kValue, kContext, kItemTable };
  struct ItemCells {
    std::vector<double> numbers;       // of a number column
    std::vector<std::uint32_t> codes;  // [items]
    std::map<std::string, std::uint32_t, std::less<>> values;
  };
  struct Factor {
    From from = From::kItem;
    std::size_t context = 0;
    const events::ContextColumn* column = nullptr;
    std::shared_ptr<const ItemCells> items = nullptr;
  };

  static Factor find(std::string_view name, const Names& names);
  static std::shared_ptr<const ItemCells> read(const events::Column& column);
  static bool holds_numbers(const Factor& factor) noexcept;
  static double number(const Factor& factor, const events::History& history,
                       std::size_t i) noexcept;

  std::vector<Factor> factors_;
  bool number_ = false;
};

}  // namespace ensue::features
