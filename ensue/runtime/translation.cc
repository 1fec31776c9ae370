// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "ensue/base/error.h"
#include "ensue/runtime/engine.h"

namespace ensue::runtime {
namespace {

using events::Cell, events::ContextColumn, events::ContextKind;

constexpr std::uint32_t kUnknown = 0xFFFFFFFF;

std::string names_of(const std::vector<ContextColumn>& columns) {
  std::string out;
  for (const ContextColumn& column : columns) {
    out += (out.empty() ? "" : ", ") + column.name;
  }
  return out;
}

std::size_t place_of(const std::string& name,
                     const std::vector<ContextColumn>& all) {
  for (std::size_t place = 0; place < all.size(); ++place) {
    if (all[place].name == name) return place;
  }
  invalid("context: the model reads '" + name +
          "', expected such a column in the log; " +
          (all.empty() ? "it has none" : "it has: " + names_of(all)));
}

std::optional<Cell> number_in(std::string_view text) {
  float number = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  const Cell cell = Cell::of_number(number);
  return whole && !cell.empty() ? std::optional(cell) : std::nullopt;
}

Cell value_in(const events::Vocabulary& names, std::string_view text) {
  const auto found = names.find(text);
  return found ? Cell::of_code(*found) : Cell();
}

// What each of the log's values is to the engine.
std::vector<Cell> by_code(const events::Vocabulary& values,
                          const ContextColumn& wanted) {
  std::vector<Cell> out;
  for (std::size_t code = 0; code < values.size(); ++code) {
    const std::string_view text = values.name(code);
    out.push_back(wanted.kind == ContextKind::kNumber
                      ? number_in(text).value_or(Cell())
                      : value_in(wanted.values, text));
  }
  return out;
}

}  // namespace

Cell cell_of(const ContextColumn& column, std::string_view text) {
  if (column.kind == ContextKind::kCategory) {
    return value_in(column.values, text);
  }
  const auto number = number_in(text);
  if (!number) {
    invalid("context: '" + std::string(text) + "' in column '" + column.name +
            "', expected a number");
  }
  return *number;
}

Translation::Translation(const events::Log& log, const Engine& engine)
    : Translation({log.item_names(), log.action_names(), log.context()},
                  engine) {}

Translation::Translation(const HistoryNames& from, const Engine& engine) {
  const artifact::Description& model = engine.artifact().description();
  items_.reserve(from.items.size());
  for (std::size_t id = 0; id < from.items.size(); ++id) {
    items_.push_back(model.items.find(from.items.name(id)).value_or(kUnknown));
  }
  for (std::size_t id = 0; id < from.actions.size(); ++id) {
    const auto found = model.actions.find(from.actions.name(id));
    actions_.push_back(static_cast<events::ActionId>(found.value_or(0)));
  }
  for (const ContextColumn& column : engine.context()) {
    const std::size_t place = place_of(column.name, from.context);
    const ContextColumn& source = from.context[place];
    const bool names = column.kind == ContextKind::kCategory;
    context_.push_back({place, by_code(source.values, column),
                        source.kind == ContextKind::kNumber,
                        names ? column.values : events::Vocabulary(), names});
  }
}

std::optional<std::uint32_t> Translation::item(
    events::ItemId id) const noexcept {
  const std::uint32_t place = events::index(id);
  if (place >= items_.size() || items_[place] == kUnknown) return std::nullopt;
  return items_[place];
}

void Translation::translate(std::span<const Cell> row,
                            std::vector<Cell>& out) const {
  for (const Column& column : context_) {
    const Cell from = column.place < row.size() ? row[column.place] : Cell();
    if (from.empty()) {
      out.emplace_back();
    } else if (!column.numbers) {
      out.push_back(column.by_code[from.code()]);
    } else {
      out.push_back(column.named
                        ? value_in(column.names, events::text_of(from.number()))
                        : from);
    }
  }
}

Translation::Events Translation::translate(
    const events::History& history) const {
  Events out;
  out.columns = context_.size();
  for (std::size_t i = 0; i < history.size(); ++i) {
    const auto known = item(history.items[i]);
    if (!known) continue;
    const std::uint32_t action = events::index(history.actions[i]);
    out.items.push_back(events::ItemId{*known});
    out.actions.push_back(action < actions_.size() ? actions_[action]
                                                   : events::ActionId{0});
    out.times.push_back(history.times[i]);
    out.values.push_back(history.values[i]);
    out.kept.push_back(static_cast<std::uint32_t>(i));
    translate(history.context.row(i), out.context);
  }
  return out;
}

}  // namespace ensue::runtime
