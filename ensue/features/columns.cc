// SPDX-License-Identifier: Apache-2.0
#include "ensue/features/columns.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "ensue/base/error.h"
#include "ensue/events/log.h"

namespace ensue::features {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::optional<float> read_float(std::string_view text) {
  float out = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return out;
}

std::uint32_t bits_of(float number) noexcept {
  return std::isnan(number) ? EventColumn::kNothing
                            : std::bit_cast<std::uint32_t>(number + 0.0F);
}

std::string known_columns(const Names& names) {
  std::string out = "item, value";
  for (const auto& column : names.context) out += ", " + column.name;
  for (const auto& column : names.items.columns) out += ", " + column.name;
  return out;
}

}  // namespace

Names names_of(const events::Log& log) {
  return {log.action_names(), log.context(), log.item_table()};
}

EventColumn::EventColumn(std::string_view name, const Names& names) {
  for (std::string_view rest = name;;) {
    const std::size_t star = rest.find('*');
    factors_.push_back(find(rest.substr(0, star), names));
    if (star == std::string_view::npos) break;
    rest.remove_prefix(star + 1);
  }
  number_ = holds_numbers(factors_[0]);
  if (!is_product()) return;
  for (const Factor& factor : factors_) {
    if (!holds_numbers(factor)) {
      invalid("column '" + std::string(name) +
              "': a product needs columns of numbers");
    }
  }
}

EventColumn::Factor EventColumn::find(std::string_view name,
                                      const Names& names) {
  if (name == "item") return {From::kItem};
  if (name == "value") return {From::kValue};
  for (std::size_t c = 0; c < names.context.size(); ++c) {
    if (names.context[c].name == name) {
      return {From::kContext, c, &names.context[c]};
    }
  }
  if (const events::Column* column = names.items.find(name)) {
    return {From::kItemTable, 0, nullptr, read(*column)};
  }
  invalid("unknown column '" + std::string(name) +
          "'; known: " + known_columns(names));
}

std::shared_ptr<const EventColumn::ItemCells> EventColumn::read(
    const events::Column& column) {
  auto out = std::make_shared<ItemCells>();
  out->codes.assign(column.size(), kNothing);
  for (std::size_t i = 0; i < column.size(); ++i) {
    const std::string text = column.show(i);
    if (!column.is_text()) out->numbers.push_back(column.number(i));
    if (text.empty() || (!column.is_text() && std::isnan(column.number(i)))) {
      continue;
    }
    out->codes[i] =
        out->values.try_emplace(text, out->values.size()).first->second;
  }
  return out;
}

bool EventColumn::holds_numbers(const Factor& factor) noexcept {
  switch (factor.from) {
    case From::kItem:
      return false;
    case From::kValue:
      return true;
    case From::kContext:
      return factor.column->kind == events::ContextKind::kNumber;
    case From::kItemTable:
      return !factor.items->numbers.empty();
  }
  return false;
}

double EventColumn::number(const Factor& factor, const events::History& history,
                           std::size_t i) noexcept {
  if (factor.from == From::kValue) return history.values[i];
  if (factor.from == From::kContext) {
    return history.context.row(i)[factor.context].number();
  }
  const std::size_t item = index(history.items[i]);
  return item < factor.items->numbers.size() ? factor.items->numbers[item]
                                             : kNaN;
}

double EventColumn::number(const events::History& history,
                           std::size_t i) const noexcept {
  double out = number(factors_[0], history, i);
  for (std::size_t f = 1; f < factors_.size(); ++f) {
    out *= number(factors_[f], history, i);
  }
  return out;
}

std::uint32_t EventColumn::code(const events::History& history,
                                std::size_t i) const noexcept {
  const Factor& factor = factors_[0];
  switch (factor.from) {
    case From::kItem:
      return index(history.items[i]);  // kNoItem is kNothing
    case From::kValue:
      return bits_of(history.values[i]);
    case From::kContext: {
      const events::Cell cell = history.context.row(i)[factor.context];
      return cell.code();  // of a number: its bits; of nothing: kNothing
    }
    case From::kItemTable: {
      const std::size_t item = index(history.items[i]);
      return item < factor.items->codes.size() ? factor.items->codes[item]
                                               : kNothing;
    }
  }
  return kNothing;
}

std::optional<std::uint32_t> EventColumn::code_of(
    std::string_view value) const {
  const Factor& factor = factors_[0];
  if (factor.from == From::kItemTable) {
    const auto it = factor.items->values.find(value);
    if (it == factor.items->values.end()) return std::nullopt;
    return it->second;
  }
  if (factor.from == From::kContext && !is_number()) {
    return factor.column->values.find(value);
  }
  if (factor.from == From::kItem) return std::nullopt;
  const auto number = read_float(value);
  if (!number) return std::nullopt;
  return bits_of(*number);
}

}  // namespace ensue::features
