// SPDX-License-Identifier: Apache-2.0
// Test code: small models with random weights, and a service around them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ensue/runtime/item_encoder.h"
#include "ensue/runtime/testing.h"
#include "ensue/serve/service.h"
#include "ensue/store/memory_store.h"

namespace ensue::serve::testing {

inline constexpr std::size_t kItems = 60;

/// One of gru, attention, hstu: models whose states are exact, encoded anew
/// when the window is full, and windowed.
inline artifact::ModelSpec spec_of(const std::string& kind) {
  using namespace artifact;
  using runtime::testing::block;
  constexpr int kWidth = 12, kWindow = 8;
  ModelSpec out{kind, {}, {}, {}};
  out.inputs = {block("item_embedding", ItemEmbeddingConfig{kWidth}),
                block("action_embedding", ActionEmbeddingConfig{kWidth})};
  if (kind == "gru") {
    out.blocks = {block("gru", RecurrentConfig{kWidth, kWidth})};
  } else if (kind == "attention") {
    out.inputs.push_back(
        block("position_embedding", PositionEmbeddingConfig{kWidth, kWindow}));
    out.blocks = {block(
        "transformer",
        TransformerConfig{
            .width = kWidth, .heads = 2, .hidden = 24, .window = kWindow})};
  } else {
    out.blocks = {block("hstu", HstuConfig{.width = kWidth,
                                           .heads = 2,
                                           .window = kWindow,
                                           .time_buckets = 20})};
  }
  NextItemConfig head;
  head.width = kWidth;
  out.heads = {block("next_item", head)};
  return out;
}

/// Items "item0" … with a category ("mugs" for even ones, "bowls") and the
/// price of their number; actions "action0", "action1".
inline artifact::Draft draft_of(const std::string& kind,
                                std::uint64_t seed = 1) {
  auto draft = runtime::testing::random_draft(spec_of(kind), kItems,
                                              /*actions=*/2, seed);
  std::vector<std::string> category;
  std::vector<double> price;
  for (std::size_t i = 0; i < kItems; ++i) {
    category.push_back(i % 2 == 0 ? "mugs" : "bowls");
    price.push_back(static_cast<double>(i));
  }
  draft.description().item_table.columns = {{"category", category},
                                            {"price", price}};
  return draft;
}

inline std::shared_ptr<const artifact::Artifact> artifact_of(
    const std::string& kind, std::uint64_t seed = 1) {
  return artifact::Artifact::from_bytes(draft_of(kind, seed).bytes(), kind);
}

inline std::shared_ptr<LiveModel> live_model(const std::string& name,
                                             const std::string& kind,
                                             std::uint64_t number,
                                             std::uint64_t seed = 1) {
  return std::make_shared<LiveModel>(
      name, "", number,
      std::make_shared<const runtime::Engine>(artifact_of(kind, seed)));
}

inline store::Event event(const std::string& user, int item,
                          std::int64_t time) {
  return {.user = user,
          .item = "item" + std::to_string(item),
          .action = "action0",
          .time = events::Millis{time}};
}

/// A gru over items that are made of columns alone: 7 known cups and plates
/// with a price.
inline artifact::Draft content_draft() {
  constexpr std::size_t kKnown = 7, kWidth = 2;
  artifact::ItemContentConfig content;
  content.width = kWidth;
  content.hidden = 2;
  content.columns = {"kind", "price"};
  artifact::ModelSpec spec{"content", {}, {}, {}};
  using runtime::testing::block;
  spec.inputs = {block("item_content", content)};
  spec.blocks = {block(
      "gru", artifact::RecurrentConfig{.inputs = kWidth, .hidden = kWidth})};
  spec.heads = {block("next_item", artifact::NextItemConfig{.width = kWidth})};
  auto draft = runtime::testing::random_draft(spec, kKnown, 1, 1);
  draft.description().item_table.columns = {
      {"kind", std::vector<std::string>(kKnown, "cup")},
      {"price", std::vector<double>(kKnown, 1.0)}};
  runtime::ItemEncoder::Column kind, price;
  kind.values =
      events::Vocabulary::from_names(std::vector<std::string>{"cup", "plate"});
  price.kind = runtime::ColumnKind::kNumber;
  price.moments = {0, 1};
  runtime::ItemEncoder({kind, price}).write(draft, "inputs.0");
  const auto add = [&draft](const std::string& name,
                            std::vector<std::int64_t> shape,
                            const std::vector<float>& values) {
    draft.add<float>("inputs.0." + name, std::move(shape), values);
  };
  add("id", {kKnown, kWidth}, std::vector<float>(kKnown * kWidth, 1));
  add("content.weight", {3, 2}, {1, 2, 3, -4, 0, 10});
  add("content.bias", {2}, {1, 1});
  add("content.out.weight", {2, 2}, {1, 0, 1, 1});
  add("content.out.bias", {2}, {0.5, 0.25});
  return draft;
}

inline std::shared_ptr<const artifact::Artifact> content_artifact() {
  return artifact::Artifact::from_bytes(content_draft().bytes(), "content");
}

/// A service over memory with one gru called "main"; its clock stands at
/// `clock`.
struct Shop {
  std::int64_t clock = 1'000'000'000;
  Service service;

  explicit Shop(const ServiceOptions& options = quiet(),
                const store::Retention& retention = {})
      : service(options, store::memory_store(retention), retention,
                [this] { return events::Millis{clock}; }) {
    service.models().put(
        live_model("main", "gru", service.models().next_number()), 1);
  }
  /// Without a judge in the background.
  static ServiceOptions quiet() {
    ServiceOptions out;
    out.judge.cpu = 0;
    return out;
  }
  void say(const std::string& user, int item) {
    const store::Event one = event(user, item, clock);
    service.ingest(std::span(&one, 1));
  }
};

}  // namespace ensue::serve::testing
