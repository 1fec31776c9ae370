// SPDX-License-Identifier: Apache-2.0
// Every block of the catalogue has both its halves.
#include "ensue/artifact/blocks.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ensue/nn/block.h"
#include "ensue/runtime/internal/blocks.h"

namespace ensue::parity {
namespace {

template <class List>
bool lists(const List& list, std::string_view name) {
  return std::ranges::any_of(
      list.all(), [&](const auto& entry) { return entry.name == name; });
}

bool answers(const artifact::BlockDescriptor& block) {
  switch (block.role) {
    case artifact::Role::kInput:
      return lists(runtime::inputs(), block.name);
    case artifact::Role::kLayer:
      return lists(runtime::layers(), block.name);
    case artifact::Role::kHead:
      // Heads that stand behind the one that scores: NextEvent, Decoder,
      // LabelHead; heads that score no items: PurchaseModel, TableModel.
      return lists(runtime::heads(), block.name) ||
             block.name == "next_event" || block.name == "decoder" ||
             block.name == "label" || block.name == "purchases" ||
             block.name.starts_with("table_");
  }
  return false;
}

TEST(Blocks, EachOneAnswers) {
  for (const auto& block : artifact::blocks().all()) {
    EXPECT_TRUE(answers(block)) << block.name;
  }
}

TEST(Blocks, EachInputAndLayerIsKnownToTraining) {
  for (const auto& block : artifact::blocks().all()) {
    if (block.role == artifact::Role::kHead) continue;
    EXPECT_TRUE(lists(nn::blocks(), block.name)) << block.name;
  }
}

TEST(Blocks, NeitherHalfKnowsABlockThatTheCatalogueDoesNot) {
  const auto check = [](const auto& list) {
    for (const auto& entry : list.all()) {
      EXPECT_TRUE(lists(artifact::blocks(), entry.name)) << entry.name;
    }
  };
  check(nn::blocks());
  check(runtime::inputs());
  check(runtime::layers());
  check(runtime::heads());
}

}  // namespace
}  // namespace ensue::parity
