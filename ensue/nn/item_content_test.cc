// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/nn/internal/test_model.h"
#include "ensue/nn/losses.h"
#include "ensue/nn/model.h"

namespace ensue::nn {
namespace {

constexpr std::int64_t kItems = 6, kWidth = 3;

// Items 0 … 5 with two features each of four, item 3 with none.
artifact::ItemFeatures features() {
  artifact::ItemFeatures out;
  out.columns = 4;
  for (std::uint32_t i = 0; i < kItems; ++i) {
    if (i != 3) {
      out.places.insert(out.places.end(), {i % 2, 2 + i % 2});
      out.weights.insert(out.weights.end(), {1, 0.5F + static_cast<float>(i)});
    }
    out.begin.push_back(out.places.size());
  }
  return out;
}

artifact::ModelSpec content_model(double id_dropout, int repeats = 0) {
  artifact::ItemContentConfig content;
  content.width = kWidth;
  content.hidden = 5;
  content.columns = {"title"};
  content.id_dropout = id_dropout;
  artifact::NextItemConfig head;
  head.width = kWidth;
  head.bias = false;
  head.repeats = repeats;
  head.similar = repeats > 0;
  artifact::ModelSpec out;
  out.name = "test";
  out.inputs = {{"item_content", write_fields(content)}};
  out.heads = {{"next_item", write_fields(head)}};
  return out;
}

struct Made {
  artifact::ItemFeatures known = features();
  Model model;

  explicit Made(double id_dropout = 0, int repeats = 0)
      : model(content_model(id_dropout, repeats), {kItems, 1, &known, &known},
              /*seed=*/1) {
    Rng rng(7);
    for (const auto& p : model.parameters()) {
      for (std::size_t i = 0; i < p->size(); ++i) {
        p->data()[i] = static_cast<float>(0.5 * rng.normal());
      }
    }
  }
  at::Tensor& value(const std::string& name) { return find(name).value; }
  Parameter& find(const std::string& name) {
    for (const auto& p : model.parameters()) {
      if (p->name == "inputs.0." + name) return *p;
    }
    throw std::runtime_error(name);
  }
  at::Tensor vectors(const Pass& pass) {
    const at::NoGradGuard off;
    model.forward(pass);
    return model.head().weight->value.clone();
  }
  // features -> vectors, by torch.
  at::Tensor from_columns() {
    at::Tensor dense = at::zeros({kItems, 4}, at::kFloat);
    for (std::size_t i = 0; i < known.items(); ++i) {
      for (std::size_t e = known.begin[i]; e < known.begin[i + 1]; ++e) {
        dense[static_cast<std::int64_t>(i)][known.places[e]] = known.weights[e];
      }
    }
    const at::Tensor units =
        at::relu(dense.matmul(value("content.weight")) + value("content.bias"));
    return units.matmul(value("content.out.weight").t()) +
           value("content.out.bias");
  }
};

double distance(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST(ItemContent, AddsToTheIdWhatColumnsSay) {
  Made made;
  const Packed batch = packed({2, 4});
  EXPECT_LT(distance(made.vectors({.batch = batch}),
                     made.value("id") + made.from_columns()),
            1e-6);
}

TEST(ItemContent, ItemsWithoutIdInAStepAreContentAndUnknown) {
  Made made(/*id_dropout=*/0.5);
  const Packed batch = packed({6});
  const at::Tensor content = made.from_columns();
  const at::Tensor unknown = content + made.value("unknown");
  int without = 0, all = 0;
  for (std::uint64_t step = 0; step < 50; ++step) {
    const at::Tensor found =
        made.vectors({.batch = batch, .training = true, .step = step});
    for (std::int64_t i = 0; i < kItems; ++i, ++all) {
      const bool alone = distance(found[i], unknown[i]) < 1e-6;
      without += alone;
      if (alone) continue;
      EXPECT_LT(distance(found[i], content[i] + made.value("id")[i]), 1e-6);
    }
  }
  EXPECT_NEAR(static_cast<double>(without) / all, 0.5, 0.12);
  EXPECT_LT(
      distance(made.vectors({.batch = batch}), content + made.value("id")),
      1e-6)
      << "answers always have ids";
}

// Item 5 is the target of item 0, 2 that of 1, and so on.
Targets targets_of(const Packed& batch) {
  Targets out;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    out.rows.push_back(static_cast<std::int64_t>(i));
    out.items.push_back(static_cast<std::int64_t>((i * i + 5) % kItems));
    out.weights.push_back(1);
    out.begin.push_back(static_cast<std::int64_t>(i + 1));
  }
  return out;
}

TEST(ItemContent, TheLossAndTheEventsMoveIdsAndColumns) {
  Made made(/*id_dropout=*/0.5);
  const Packed batch = packed({2, 4});
  const Targets targets = targets_of(batch);
  SoftmaxLoss softmax;
  const Pass pass{.batch = batch, .training = true, .step = 3};
  const at::Tensor hidden = made.model.forward(pass);
  const LossValue loss = softmax(hidden.detach(), targets, made.model.head());
  made.model.backward({hidden}, {loss.slope});
  std::vector<at::Tensor> slopes;
  for (const auto& p : made.model.parameters()) {
    slopes.push_back(p->grad.clone());
  }
  EXPECT_EQ(made.model.head().weight->grad.abs().sum().item<float>(), 0)
      << "carried on, not kept";
  const auto value = [&] {
    const at::NoGradGuard off;
    const at::Tensor x = made.model.forward(pass);
    return softmax(x, targets, made.model.head()).mean();
  };
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    SCOPED_TRACE(made.model.parameters()[i]->name);
    EXPECT_GT(slopes[i].abs().max().item<float>(), 1e-3);
    expect_slope(made.model.parameters()[i]->value, slopes[i], value);
  }
}

TEST(Similar, TheLossMovesWhatLookingBackWeighs) {
  Made made(/*id_dropout=*/0, /*repeats=*/4);
  const Packed batch = packed({2, 4});
  Targets targets = targets_of(batch);
  for (std::uint32_t row = 0; row < batch.size(); ++row) {
    targets.repeats.add({{events::ItemId{row % 3}, events::ItemId{5}},
                         {{1, 0.5F, 0.25F}, {2, 0.1F, 0}}});
  }
  SoftmaxLoss softmax;
  const Pass pass{.batch = batch};
  const at::Tensor hidden = made.model.forward(pass);
  const LossValue loss = softmax(hidden.detach(), targets, made.model.head());
  made.model.backward({hidden}, {loss.slope});
  std::vector<at::Tensor> slopes;
  for (const auto& p : made.model.parameters()) {
    slopes.push_back(p->grad.clone());
  }
  const auto value = [&] {
    const at::NoGradGuard off;
    const at::Tensor x = made.model.forward(pass);
    return softmax(x, targets, made.model.head()).mean();
  };
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    const auto& p = *made.model.parameters()[i];
    if (p.name == "inputs.0.unknown") continue;  // every item has its id
    SCOPED_TRACE(p.name);
    EXPECT_GT(slopes[i].abs().max().item<float>(), 1e-3);
    expect_slope(p.value, slopes[i], value);
  }
}

