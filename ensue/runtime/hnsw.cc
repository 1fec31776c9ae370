// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/hnsw.h"

#include <faiss/IndexHNSW.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/kernels/chosen_rows.h"
#include "ensue/runtime/internal/best_items.h"
#include "ensue/runtime/internal/block_source.h"

namespace ensue::runtime {
namespace {

constexpr std::size_t kFiltered = 4;  // items looked at for one that passes

kernels::LinearRows item_rows(const artifact::Artifact& artifact) {
  const artifact::Description& about = artifact.description();
  const artifact::BlockSpec& head = about.model.heads.at(0);
  if (head.type != "next_item") {
    invalid("hnsw: the head is " + head.type + ", expected next_item");
  }
  const BlockSource source{artifact, "heads", 0, head};
  const auto config = source.config<artifact::NextItemConfig>();
  if (config.repeats > 0) {
    invalid("hnsw: repeats=" + std::to_string(config.repeats) +
            " raise scores, expected 0");
  }
  const std::vector<std::int64_t> shape = {
      static_cast<std::int64_t>(about.items.size()), config.width};
  return {config.tied ? artifact.floats("inputs.0.weight", shape)
                      : source.floats("weight", shape),
          config.bias ? source.floats("bias", {shape[0]})
                      : std::span<const float>(),
          source.size("width", config.width)};
}

// [w, b, sqrt(M^2 - |w|^2 - b^2)]: as M is the longest, all are on a sphere,
// on which the nearest to [x, 1, 0] has the largest product.
std::vector<float> on_a_sphere(const kernels::LinearRows& rows) {
  const std::size_t items = rows.outputs(), width = rows.inputs + 2;
  std::vector<float> out(items * width);
  std::vector<double> squares(items);
  for (std::size_t i = 0; i < items; ++i) {
    float* to = out.data() + i * width;
    std::copy_n(rows.row(i), rows.inputs, to);
    to[rows.inputs] = rows.bias.empty() ? 0 : rows.bias[i];
    for (std::size_t k = 0; k + 1 < width; ++k) {
      squares[i] += double{to[k]} * to[k];
    }
  }
  const double most = items == 0 ? 0 : std::ranges::max(squares);
  for (std::size_t i = 0; i < items; ++i) {
    out[(i + 1) * width - 1] = static_cast<float>(std::sqrt(most - squares[i]));
  }
  return out;
}

}  // namespace

struct Hnsw::Impl {
  std::shared_ptr<const Engine> engine;
  kernels::LinearRows rows;
  faiss::IndexHNSWFlat index;

  Impl(std::shared_ptr<const Engine> made, const HnswOptions& options)
      : engine(std::move(made)),
        rows(item_rows(engine->artifact())),
        index(static_cast<int>(rows.inputs + 2), options.links) {
    index.hnsw.efConstruction = options.build_effort;
    index.hnsw.efSearch = options.search_effort;
    const auto vectors = on_a_sphere(rows);
    index.add(static_cast<faiss::Index::idx_t>(rows.outputs()), vectors.data());
  }

  std::vector<std::uint32_t> near(std::span<const float> x,
                                  std::size_t count) const {
    std::vector<float> query(x.begin(), x.end());
    query.insert(query.end(), {1, 0});
    std::vector<float> distances(count);
    std::vector<faiss::Index::idx_t> found(count);
    index.search(1, query.data(), static_cast<faiss::Index::idx_t>(count),
                 distances.data(), found.data());
    std::vector<std::uint32_t> out;
    for (const auto item : found) {
      if (item >= 0) out.push_back(static_cast<std::uint32_t>(item));
    }
    return out;
  }
};

Hnsw::Hnsw(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Hnsw::~Hnsw() = default;

std::unique_ptr<const Hnsw> Hnsw::build(std::shared_ptr<const Engine> engine,
                                        const HnswOptions& options) {
  std::unique_ptr<Hnsw> out(
      new Hnsw(std::make_unique<const Impl>(std::move(engine), options)));
  out->recall_ = out->measured_recall(options.samples);
  return out;
}

std::vector<Scored> Hnsw::top(const State& state, std::size_t k,
                              const ItemFilter& filter) const {
  const Engine& engine = *impl_->engine;
  const std::size_t items = impl_->rows.outputs();
  const std::size_t wanted = filter.empty() ? k : kFiltered * k;
  if (k == 0 || wanted >= items / 2) return engine.top(state, k, filter);
  const auto x = engine.output(state);
  std::vector<std::uint32_t> chosen = impl_->near(x, wanted);
  if (!filter.allowed.empty()) {
    std::erase_if(chosen, [&](std::uint32_t item) {
      return (filter.allowed[item / 64] >> item % 64 & 1) == 0;
    });
  }
  std::erase_if(chosen, [&](std::uint32_t item) {
    return std::ranges::binary_search(filter.excluded, item);
  });
  if (chosen.size() < k) return engine.top(state, k, filter);
  std::vector<float> logits(chosen.size());
  kernels::chosen_rows(impl_->rows, chosen, x, logits);
  BestItems best(k);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    best.add({chosen[i], logits[i]});
  }
  return best.take();
}

double Hnsw::measured_recall(int samples) const {
  const Engine& engine = *impl_->engine;
  Rng rng(1);
  std::size_t found = 0, all = 0;
  for (int i = 0; i < samples && engine.items() > 0; ++i) {
    State state = engine.start();
    for (std::uint64_t n = 1 + rng.below(20); n > 0; --n) {
      const auto item = static_cast<std::uint32_t>(rng.below(engine.items()));
      engine.step(state, {.item = events::ItemId{item}});
    }
    const auto got = top(state, 10);
    for (const Scored& right : engine.top(state, 10)) {
      ++all;
      found += std::ranges::count(got, right.item, &Scored::item) > 0 ? 1 : 0;
    }
  }
  return all == 0 ? 1 : static_cast<double>(found) / static_cast<double>(all);
}

}  // namespace ensue::runtime
