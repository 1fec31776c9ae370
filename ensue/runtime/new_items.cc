// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/new_items.h"

#include <algorithm>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/kernels/train_rows.h"
#include "ensue/runtime/internal/affine.h"
#include "ensue/runtime/item_encoder.h"

namespace ensue::runtime {
namespace {

using artifact::Artifact, artifact::Description;

constexpr std::string_view kInput = "inputs.0";

bool scores_with_inputs(const artifact::ModelSpec& model) {
  if (model.heads.empty() || model.heads[0].type != "next_item") {
    return false;
  }
  artifact::NextItemConfig head;
  read_fields(head, model.heads[0].config, "heads.0");
  return head.tied;
}

// [rows, columns of `table`]
std::vector<float> summed(const artifact::ItemFeatures& features,
                          std::span<const float> table, std::size_t width) {
  std::vector<float> out(features.items() * width, 0.0F);
  for (std::size_t i = 0; i < features.items(); ++i) {
    for (std::size_t e = features.begin[i]; e < features.begin[i + 1]; ++e) {
      kernels::add_scaled(table.data() + features.places[e] * width,
                          features.weights[e], out.data() + i * width, width);
    }
  }
  return out;
}

// What an item without id has in its place.
std::vector<float> unknown_id(const Artifact& artifact) {
  const std::string name = std::string(kInput) + ".unknown";
  artifact::ItemContentConfig config;
  read_fields(config, artifact.description().model.inputs[0].config,
              "inputs.0");
  if (!artifact.has(name)) {
    return std::vector<float>(static_cast<std::size_t>(config.width), 0.0F);
  }
  const auto id = artifact.floats(name, {config.width});
  return {id.begin(), id.end()};
}

events::Column longer(const events::Column& known, const events::Column* more,
                      std::size_t rows) {
  if (more != nullptr && more->is_text() != known.is_text()) {
    invalid("item table: column '" + known.name + "' holds " +
            (more->is_text() ? "text" : "numbers") + ", expected " +
            (known.is_text() ? "text" : "numbers") + " as in the model");
  }
  events::Column out = known;
  std::visit(
      [&](auto& cells) {
        using Cells = std::remove_cvref_t<decltype(cells)>;
        if (more != nullptr) {
          const auto& from = std::get<Cells>(more->cells);
          cells.insert(cells.end(), from.begin(), from.end());
        } else if constexpr (std::is_same_v<Cells, std::vector<double>>) {
          cells.resize(rows, std::numeric_limits<double>::quiet_NaN());
        } else {
          cells.resize(rows);
        }
      },
      out.cells);
  return out;
}

Description longer(const Description& known, std::span<const std::string> names,
                   const events::Table& table) {
  Description out = known;
  std::vector<std::string_view> all;
  for (std::size_t i = 0; i < known.items.size(); ++i) {
    all.push_back(known.items.name(i));
  }
  for (const std::string& name : names) {
    if (known.items.find(name)) {
      invalid("item '" + name + "': the model knows it, expected a new one");
    }
    all.push_back(name);
  }
  out.items = events::Vocabulary::from_names(all);
  for (events::Column& column : out.item_table.columns) {
    column = longer(column, table.find(column.name), all.size());
  }
  return out;
}

// Written from the description, not from a tensor.
bool is_described(std::string_view name) {
  return name == "padding" || name.starts_with("vocabulary.") ||
         name.starts_with("item_table");
}

// A tensor with a row per item, and `count` rows behind the known ones.
void add_longer(artifact::Draft& draft, const Artifact& artifact,
                const std::string& name, std::span<const float> rows,
                std::size_t count) {
  const auto& tensor = artifact.tensor(name);
  const auto known = tensor.as<float>();
  std::vector<float> all(known.begin(), known.end());
  all.insert(all.end(), rows.begin(), rows.end());
  auto shape = tensor.shape;
  shape[0] += static_cast<std::int64_t>(count);
  draft.add<float>(name, shape, all);
}

}  // namespace

bool takes_new_items(const Artifact& artifact) {
  const artifact::ModelSpec& model = artifact.description().model;
  return !model.inputs.empty() && model.inputs[0].type == "item_content" &&
         scores_with_inputs(model);
}

std::vector<float> content_vectors(const Artifact& artifact,
                                   const events::Table& table) {
  const artifact::ModelSpec& model = artifact.description().model;
  if (!takes_new_items(artifact)) {
    invalid("model '" + model.name +
            "': it makes no item vectors from columns, expected one trained "
            "with content = [column, …]");
  }
  const BlockSource source{artifact, "inputs", 0, model.inputs[0]};
  const auto config = source.config<artifact::ItemContentConfig>();
  const auto encoder =
      ItemEncoder::read(artifact, config.columns, std::string(kInput));
  const std::size_t hidden = source.size("hidden", config.hidden);
  const auto weights = source.floats(
      "content.weight",
      {static_cast<std::int64_t>(encoder.features()), config.hidden});
  const auto bias = source.floats("content.bias", {config.hidden});
  const auto out = dense(source, "content.out", config.width, config.hidden);

  const auto features = encoder.encode(table);
  std::vector<float> units = summed(features, weights, hidden);
  for (std::size_t i = 0; i < units.size(); ++i) {
    units[i] = std::max(0.0F, units[i] + bias[i % hidden]);
  }
  std::vector<float> vectors(features.items() * out.outputs());
  out.apply(units, features.items(), vectors);
  const auto id = unknown_id(artifact);
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    vectors[i] += id[i % id.size()];
  }
  return vectors;
}

