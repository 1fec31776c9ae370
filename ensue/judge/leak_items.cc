// SPDX-License-Identifier: Apache-2.0
// An item table from the future. An item that first appears behind the cut may
// have a row known only then; an item that training sees may not.
#include <algorithm>

#include "ensue/judge/instants.h"
#include "ensue/judge/internal/leak_checks.h"

namespace ensue::judge {
namespace {

using events::Column, events::Log, events::Millis, events::UserId;

// When a row became known; nullopt: the cell is empty.
std::optional<Millis> known_since(const Log& log, const Column& column,
                                  std::size_t row) {
  if (!column.is_text()) {
    const double ms = column.number(row);
    if (ms != ms) return std::nullopt;
    return Millis{static_cast<std::int64_t>(ms)};
  }
  if (column.text(row).empty()) return std::nullopt;
  return parse_instant(column.text(row),
                       "item '" + std::string(log.item_names().name(row)) +
                           "', column " + column.name);
}

std::vector<bool> trained_items(const Log& log, const Split& split) {
  std::vector<bool> out(log.items(), false);
  for (std::uint32_t u = 0; u < split.train.size(); ++u) {
    const Range range = split.train[u];
    for (const auto item :
         log.history(UserId{u}).slice(range.begin, range.end).items) {
      if (item != events::kNoItem) out[events::index(item)] = true;
    }
  }
  return out;
}

}  // namespace

std::optional<Leak> future_item_table(const Suspect& s) {
  const events::Table& table = s.log.item_table();
  const Column* column =
      table.known_since.empty() ? nullptr : table.find(table.known_since);
  const auto last = train_until(s);
  if (column == nullptr || !last || !s.log.schema().has_clock) {
    return std::nullopt;
  }
  // The cut itself where there is one: rows learnt between the last training
  // event and the cut were known in time.
  const auto cut = first_cut(s.split);
  const Millis limit = cut ? *cut : Millis{events::count(*last) + 1};
  const auto trained = trained_items(s.log, s.split);
  Cases cases;
  for (std::size_t row = 0; row < column->size(); ++row) {
    const auto since = known_since(s.log, *column, row);
    if (!since || *since < limit || !trained[row]) continue;
    cases.add([&] {
      return "item '" + std::string(s.log.item_names().name(row)) +
             "' is learnt from, its row is known since " +
             show_instant(*since) + ", training ends before " +
             show_instant(limit);
    });
  }
  return cases.leak("future-item-table", cases.count() == 1
                                             ? "item row from the future"
                                             : "item rows from the future");
}

}  // namespace ensue::judge
