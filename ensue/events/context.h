// SPDX-License-Identifier: Apache-2.0
// Named context columns of events: device, promotion, dwell time, …
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ensue/events/vocabulary.h"

namespace ensue::events {

/// What a column holds: values of a vocabulary, or numbers.
enum class ContextKind : std::uint8_t { kCategory, kNumber };
std::string_view name_of(ContextKind kind);  // "category", "number"
std::optional<ContextKind> context_kind(std::string_view name);

/// One column of one event: the place of a value in the column's vocabulary,
/// or a number; or nothing. 32 bits; which of the two it is, the column knows.
class Cell {
 public:
  constexpr Cell() = default;  // nothing
  static constexpr Cell of_code(std::uint32_t code) noexcept {
    return Cell(code);
  }
  /// Nothing for what is no finite number.
  static constexpr Cell of_number(float number) noexcept {
    // + 0: there is one zero.
    return number - number == 0
               ? Cell(std::bit_cast<std::uint32_t>(number + 0.0F))
               : Cell();
  }
  constexpr bool empty() const noexcept { return bits_ == kNothing; }
  constexpr std::uint32_t code() const noexcept { return bits_; }
  /// NaN: nothing.
  constexpr float number() const noexcept {
    return empty() ? std::numeric_limits<float>::quiet_NaN()
                   : std::bit_cast<float>(bits_);
  }
  constexpr bool operator==(const Cell&) const = default;

 private:
  static constexpr std::uint32_t kNothing = 0xFFFFFFFF;  // a NaN among floats
  explicit constexpr Cell(std::uint32_t bits) noexcept : bits_(bits) {}
  std::uint32_t bits_ = kNothing;
};

/// A column of a log or of a model.
struct ContextColumn {
  std::string name;
  ContextKind kind = ContextKind::kCategory;
  Vocabulary values = {};  // of a category; a number has none
};

/// A row of cells for each of several events: a view of memory, as cheap to
/// copy as three words. Without columns every row is empty.
struct ContextRows {
  const Cell* first = nullptr;
  std::size_t columns = 0;
  std::size_t stride = 0;  // cells from one row to the next

  std::span<const Cell> row(std::size_t event) const noexcept {
    return {first + event * stride, columns};
  }
  /// The rows from `event` on.
  ContextRows from(std::size_t event) const noexcept {
    return {first + event * stride, columns, stride};
  }
  /// Of every row the cells [begin, begin + count).
  ContextRows part(std::size_t begin, std::size_t count) const noexcept {
    return {first + begin, count, stride};
  }
};

/// Rows that lie end to end.
inline ContextRows rows_of(std::span<const Cell> cells,
                           std::size_t columns) noexcept {
  return cells.empty() ? ContextRows()
                       : ContextRows{cells.data(), columns, columns};
}

/// A number as a value of a category: shortest text that reads back as it.
std::string text_of(float number);

}  // namespace ensue::events
