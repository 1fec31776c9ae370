// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/item_encoder.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <span>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/runtime/text_pieces.h"

namespace ensue::runtime {
namespace {

using Column = ItemEncoder::Column;
using artifact::ItemFeatures;

constexpr std::string_view kKinds[] = {"category", "text", "number", "vector"};

void add(ItemFeatures& out, std::size_t place, float weight) {
  out.places.push_back(static_cast<std::uint32_t>(place));
  out.weights.push_back(weight);
}

void add_category(const Column& column, const std::string& cell,
                  std::size_t first, ItemFeatures& out) {
  if (cell.empty()) return;
  if (const auto value = column.values.find(cell)) add(out, first + *value, 1);
}

float rarity_of(const Column& column, std::uint32_t value) {
  return column.rarity.empty() ? 1.0F : column.rarity[value];
}

// Entries from `from` on become of length 1 together.
void normalise(ItemFeatures& out, std::size_t from) {
  const auto weights = std::span(out.weights).subspan(from);
  const float square =
      std::inner_product(weights.begin(), weights.end(), weights.begin(), 0.0F);
  if (square <= 0) return;
  for (float& weight : weights) weight /= std::sqrt(square);
}

void add_pieces(const Column& column, const std::string& cell,
                std::size_t first, ItemFeatures& out) {
  std::map<std::uint32_t, float> counts;
  for (const std::uint32_t piece : pieces_of(column.values, cell)) {
    ++counts[piece];
  }
  for (const auto& [piece, count] : counts) {
    add(out, first + piece, count * rarity_of(column, piece));
  }
}

void add_text(const Column& column, const std::string& cell, std::size_t first,
              ItemFeatures& out) {
  const std::size_t from = out.weights.size();
  add_pieces(column, cell, first, out);
  normalise(out, from);
}

void add_numbers(const Column& column, std::span<const float> numbers,
                 std::size_t first, ItemFeatures& out) {
  const std::size_t size = column.features();
  if (numbers.size() != size) return;
  const float share = 1 / std::sqrt(static_cast<float>(size));
  for (std::size_t i = 0; i < size; ++i) {
    const float mean = column.moments[i], deviation = column.moments[size + i];
    add(out, first + i, share * (numbers[i] - mean) / deviation);
  }
}

float number_of(const events::Column& column, std::size_t row) {
  if (!column.is_text()) return compressed(column.number(row));
  const auto read = numbers_in(column.text(row));
  return read.size() == 1 ? compressed(read[0]) : std::nanf("");
}

void add_cell(const Column& column, const events::Column& cells,
              std::size_t row, std::size_t first, ItemFeatures& out) {
  switch (column.kind) {
    case ColumnKind::kCategory:
      return add_category(column, cells.show(row), first, out);
    case ColumnKind::kText:
      return add_text(column, cells.show(row), first, out);
    case ColumnKind::kNumber: {
      const float number = number_of(cells, row);
      if (std::isnan(number)) return;
      return add_numbers(column, {&number, 1}, first, out);
    }
    case ColumnKind::kVector:
      return add_numbers(column, numbers_in(cells.show(row)), first, out);
  }
}

std::string place_of(const std::string& prefix, std::size_t k,
                     std::string_view part) {
  return prefix + ".columns." + std::to_string(k) + "." + std::string(part);
}

// Vocabularies are used on 8 bytes, where a byte tensor need not lie.
events::Vocabulary copied_vocabulary(std::span<const std::byte> bytes) {
  const auto copy =
      std::make_shared<std::vector<std::uint64_t>>((bytes.size() + 7) / 8);
  std::memcpy(copy->data(), bytes.data(), bytes.size());
  return events::Vocabulary::from_bytes(
      std::as_bytes(std::span(*copy)).first(bytes.size()), copy);
}

void check_rarity(const Column& column, const std::string& where) {
  const bool good = column.rarity.size() == column.features() &&
                    std::ranges::all_of(column.rarity, [](float weight) {
                      return std::isfinite(weight) && weight >= 0;
                    });
  if (!good) {
    throw Error(Code::kCorrupt,
                where + ": expected a weight of 0 or more per feature");
  }
}

void check_moments(const Column& column, const std::string& where) {
  const std::size_t size = column.features();
  bool good = column.moments.size() == 2 * size && size > 0 &&
              (column.kind == ColumnKind::kVector || size == 1);
  for (std::size_t i = 0; good && i < size; ++i) {
    good = std::isfinite(column.moments[i]) && column.moments[size + i] > 0;
  }
  if (!good) {
    throw Error(Code::kCorrupt,
                where + ": expected means and positive deviations");
  }
}

}  // namespace

std::string_view name_of(ColumnKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

float compressed(double number) noexcept {
  return static_cast<float>(
      std::copysign(std::log1p(std::abs(number)), number));
}

std::vector<float> numbers_in(std::string_view cell) {
  constexpr std::string_view kBetween = " \t,;[]()";
  std::vector<float> out;
  const char* at = cell.data();
  const char* end = at + cell.size();
  while (true) {
    while (at != end && kBetween.find(*at) != std::string_view::npos) ++at;
    if (at == end) return out;
    float number = 0;
    const auto read = std::from_chars(at, end, number);
    const bool whole =
        read.ptr == end || kBetween.find(*read.ptr) != std::string_view::npos;
    if (read.ec != std::errc() || !whole || !std::isfinite(number)) return {};
    out.push_back(number);
    at = read.ptr;
  }
}

std::size_t Column::features() const noexcept {
  switch (kind) {
    case ColumnKind::kCategory:
    case ColumnKind::kText:
      return values.size();
    case ColumnKind::kNumber:
    case ColumnKind::kVector:
      return moments.size() / 2;
  }
  return 0;
}

ItemEncoder::ItemEncoder(std::vector<Column> columns)
    : columns_(std::move(columns)) {}

std::size_t ItemEncoder::features() const noexcept {
  std::size_t out = 0;
  for (const Column& column : columns_) out += column.features();
  return out;
}

ItemEncoder ItemEncoder::read(const artifact::Artifact& artifact,
                              const std::vector<std::string>& columns,
                              const std::string& prefix) {
  std::vector<Column> out;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    Column column;
    column.name = parse_column(columns[k]).name;
    const std::string category = place_of(prefix, k, "category"),
                      text = place_of(prefix, k, "text"),
                      number = place_of(prefix, k, "number"),
                      vector = place_of(prefix, k, "vector");
    if (artifact.has(category) || artifact.has(text)) {
      const bool whole = artifact.has(category);
      column.kind = whole ? ColumnKind::kCategory : ColumnKind::kText;
      column.values =
          copied_vocabulary(artifact.tensor(whole ? category : text).bytes);
      const std::string rarity = place_of(prefix, k, "rarity");
      if (artifact.has(rarity)) {
        const auto weights = artifact.tensor(rarity).as<float>();
        column.rarity.assign(weights.begin(), weights.end());
        check_rarity(column, rarity);
      }
    } else {
      const bool one = artifact.has(number);
      column.kind = one ? ColumnKind::kNumber : ColumnKind::kVector;
      const std::string& place = one ? number : vector;
      const auto moments = artifact.tensor(place).as<float>();
      column.moments.assign(moments.begin(), moments.end());
      check_moments(column, place);
    }
    out.push_back(std::move(column));
  }
  return ItemEncoder(std::move(out));
}

void ItemEncoder::write(artifact::Draft& draft,
                        const std::string& prefix) const {
  const auto add_bytes = [&draft](const std::string& name,
                                  std::span<const std::byte> bytes) {
    draft.add_bytes(name, artifact::DType::kU8,
                    {static_cast<std::int64_t>(bytes.size())}, bytes);
  };
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    const Column& column = columns_[k];
    const std::string name = place_of(prefix, k, name_of(column.kind));
    switch (column.kind) {
      case ColumnKind::kCategory:
      case ColumnKind::kText:
        add_bytes(name, column.values.bytes());
        if (column.rarity.empty()) break;
        draft.add<float>(place_of(prefix, k, "rarity"),
                         {static_cast<std::int64_t>(column.rarity.size())},
                         column.rarity);
        break;
      case ColumnKind::kNumber:
      case ColumnKind::kVector:
        draft.add<float>(name,
                         {2, static_cast<std::int64_t>(column.features())},
                         column.moments);
    }
  }
}

