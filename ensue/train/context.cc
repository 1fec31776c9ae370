// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/context.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/runtime/engine.h"

namespace ensue::train {
namespace {

using events::Cell, events::ContextColumn, events::ContextKind;

constexpr std::string_view kBlock = "context_embedding";

// From here on neighbouring whole numbers are one float.
constexpr float kMostValue = 16'777'216;

std::optional<std::size_t> place_of(const std::vector<ContextColumn>& columns,
                                    std::string_view name) {
  for (std::size_t place = 0; place < columns.size(); ++place) {
    if (columns[place].name == name) return place;
  }
  return std::nullopt;
}

std::string names_of(const std::vector<ContextColumn>& columns) {
  std::string out;
  for (const ContextColumn& column : columns) {
    out += (out.empty() ? "" : ", ") + column.name;
  }
  return out.empty() ? "it has none" : "it has: " + out;
}

// A column that is called as a whole like "NAME:KIND" comes first.
ContextReading reading_of(const std::vector<ContextColumn>& log,
                          const std::string& named) {
  if (const auto place = place_of(log, named)) {
    return {log[*place], *place, log[*place].kind};
  }
  const std::size_t colon = named.rfind(':');
  if (colon != std::string::npos) {
    const auto kind = events::context_kind(named.substr(colon + 1));
    const auto place = place_of(log, named.substr(0, colon));
    if (place && kind) return {log[*place], *place, *kind};
    if (place) {
      invalid("context: '" + named + "', expected :category or :number");
    }
  }
  invalid("context: '" + named + "', expected a context column of the log; " +
          names_of(log));
}

}  // namespace

ContextReading::ContextReading(const ContextColumn& from, std::size_t place,
                               ContextKind kind)
    : from_(&from), place_(place), kind_(kind) {}

Cell ContextReading::read(std::span<const Cell> row) {
  const Cell cell = place_ < row.size() ? row[place_] : Cell();
  if (cell.empty()) return cell;
  return kind_ == ContextKind::kCategory ? read_value(cell) : read_number(cell);
}

Cell ContextReading::read_value(Cell cell) {
  const auto next = static_cast<std::uint32_t>(values_.size());
  const auto [found, fresh] = codes_.try_emplace(cell.code(), next);
  if (!fresh) return Cell::of_code(found->second);
  if (from_->kind == ContextKind::kCategory) {
    values_.emplace_back(from_->values.name(cell.code()));
    return Cell::of_code(next);
  }
  const float number = cell.number();
  if (std::abs(number) >= kMostValue) {
    invalid("context: " + events::text_of(number) + " in column '" +
            from_->name +
            "', expected numbers below 16777216 as values of a category");
  }
  values_.push_back(events::text_of(number));
  return Cell::of_code(next);
}

Cell ContextReading::read_number(Cell cell) {
  if (from_->kind == ContextKind::kCategory) {
    ContextColumn wanted{from_->name, kind_};
    cell = runtime::cell_of(wanted, from_->values.name(cell.code()));
  }
  const double number = cell.number(), off = number - mean_;
  mean_ += off / static_cast<double>(++count_);
  squares_ += off * (number - mean_);
  return cell;
}

ContextColumn ContextReading::column() const {
  return {
      from_->name, kind_,
      events::Vocabulary::from_names(std::span<const std::string>(values_))};
}

artifact::NumberScale ContextReading::scale() const {
  if (count_ == 0) return {};
  const double deviation = std::sqrt(squares_ / static_cast<double>(count_));
  const bool one = deviation <= 1e-6 * std::max(1e-6, std::abs(mean_));
  return {static_cast<float>(mean_),
          one ? 1.0F : static_cast<float>(deviation)};
}

std::vector<ContextReading> context_readings(
    const std::vector<ContextColumn>& log,
    const std::vector<std::string>& named) {
  std::vector<ContextReading> out;
  std::vector<std::string> names;
  for (const std::string& name : named) {
    out.push_back(reading_of(log, name));
    names.push_back(out.back().column().name);
    if (std::ranges::count(names, names.back()) > 1) {
      invalid("context: '" + names.back() + "' is named twice");
    }
  }
  return out;
}

std::vector<std::string> context_of(const artifact::ModelSpec& model) {
  for (const artifact::BlockSpec& input : model.inputs) {
    if (input.type != kBlock) continue;
    artifact::ContextEmbeddingConfig config;
    read_fields(config, input.config, kBlock);
    return config.columns;
  }
  return {};
}

std::vector<nn::ContextSize> context_sizes(const Corpus& corpus) {
  std::vector<nn::ContextSize> out;
  for (std::size_t k = 0; k < corpus.context_columns.size(); ++k) {
    const ContextColumn& column = corpus.context_columns[k];
    out.push_back({column.kind, static_cast<std::int64_t>(column.values.size()),
                   corpus.scales[k]});
  }
  return out;
}

std::map<std::string, std::vector<std::int64_t>> known_values(
    const artifact::ModelSpec& model, const Corpus& corpus,
    const artifact::Artifact& base) {
  std::map<std::string, std::vector<std::int64_t>> out;
  const auto input =
      std::ranges::find(model.inputs, kBlock, &artifact::BlockSpec::type);
  const auto block = static_cast<std::size_t>(input - model.inputs.begin());
  const auto& theirs = base.description().context;
  for (std::size_t k = 0; k < corpus.context_columns.size(); ++k) {
    const ContextColumn& column = corpus.context_columns[k];
    const std::string name = artifact::Artifact::tensor_name(
        "inputs", block, "columns." + std::to_string(k) + ".weight");
    if (!base.has(name)) continue;
    if (k >= theirs.size() || theirs[k].name != column.name ||
        theirs[k].kind != column.kind) {
      invalid("context: '" + column.name + "' (" +
              std::string(name_of(column.kind)) +
              ") stands where the model to start from has '" +
              (k < theirs.size() ? theirs[k].name : "") +
              "', expected the same columns of the same kinds");
    }
    if (column.kind == ContextKind::kNumber) continue;
    std::vector<std::int64_t>& rows = out[name];
    rows.push_back(0);  // of no value
    for (std::size_t code = 0; code < column.values.size(); ++code) {
      const auto found = theirs[k].values.find(column.values.name(code));
      rows.push_back(found ? std::int64_t{*found} + 1 : -1);
    }
  }
  return out;
}

}  // namespace ensue::train
