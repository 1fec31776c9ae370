// SPDX-License-Identifier: Apache-2.0
// The input context_embedding: what named columns say of an event.
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/kernels/train_rows.h"
#include "ensue/runtime/internal/blocks.h"

namespace ensue::runtime {
namespace {

using events::Cell, events::ContextKind;

/// One column: a table of vectors where it lies in the artifact, or the vector
/// that a number is multiplied with.
class Column {
 public:
  Column(const BlockSource& source, std::size_t place,
         const events::ContextColumn& about, std::size_t width)
      : category_(about.kind == ContextKind::kCategory), width_(width) {
    const std::string name = "columns." + std::to_string(place) + ".";
    const auto numbers = static_cast<std::int64_t>(width);
    if (category_) {
      const auto rows = static_cast<std::int64_t>(about.values.size() + 1);
      rows_ = source.floats(name + "weight", {rows, numbers});
      return;
    }
    const auto weight = source.floats(name + "weight", {numbers, 2});
    const auto scale = source.floats(name + "scale", {2});
    source.require(scale[1] > 0, name + "scale: the deviation is not above 0");
    scale_ = {scale[0], scale[1]};
    for (const std::size_t of : {0U, 1U}) {
      for (std::size_t i = 0; i < width; ++i) {
        vectors_.push_back(weight[2 * i + of]);
      }
    }
  }

  void add(Cell cell, std::span<float> out) const noexcept {
    if (category_) {
      // A code of another vocabulary counts as none.
      const std::size_t row = artifact::context_row(cell);
      const bool known = row < rows_.size() / width_;
      return add(rows_.data() + (known ? row * width_ : 0), 1, out);
    }
    if (cell.empty()) return add(vectors_.data() + width_, 1, out);
    add(vectors_.data(), scale_(cell.number()), out);
  }

 private:
  void add(const float* vector, float times,
           std::span<float> out) const noexcept {
    kernels::add_scaled(vector, times, out.data(), width_);
  }

  bool category_;
  std::size_t width_;
  std::span<const float> rows_;  // [values + 1, width]
  std::vector<float> vectors_;   // of a number, then of none
  artifact::NumberScale scale_;
};

class ContextEmbedding final : public Input {
 public:
  ContextEmbedding(const BlockSource& source, std::size_t width)
      : width_(width) {
    for (const auto& about : source.artifact.description().context) {
      columns_.emplace_back(source, columns_.size(), about, width);
    }
  }
  std::size_t width() const noexcept override { return width_; }
  void add(const events::Event& event, const Place& place,
           std::span<float> out) const noexcept override {
    if (event.item == events::kNoItem) return;  // not shown
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      const bool said = k < place.context.size();
      columns_[k].add(said ? place.context[k] : Cell(), out);
    }
  }

 private:
  std::size_t width_;
  std::vector<Column> columns_;
};

}  // namespace

std::unique_ptr<const Input> make_context_embedding(const BlockSource& source) {
  const auto config = source.config<artifact::ContextEmbeddingConfig>();
  const auto& context = source.artifact.description().context;
  source.require(config.columns.size() == context.size(),
                 "reads " + std::to_string(config.columns.size()) +
                     " columns, the artifact has " +
                     std::to_string(context.size()));
  return std::make_unique<ContextEmbedding>(source,
                                            source.size("width", config.width));
}

}  // namespace ensue::runtime