NewItems unknown_items(const Artifact& artifact,
                       const events::Vocabulary& names,
                       const events::Table& table) {
  NewItems out;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (artifact.description().items.find(names.name(i))) continue;
    rows.push_back(i);
    out.names.emplace_back(names.name(i));
  }
  for (const events::Column& column : table.columns) {
    events::Column kept{column.name, {}};
    std::visit(
        [&](const auto& cells) {
          std::remove_cvref_t<decltype(cells)> some;
          for (const std::size_t row : rows) some.push_back(cells[row]);
          kept.cells = std::move(some);
        },
        column.cells);
    out.table.columns.push_back(std::move(kept));
  }
  return out;
}

artifact::Draft draft_with_items(const Artifact& artifact,
                                 const NewItems& items) {
  const auto& [names, table] = items;
  if (names.size() != table.rows()) {
    invalid("new items: " + std::to_string(names.size()) + " names for " +
            std::to_string(table.rows()) + " rows, expected as many");
  }
  const std::vector<float> vectors = content_vectors(artifact, table);
  const std::size_t count = names.size();
  const auto id = unknown_id(artifact);
  std::vector<float> ids;
  for (std::size_t i = 0; i < count; ++i) {
    ids.insert(ids.end(), id.begin(), id.end());
  }
  const std::vector<float> zeros(count, 0.0F);
  artifact::Draft draft(longer(artifact.description(), names, table));
  for (const std::string& name : artifact.tensor_names()) {
    if (is_described(name)) continue;
    if (name == "inputs.0.weight") {
      add_longer(draft, artifact, name, vectors, count);
    } else if (name == "inputs.0.id") {
      add_longer(draft, artifact, name, ids, count);
    } else if (name == "heads.0.bias") {
      add_longer(draft, artifact, name, zeros, count);
    } else {
      const auto& tensor = artifact.tensor(name);
      draft.add_bytes(name, tensor.type, tensor.shape, tensor.bytes);
    }
  }
  return draft;
}

std::shared_ptr<const Artifact> with_items(const Artifact& artifact,
                                           const NewItems& items) {
  return Artifact::from_bytes(draft_with_items(artifact, items).bytes(),
                              "model with new items");
}

}  // namespace ensue::runtime
