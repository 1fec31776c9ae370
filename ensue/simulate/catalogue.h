// SPDX-License-Identifier: Apache-2.0
// The items of the simulated shop and how they stand in product lines.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/simulate/calendar.h"
#include "ensue/simulate/options.h"

namespace ensue::simulate {

/// Items are numbers 0 … items() - 1. A category has `styles` product lines; a
/// line is a ring of consecutive items. Items arrive on the first day of a
/// week; the first item of each line is there from the start.
class Catalogue {
 public:
  Catalogue(const SimulateOptions& options, const Calendar& calendar);

  std::uint32_t items() const noexcept { return first_.back(); }
  int categories() const noexcept { return categories_; }
  int styles() const noexcept { return styles_; }
  int lines() const noexcept { return categories_ * styles_; }

  int line(std::uint32_t item) const noexcept { return line_of_[item]; }
  int category(std::uint32_t item) const noexcept {
    return line_of_[item] / styles_;
  }
  int style(std::uint32_t item) const noexcept {
    return line_of_[item] % styles_;
  }
  std::uint32_t line_begin(int line) const noexcept { return first_[line]; }
  std::uint32_t line_end(int line) const noexcept { return first_[line + 1]; }
  std::uint32_t price_cents(std::uint32_t item) const noexcept {
    return price_[item];
  }
  int arrival_week(std::uint32_t item) const noexcept { return arrival_[item]; }
  bool available(std::uint32_t item, int week) const noexcept {
    return arrival_[item] <= week;
  }
  std::uint32_t available_items(int week) const noexcept {
    return available_[week];
  }

  /// How strongly a line is entered at this item, relative to its line-mates.
  double entry_weight(std::uint32_t item) const noexcept {
    return entry_[item - first_[line_of_[item]]];
  }
  /// Sum of the entry weights of the line's items available in `week`.
  double entry_total(int line, int week) const noexcept {
    return totals_[static_cast<std::size_t>(line) * weeks_ + week];
  }
  /// An available item of the line, by entry weight.
  std::uint32_t draw_entry(int line, int week, Rng& rng) const noexcept;
  /// Any available item, all alike.
  std::uint32_t draw_any(int week, Rng& rng) const noexcept;
  /// The `steps`-th available item behind `item` in its ring.
  std::uint32_t along(std::uint32_t item, int steps, int week) const noexcept;

  std::string id(std::uint32_t item) const;
  std::string title(std::uint32_t item) const;
  std::string title_zh(std::uint32_t item) const;
  std::string category_name(int category) const;
  std::string category_name_zh(int category) const;
  std::string style_name(int style) const;
  std::string style_name_zh(int style) const;

 private:
  void price_items(Rng& rng);
  void time_arrivals(const SimulateOptions& options, Rng& rng);
  void sum_entries();

  int categories_ = 0, styles_ = 0;
  std::size_t weeks_ = 0;
  std::vector<std::uint32_t> first_;       // [lines + 1]
  std::vector<std::int32_t> line_of_;      // [items]
  std::vector<std::uint32_t> price_;       // [items], cents
  std::vector<std::int16_t> arrival_;      // [items], week
  std::vector<double> entry_, entry_cum_;  // [longest line]
  std::vector<double> totals_;             // [lines, weeks]
  std::vector<std::uint32_t> available_;   // [weeks]
};

}  // namespace ensue::simulate
