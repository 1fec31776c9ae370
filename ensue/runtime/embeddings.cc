// SPDX-License-Identifier: Apache-2.0
// The inputs: item_embedding, item_content, action_embedding,
// position_embedding.
#include <cassert>
#include <cmath>

#include "ensue/artifact/block_configs.h"
#include "ensue/runtime/internal/blocks.h"

namespace ensue::runtime {
namespace {

/// A table of vectors, read where it lies in the artifact.
class Embedding : public Input {
 public:
  Embedding(const BlockSource& source, std::size_t rows, std::size_t width)
      : width_(width),
        table_(source.floats("weight", {static_cast<std::int64_t>(rows),
                                        static_cast<std::int64_t>(width)})) {}
  std::size_t width() const noexcept final { return width_; }

 protected:
  void add_row(std::size_t row, float scale,
               std::span<float> out) const noexcept {
    add_vector(table_.subspan(row * width_, width_), scale, out);
  }
  static void add_vector(std::span<const float> vector, float scale,
                         std::span<float> out) noexcept {
    for (std::size_t i = 0; i < vector.size(); ++i) out[i] += scale * vector[i];
  }
  std::size_t rows() const noexcept { return table_.size() / width_; }

 private:
  std::size_t width_;
  std::span<const float> table_;
};

class ItemEmbedding final : public Embedding {
 public:
  ItemEmbedding(const BlockSource& source, std::size_t width, float scale,
                bool mask)
      : Embedding(source, source.artifact.description().items.size(), width),
        scale_(scale) {
    if (mask) {
      mask_ = source.floats("mask", {static_cast<std::int64_t>(width)});
    }
  }
  bool masks() const noexcept override { return !mask_.empty(); }
  void add(const events::Event& event, const Place&,
           std::span<float> out) const noexcept override {
    if (event.item == events::kNoItem) return add_vector(mask_, scale_, out);
    add_row(events::index(event.item), scale_, out);
  }

 private:
  float scale_;
  std::span<const float> mask_;
};

class ActionEmbedding final : public Embedding {
 public:
  ActionEmbedding(const BlockSource& source, std::size_t width)
      : Embedding(source, source.artifact.description().actions.size(), width) {
  }
  // An action that the model does not know counts as the first one; that of an
  // event that is not shown does not count.
  void add(const events::Event& event, const Place&,
           std::span<float> out) const noexcept override {
    if (event.item == events::kNoItem) return;
    const std::size_t action = events::index(event.action);
    if (rows() > 0) add_row(action < rows() ? action : 0, 1.0F, out);
  }
};

class PositionEmbedding final : public Embedding {
 public:
  PositionEmbedding(const BlockSource& source, std::size_t window,
                    std::size_t width)
      : Embedding(source, window, width) {}
  std::size_t window() const noexcept override { return rows(); }
  void add(const events::Event&, const Place& place,
           std::span<float> out) const noexcept override {
    assert(place.position < rows());
    add_row(place.position, 1.0F, out);
  }
};

}  // namespace

namespace {

template <class Config>
std::unique_ptr<const Input> make_item_vectors(const BlockSource& source) {
  const auto config = source.config<Config>();
  const std::size_t width = source.size("width", config.width);
  const float scale =
      config.scale ? std::sqrt(static_cast<float>(config.width)) : 1.0F;
  return std::make_unique<ItemEmbedding>(source, width, scale, config.mask);
}

}  // namespace

std::unique_ptr<const Input> make_item_embedding(const BlockSource& source) {
  return make_item_vectors<artifact::ItemEmbeddingConfig>(source);
}

std::unique_ptr<const Input> make_item_content(const BlockSource& source) {
  return make_item_vectors<artifact::ItemContentConfig>(source);
}

std::unique_ptr<const Input> make_action_embedding(const BlockSource& source) {
  const auto config = source.config<artifact::ActionEmbeddingConfig>();
  return std::make_unique<ActionEmbedding>(source,
                                           source.size("width", config.width));
}

std::unique_ptr<const Input> make_position_embedding(
    const BlockSource& source) {
  const auto config = source.config<artifact::PositionEmbeddingConfig>();
  return std::make_unique<PositionEmbedding>(
      source, source.size("window", config.window),
      source.size("width", config.width));
}

}  // namespace ensue::runtime
