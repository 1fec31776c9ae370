// SPDX-License-Identifier: Apache-2.0
// The input item_content: a vector per item from its id and its columns.
//
// The vectors of the whole catalogue are made anew at every forward(), as one
// table that embeddings and losses use like any other; settle() carries its
// gradient on to the ids and to the columns. That costs a pass over the
// catalogue a step, little beside scoring it.
#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/base/hash.h"
#include "ensue/kernels/train_rows.h"
#include "ensue/nn/autograd.h"
#include "ensue/nn/internal/affine.h"
#include "ensue/nn/internal/makers.h"
#include "ensue/nn/internal/parallel.h"
#include "ensue/nn/internal/product.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

using artifact::ItemFeatures;

constexpr double kEmbeddingDeviation = 0.02;

// The matrix with rows and columns exchanged; entries of a row keep the order
// of the items.
ItemFeatures transposed(const ItemFeatures& x) {
  ItemFeatures out;
  out.columns = x.items();
  out.begin.assign(x.columns + 1, 0);
  for (const std::uint32_t place : x.places) ++out.begin[place + 1];
  for (std::size_t c = 0; c < x.columns; ++c) out.begin[c + 1] += out.begin[c];
  out.places.resize(x.places.size());
  out.weights.resize(x.places.size());
  std::vector<std::size_t> next(out.begin.begin(), out.begin.end() - 1);
  for (std::size_t i = 0; i < x.items(); ++i) {
    for (std::size_t e = x.begin[i]; e < x.begin[i + 1]; ++e) {
      const std::size_t to = next[x.places[e]]++;
      out.places[to] = static_cast<std::uint32_t>(i);
      out.weights[to] = x.weights[e];
    }
  }
  return out;
}

// out [items, width] += features table, table [columns, width]. Each row has
// one owner, so threads change no bits.
void add_product(const ItemFeatures& features, const float* table,
                 std::size_t width, float* out) {
  const auto rows = static_cast<std::int64_t>(features.items());
  const auto grain = static_cast<std::int64_t>(
      static_cast<std::size_t>(kGrain) * features.items() /
          (features.places.size() * width + 1) +
      1);
  at::parallel_for(0, rows, grain, [&](std::int64_t a, std::int64_t b) {
    for (auto i = static_cast<std::size_t>(a); i < static_cast<std::size_t>(b);
         ++i) {
      for (std::size_t e = features.begin[i]; e < features.begin[i + 1]; ++e) {
        kernels::add_scaled(table + features.places[e] * width,
                            features.weights[e], out + i * width, width);
      }
    }
  });
}

// The same matrix as tensors.
struct Entries {
  at::Tensor places, begin, weights;

  static Entries of(const ItemFeatures& x, const at::Device& device) {
    return {ids_on(device, {x.places.begin(), x.places.end()}),
            ids_on(device, {x.begin.begin(), x.begin.end()}),
            numbers_on(device, x.weights)};
  }
};

class ItemContent : public Block {
 public:
  ItemContent(const artifact::ItemContentConfig& config, const Sizes& sizes,
              Scope& scope)
      : features_(*sizes.features),
        by_feature_(transposed(features_)),
        id_dropout_(config.id_dropout),
        site_(scope.make_site()),
        scale_(config.scale ? std::sqrt(static_cast<float>(config.width)) : 1),
        name_(scope.name("weight")),
        id_(scope.make_table("id", sizes.items, config.width,
                             Init::normal(kEmbeddingDeviation))),
        table_(scope.make(
            "content.weight",
            {static_cast<std::int64_t>(features_.columns), config.hidden},
            Init::normal(kEmbeddingDeviation))),
        bias_(scope.make("content.bias", {config.hidden}, Init::zero())),
        out_(Affine::dense(scope, "content.out", config.hidden, config.width)) {
    if (config.mask) {
      mask_ = &scope.make("mask", {config.width},
                          Init::normal(kEmbeddingDeviation));
    }
    unknown_ = &scope.make("unknown", {config.width}, Init::zero());
    id_.row_of = RowOf::kItem;
    vectors_.value = at::zeros_like(id_.value);
    vectors_.grad = at::zeros_like(id_.value);
    vectors_.by_row = true;
    vectors_.marks.resize(vectors_.rows());
    vectors_.clear_marks();
    with_id_.assign(vectors_.rows(), 1);
  }

  at::Tensor forward(const at::Tensor&, const Pass& pass) override {
    choose_ids(pass);
    made_ = content();
    vectors_.value.copy_(made_.detach());
    if (is_portable(vectors_.value)) {
      const at::Tensor shown = ids_shown();
      vectors_.value.add_(id_.value * shown + unknown_->value * (1 - shown));
      return embed(vectors_, pass.batch.items, scale_, mask_);
    }
    for (std::size_t i = 0; i < with_id_.size(); ++i) {
      const float* id =
          with_id_[i] != 0 ? row_of(id_.data(), i) : unknown_->data();
      add_row(id, row_of(vectors_.data(), i));
    }
    vectors_.changed();
    return embed(vectors_, pass.batch.items, scale_, mask_);
  }
  bool masks() const noexcept override { return mask_ != nullptr; }

