// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/export_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/base/threads.h"

namespace ensue::apps {
namespace {

constexpr std::size_t kItems = 25;

// Shows the same to everybody: items `first`, first + 1, … in this order.
std::shared_ptr<const runtime::Engine> shows(std::size_t first) {
  artifact::Description about;
  about.model.name = "toy";
  about.model.heads = {
      {"popularity", write_fields(artifact::PopularityConfig{})}};
  std::vector<std::string> names;
  std::vector<float> scores;
  for (std::size_t i = 0; i < kItems; ++i) {
    names.push_back("i" + std::to_string(i));
    scores.push_back(-1 - static_cast<float>((i + kItems - first) % kItems));
  }
  about.items = events::Vocabulary::from_names(names);
  about.actions =
      events::Vocabulary::from_names(std::vector<std::string>{"view"});
  artifact::Draft draft(about);
  draft.add<float>("heads.0.log_probability", {kItems}, scores);
  return std::make_shared<const runtime::Engine>(
      artifact::Artifact::from_bytes(draft.bytes(), "toy"));
}

TEST(ListsKept, CountsWhatStandsInBothLists) {
  const ListsKept all = lists_kept(*shows(0), *shows(0), 40, 10, 1);
  EXPECT_EQ(all.histories, 40u);
  EXPECT_EQ(all.share.mean, 1);
  EXPECT_EQ(all.first, 1);
  const ListsKept some = lists_kept(*shows(0), *shows(3), 40, 10, 1);
  EXPECT_DOUBLE_EQ(some.share.mean, .7);
  EXPECT_EQ(some.first, 0);
  EXPECT_EQ(lists_kept(*shows(0), *shows(12), 40, 10, 1).share.mean, 0);
  EXPECT_EQ(lists_kept(*shows(0), *shows(12), 40, 100, 1).k, kItems);
}

// u0 … u19 each take i0 again and again.
events::Log log() {
  events::LogBuilder builder;
  for (int user = 0; user < 20; ++user) {
    for (int day = 0; day < 10; ++day) {
      builder.add("u" + std::to_string(user), "i0",
                  events::Millis{day * events::kDayMs + user});
    }
  }
  return builder.build();
}

TEST(JudgedLoss, IsTheDifferenceOfWhatWasFound) {
  const events::Log sales = log();
  const judge::Split split = judge::make_split(sales, {});
  const JudgedLoss none = judged_loss(shows(0), shows(0), sales, split, {});
  EXPECT_EQ(none.before.metrics.at("hit@10").mean, 1);
  EXPECT_EQ(none.rows.at(0).metric, "ndcg@10");
  EXPECT_EQ(none.rows.at(0).after_minus_before.difference.mean, 0);
  // i0 third: 1 / log2(4); then out of the list.
  const JudgedLoss lower = judged_loss(shows(0), shows(23), sales, split, {});
  EXPECT_NEAR(lower.rows.at(0).after_minus_before.difference.mean, -.5, 1e-9);
  EXPECT_EQ(lower.rows.at(1).after_minus_before.difference.mean, 0);
  const JudgedLoss lost = judged_loss(shows(0), shows(1), sales, split, {});
  EXPECT_EQ(lost.rows.at(1).metric, "hit@10");
  EXPECT_EQ(lost.rows.at(1).after_minus_before.difference.mean, -1);
}

}  // namespace
}  // namespace ensue::apps
