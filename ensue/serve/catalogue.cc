// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/catalogue.h"

#include <algorithm>
#include <array>
#include <set>

#include "ensue/base/error.h"
#include "ensue/runtime/top_k.h"

namespace ensue::serve {
namespace {

std::string key_of(std::span<const tasks::Condition> conditions) {
  std::string out;
  for (const tasks::Condition& c : conditions) {
    out += c.column + '\1' + c.op + '\1' + c.value + '\2';
  }
  return out;
}

void set_bit(Bits& bits, std::size_t item, bool value) {
  const std::uint64_t bit = std::uint64_t{1} << (item % 64);
  if (value) {
    bits[item / 64] |= bit;
  } else {
    bits[item / 64] &= ~bit;
  }
}

bool meets(const tasks::Condition& condition, const Json& cell) {
  if (cell.is_string()) {
    return tasks::ConditionTest(condition, /*text=*/true).of(cell.as_string());
  }
  if (cell.is_bool()) {
    return tasks::ConditionTest(condition, /*text=*/true)
        .of(cell.as_bool() ? "true" : "false");
  }
  if (cell.is_number()) {
    return tasks::ConditionTest(condition, /*text=*/false)
        .of(cell.to_number<double>());
  }
  if (!cell.is_array()) return false;  // null: missing
  // One of a list: Gorse's categories, Metarank's lists of strings.
  return std::ranges::any_of(cell.as_array(), [&](const Json& one) {
    return !one.is_array() && meets(condition, one);
  });
}

}  // namespace

Catalogue::Catalogue(const artifact::Artifact& artifact)
    : artifact_(artifact) {}

bool Catalogue::shown(const JsonObject& document) const {
  const Json* hidden = document.if_contains("hidden");
  if (hidden != nullptr && hidden->is_bool() && hidden->as_bool()) return false;
  const Json* stock = document.if_contains("stock");
  return stock == nullptr || !stock->is_number() ||
         stock->to_number<double>() > 0;
}

void Catalogue::clear() {
  ++changes_;
  const std::lock_guard lock(kept_mutex_);
  kept_.clear();
}

void Catalogue::set(std::uint32_t item, const JsonObject& document) {
  const std::unique_lock lock(mutex_);
  documents_[item] = document;
  clear();
}

void Catalogue::forget(std::uint32_t item) {
  const std::unique_lock lock(mutex_);
  if (documents_.erase(item) > 0) clear();
}

std::shared_ptr<const Bits> Catalogue::allowed(
    std::span<const tasks::Condition> conditions) const {
  const std::shared_lock lock(mutex_);
  if (conditions.empty() && documents_.empty()) return nullptr;
  const std::string key = key_of(conditions);
  {
    const std::lock_guard kept(kept_mutex_);
    const auto hit = std::ranges::find(kept_, key, &Kept::key);
    if (hit != kept_.end()) {
      kept_.splice(kept_.begin(), kept_, hit);
      return kept_.front().bits;
    }
  }
  auto bits = std::make_shared<const Bits>(compute(conditions));
  const std::lock_guard kept(kept_mutex_);
  kept_.push_front({key, bits});
  if (kept_.size() > kKept) kept_.pop_back();
  return bits;
}

Bits Catalogue::compute(std::span<const tasks::Condition> conditions) const {
  const std::size_t items = artifact_.description().items.size();
  const std::size_t later =
      documents_.empty() ? 0 : documents_.rbegin()->first + std::size_t{1};
  Bits out(runtime::words_of(std::max(items, later)), 0);
  std::fill_n(out.begin(), items / 64, ~std::uint64_t{0});
  if (items % 64 != 0) out[items / 64] = (std::uint64_t{1} << (items % 64)) - 1;
  for (auto at = documents_.lower_bound(static_cast<std::uint32_t>(items));
       at != documents_.end(); ++at) {
    set_bit(out, at->first, true);
  }
  for (const tasks::Condition& condition : conditions) {
    keep_matching(condition, out);
  }
  for (const auto& [item, document] : documents_) {
    if (!shown(document)) set_bit(out, item, false);
  }
  return out;
}

void Catalogue::keep_matching(const tasks::Condition& condition,
                              Bits& bits) const {
  const events::Table& table = artifact_.description().item_table;
  const events::Column* column = table.find(condition.column);
  bool known = column != nullptr;
  Bits met(bits.size(), 0);
  if (column != nullptr) {
    const tasks::ConditionTest test(condition, column->is_text());
    for (std::size_t row = 0; row < column->size(); ++row) {
      const bool yes = column->is_text() ? test.of(column->text(row))
                                         : test.of(column->number(row));
      if (yes) set_bit(met, row, true);
    }
  }
  for (const auto& [item, document] : documents_) {
    const Json* cell = document.if_contains(condition.column);
    if (cell == nullptr) continue;
    known = true;
    set_bit(met, item, meets(condition, *cell));
  }
  if (!known) {
    std::string all;
    for (const std::string& name : columns()) {
      all += (all.empty() ? "" : ", ") + name;
    }
    throw Error(Code::kNotFound,
                "unknown item column '" + condition.column +
                    "'; known: " + (all.empty() ? "none" : all));
  }
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] &= met[i];
}

std::string Catalogue::title(std::uint32_t item) const {
  const std::shared_lock lock(mutex_);
  const auto said = documents_.find(item);
  for (const char* name : {"title", "name", "description"}) {
    if (said != documents_.end()) {
      const Json* cell = said->second.if_contains(name);
      if (cell != nullptr && cell->is_string()) {
        return std::string(cell->as_string());
      }
    }
    const auto* column = artifact_.description().item_table.find(name);
    if (column != nullptr && item < column->size()) return column->show(item);
  }
  return "";
}

JsonObject Catalogue::describe(std::uint32_t item) const {
  const std::shared_lock lock(mutex_);
  JsonObject out;
  for (const auto& column : artifact_.description().item_table.columns) {
    if (column.is_text()) {
      if (!column.text(item).empty()) out[column.name] = column.text(item);
    } else if (column.number(item) == column.number(item)) {
      out[column.name] = column.number(item);
    }
  }
  const auto said = documents_.find(item);
  if (said == documents_.end()) return out;
  for (const auto& member : said->second) out[member.key()] = member.value();
  return out;
}

std::vector<std::string> Catalogue::columns() const {
  std::set<std::string> names;
  for (const auto& column : artifact_.description().item_table.columns) {
    names.insert(column.name);
  }
  for (const auto& [item, document] : documents_) {
    for (const auto& member : document) names.insert(std::string(member.key()));
  }
  return {names.begin(), names.end()};
}

}  // namespace ensue::serve