  Parameter* item_vectors() noexcept override { return &vectors_; }

  void to(const at::Device& device) override {
    vectors_.to(device);
    entries_ = Entries();
  }

  void settle() override {
    made_.backward(vectors_.grad);
    made_ = at::Tensor();
    const bool portable = is_portable(vectors_.grad);
    if (portable) {
      const at::Tensor shown = ids_shown();
      id_.grad.add_(vectors_.grad * shown);
      unknown_->grad.add_((vectors_.grad * (1 - shown)).sum(0));
    }
    for (std::size_t i = 0; i < with_id_.size(); ++i) {
      if (!vectors_.all_rows && !vectors_.marks.has(i)) continue;
      if (with_id_[i] != 0) id_.marks.add(i);
      if (portable) continue;
      float* to = with_id_[i] != 0 ? row_of(id_.slope(), i) : unknown_->slope();
      add_row(row_of(vectors_.slope(), i), to);
    }
    vectors_.grad.zero_();
    vectors_.clear_marks();
  }

  void write(artifact::Draft& draft) const override {
    const at::NoGradGuard no_grad;
    const at::Tensor all = (content() + id_.value).cpu();
    draft.add<float>(name_, all.sizes().vec(),
                     {all.data_ptr<float>(), id_.size()});
  }

 private:
  void choose_ids(const Pass& pass) {
    std::fill(with_id_.begin(), with_id_.end(), std::uint8_t{1});
    if (!pass.training || id_dropout_ <= 0) return;
    Rng rng(pass.seed ^ site_, pass.step);
    for (auto& with : with_id_) with = rng.chance(id_dropout_) ? 0 : 1;
  }

  template <class Number>
  Number* row_of(Number* table, std::size_t row) const {
    return table + row * id_.row_size();
  }
  void add_row(const float* from, float* to) const {
    kernels::add_scaled(from, 1, to, id_.row_size());
  }

  // [items, width]
  at::Tensor content() const { return out_.product(at::relu(summed())); }

  // features content.weight + content.bias, [items, hidden]
  at::Tensor summed() const {
    if (is_portable(table_.value)) return summed_portable();
    const auto hidden = static_cast<std::int64_t>(bias_.size());
    at::Tensor out =
        bias_.value.expand({id_.value.size(0), hidden}).contiguous();
    add_product(features_, table_.data(), bias_.size(), out.data_ptr<float>());
    return record(out, {}, [this](const at::Tensor& grad) {
      add_product(by_feature_, grad.data_ptr<float>(), bias_.size(),
                  table_.slope());
      add_column_sums(grad, bias_.slope());
      return std::vector<at::Tensor>{};
    });
  }

  at::Tensor summed_portable() const {
    if (!entries_.places.defined()) {
      entries_ = Entries::of(features_, table_.value.device());
    }
    constexpr int kSum = 0;
    const auto sums = at::embedding_bag(
        table_.traced(), entries_.places, entries_.begin,
        /*scale_grad_by_freq=*/false, kSum, /*sparse=*/false, entries_.weights,
        /*include_last_offset=*/true);
    return std::get<0>(sums) + bias_.traced();
  }
  // 1 where an item goes with its id, [items, 1].
  at::Tensor ids_shown() const {
    const std::vector<float> shown(with_id_.begin(), with_id_.end());
    return numbers_on(vectors_.value.device(), shown).unsqueeze(1);
  }

  ItemFeatures features_, by_feature_;
  mutable Entries entries_;  // made when first needed
  double id_dropout_;
  std::uint64_t site_;
  float scale_;
  std::string name_;
  Parameter &id_, &table_, &bias_;
  Affine out_;
  Parameter *mask_ = nullptr, *unknown_ = nullptr;
  Parameter vectors_;  // made of the others
  at::Tensor made_;    // what columns gave it, with torch's graph behind
  std::vector<std::uint8_t> with_id_;
};

void check(const artifact::ItemContentConfig& config, const Sizes& sizes) {
  const std::string where = "item_content.";
  if (config.width < 1 || config.hidden < 1) {
    invalid(where + "width " + std::to_string(config.width) + " and hidden " +
            std::to_string(config.hidden) + ", expected at least 1");
  }
  check_rate(where + "id_dropout", config.id_dropout);
  if (sizes.features == nullptr ||
      static_cast<std::int64_t>(sizes.features->items()) != sizes.items) {
    invalid(where +
            "columns: no features of the items, expected a log with "
            "an item table");
  }
}

}  // namespace

std::unique_ptr<Block> make_item_content(const JsonObject& json,
                                         const Sizes& sizes, Scope& scope) {
  artifact::ItemContentConfig config;
  read_fields(config, json, "item_content");
  check(config, sizes);
  return std::make_unique<ItemContent>(config, sizes, scope);
}

}  // namespace ensue::nn