std::vector<const events::Column*> ItemEncoder::cells_of(
    const events::Table& table) const {
  std::vector<const events::Column*> out;
  for (const Column& column : columns_) {
    out.push_back(table.find(column.name));
    if (out.back() != nullptr) continue;
    std::string known;
    for (const auto& c : table.columns) {
      known += (known.empty() ? "" : ", ") + c.name;
    }
    invalid("item table: no column '" + column.name + "', expected one; has " +
            (known.empty() ? "none" : known));
  }
  return out;
}

ItemFeatures ItemEncoder::encode(const events::Table& table) const {
  const auto cells = cells_of(table);
  ItemFeatures out;
  out.columns = features();
  for (std::size_t row = 0; row < table.rows(); ++row) {
    std::size_t first = 0;
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      add_cell(columns_[k], *cells[k], row, first, out);
      first += columns_[k].features();
    }
    out.begin.push_back(out.places.size());
  }
  return out;
}

ItemFeatures ItemEncoder::compare(const events::Table& table) const {
  const auto cells = cells_of(table);
  ItemFeatures out;
  out.columns = features();
  for (std::size_t row = 0; row < table.rows(); ++row) {
    std::size_t first = 0;
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      const Column& column = columns_[k];
      const std::size_t from = out.weights.size();
      if (column.kind == ColumnKind::kCategory) {
        add_category(column, cells[k]->show(row), first, out);
        if (out.weights.size() > from) {
          const auto value = out.places.back() - first;
          out.weights.back() *=
              rarity_of(column, static_cast<std::uint32_t>(value));
        }
      } else if (column.kind == ColumnKind::kText) {
        add_pieces(column, cells[k]->show(row), first, out);
      }
      first += column.features();
    }
    normalise(out, out.begin.back());
    out.begin.push_back(out.places.size());
  }
  return out;
}

NamedColumn parse_column(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return {text};
  const auto* kind = std::find(std::begin(kKinds), std::end(kKinds),
                               std::string_view(text).substr(colon + 1));
  if (kind == std::end(kKinds)) return {text};
  return {text.substr(0, colon), true,
          static_cast<ColumnKind>(kind - std::begin(kKinds))};
}

}  // namespace ensue::runtime