TEST(Similar, WantsRepeatsAndColumns) {
  artifact::ModelSpec spec = content_model(0, /*repeats=*/4);
  const auto known = features();
  EXPECT_NO_THROW(Model(spec, {kItems, 1, &known, &known}, 1));
  EXPECT_THROW(Model(spec, {kItems, 1, &known}, 1), Error);
  spec.heads[0].config["repeats"] = 0;
  EXPECT_THROW(Model(spec, {kItems, 1, &known, &known}, 1), Error);
}

TEST(ItemContent, AnItemWithoutIdGivesItNoGradient) {
  Made made(/*id_dropout=*/0.5);
  const Packed batch = packed({6});
  const Pass pass{.batch = batch, .training = true, .step = 3};
  const at::Tensor content = made.from_columns() + made.value("unknown");
  const at::Tensor hidden = made.model.forward(pass);
  const at::Tensor used = made.model.head().weight->value.clone();
  SoftmaxLoss softmax;
  const auto loss =
      softmax(hidden.detach(), targets_of(batch), made.model.head());
  made.model.backward({hidden}, {loss.slope});
  const Parameter& id = made.find("id");
  int with = 0;
  for (std::int64_t i = 0; i < kItems; ++i) {
    const bool alone = distance(used[i], content[i]) < 1e-6;
    with += !alone;
    EXPECT_EQ(id.marks.has(static_cast<std::size_t>(i)), !alone);
    EXPECT_EQ(id.grad[i].abs().max().item<float>() == 0, alone);
  }
  EXPECT_GT(with, 0);
  EXPECT_LT(with, kItems);
}

TEST(ItemContent, RefusesToBeMadeWithoutAnItemTable) {
  EXPECT_THROW(Model(content_model(0), {kItems, 1}, 1), Error);
  const artifact::ItemFeatures none;
  EXPECT_THROW(Model(content_model(0), {kItems, 1, &none}, 1), Error);
  const auto known = features();
  EXPECT_THROW(Model(content_model(1), {kItems, 1, &known}, 1), Error);
}

}  // namespace
}  // namespace ensue::nn
