// SPDX-License-Identifier: Apache-2.0
// The input context_embedding: what named columns say of an event.
#include <string>
#include <utility>

#include "ensue/base/fields.h"
#include "ensue/nn/internal/makers.h"
#include "ensue/nn/ops.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

using events::Cell, events::ContextKind;

constexpr double kEmbeddingDeviation = 0.02;

struct Column {
  ContextKind kind;
  Parameter* weight;
  std::string scale_name;  // of the tensor
  artifact::NumberScale scale;
};

class ContextEmbedding : public Block {
 public:
  explicit ContextEmbedding(std::vector<Column> columns)
      : columns_(std::move(columns)) {}

  at::Tensor forward(const at::Tensor&, const Pass& pass) override {
    at::Tensor out;
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      const at::Tensor part = columns_[k].kind == ContextKind::kCategory
                                  ? category(k, pass.batch)
                                  : number(k, pass.batch);
      out = out.defined() ? out + part : part;
    }
    return out;
  }
  void read(const artifact::Artifact& from) override {
    for (Column& column : columns_) {
      if (!has_scale(column) || !from.has(column.scale_name)) continue;
      const auto scale = from.floats(column.scale_name, {2});
      column.scale = {scale[0], scale[1]};
    }
  }
  void write(artifact::Draft& draft) const override {
    for (const Column& column : columns_) {
      if (!has_scale(column)) continue;
      const std::vector<float> scale = {column.scale.mean,
                                        column.scale.deviation};
      draft.add<float>(column.scale_name, {2}, scale);
    }
  }

 private:
  static bool has_scale(const Column& column) {
    return column.kind == ContextKind::kNumber;
  }
  // Calls body(event, cell) for every event that is shown.
  template <class Body>
  void each_shown(std::size_t column, const Packed& batch,
                  const Body& body) const {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (batch.items[i] == kMasked) continue;
      body(i, batch.context.empty()
                  ? Cell()
                  : batch.context[i * columns_.size() + column]);
    }
  }
  at::Tensor category(std::size_t column, const Packed& batch) const {
    std::vector<std::int64_t> rows(batch.size(), kMasked);
    each_shown(column, batch, [&](std::size_t i, Cell cell) {
      rows[i] = static_cast<std::int64_t>(artifact::context_row(cell));
    });
    return embed(*columns_[column].weight, rows);
  }
  at::Tensor number(std::size_t column, const Packed& batch) const {
    const Column& about = columns_[column];
    std::vector<float> x(2 * batch.size(),
                         0.0F);  // the number, or that none is
    each_shown(column, batch, [&](std::size_t i, Cell cell) {
      if (cell.empty()) {
        x[2 * i + 1] = 1;
      } else {
        x[2 * i] = about.scale(cell.number());
      }
    });
    const auto rows = static_cast<std::int64_t>(batch.size());
    return numbers_on(about.weight->value.device(), x)
        .view({rows, 2})
        .matmul(about.weight->traced().t());
  }

  std::vector<Column> columns_;
};

}  // namespace

MadeBlock make_context_embedding(const JsonObject& json, const Sizes& sizes,
                                 Scope& scope) {
  artifact::ContextEmbeddingConfig config;
  read_fields(config, json, "context_embedding");
  if (config.columns.empty() || config.columns.size() != sizes.context.size()) {
    invalid("context_embedding.columns: " +
            std::to_string(config.columns.size()) + ", expected the " +
            std::to_string(sizes.context.size()) + " that are known");
  }
  std::vector<Column> columns;
  for (std::size_t k = 0; k < sizes.context.size(); ++k) {
    const auto& [kind, values, scale] = sizes.context[k];
    const std::string name = "columns." + std::to_string(k) + ".";
    const Init init = Init::normal(kEmbeddingDeviation);
    Parameter& weight =
        kind == ContextKind::kCategory
            ? scope.make_table(name + "weight", values + 1, config.width, init)
            : scope.make(name + "weight", {config.width, 2}, init);
    columns.push_back({kind, &weight, scope.name(name + "scale"), scale});
  }
  return std::make_unique<ContextEmbedding>(std::move(columns));
}

}  // namespace ensue::nn
