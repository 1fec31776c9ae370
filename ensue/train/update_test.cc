// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/update.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "ensue/models/catalog.h"
#include "ensue/train/internal/toy_fit.h"

namespace ensue::train {
namespace {

constexpr int kUsers = 30, kBefore = 20, kAfter = 16;

// At first the next item is the sum of the last two, modulo 5; from time
// 100,000 on the one behind the last of six, one of which is new.
events::Log changing_log(bool with_change) {
  events::LogBuilder builder;
  for (int user = 0; user < kUsers; ++user) {
    const std::string name = "u" + std::to_string(user);
    int a = user % 5, b = (user / 5 + 1) % 5;
    for (int i = 0; i < kBefore; ++i) {
      builder.add(name, "i" + std::to_string(a),
                  events::Millis{1000 * i + user});
      a = std::exchange(b, (a + b) % 5);
    }
    for (int i = 0; with_change && i < kAfter; ++i) {
      builder.add(name, "i" + std::to_string((user + i) % 6),
                  events::Millis{100'000 + 1000 * i + user});
    }
  }
  return builder.build();
}

struct Shop {
  std::filesystem::path folder = fresh_folder(
      std::string("update_") +
      testing::UnitTest::GetInstance()->current_test_info()->name());
  events::Log log = changing_log(true);

  Shop() {
    const events::Log before = changing_log(false);
    TrainOptions options = quick();
    options.epochs = 10;
    options.threads = 1;
    fit({before, last_event_split(before), toy_gru(), options, {}})
        .draft.write(model());
  }
  std::filesystem::path model() const { return folder / "base.safetensors"; }
  std::vector<bool> fresh() const {
    std::vector<bool> out;
    for (const auto time : log.columns().times) {
      out.push_back(count(time) >= 100'000);
    }
    return out;
  }
  UpdateResult update(UpdateOptions options = {}) const {
    options.threads = 1;
    options.metric = "hit@1";
    if (options.learning_rate == 1e-3) options.learning_rate = 1e-2;
    return train::update({log, fresh(), model(), folder, options}).value();
  }
};

std::vector<std::string> items_of(const UpdateResult& result) {
  const auto model = artifact::Artifact::from_bytes(result.draft.bytes(), "m");
  std::vector<std::string> out;
  const auto& items = model->description().items;
  for (std::size_t i = 0; i < items.size(); ++i) {
    out.emplace_back(items.name(i));
  }
  return out;
}

TEST(Update, LearnsWhatChangedAndNewItems) {
  const Shop shop;
  const UpdateResult out = shop.update({.epochs = 12});
  ASSERT_TRUE(out.judged);
  EXPECT_LT(out.judged->before.metrics.at("hit@1").mean, 0.5);
  EXPECT_GT(out.judged->after.metrics.at("hit@1").mean, 0.8);
  EXPECT_FALSE(out.judged->worse());
  EXPECT_GT(out.judged->before.unknown_targets, 0.1) << "i5 is new";
  EXPECT_EQ(out.judged->after.unknown_targets, 0);
  EXPECT_EQ(items_of(out).size(), 6U);
}

TEST(Update, JudgesOnTheLatestNewEventsAndThenLearnsThemToo) {
  const Shop shop;
  UpdateResult out = shop.update({.epochs = 1, .held_out = 0.25});
  ASSERT_TRUE(out.judged);
  // The last event of each user's old history was validation: it is new to the
  // model where it stands behind the last training event.
  const std::size_t later = kUsers;
  const std::size_t all = kUsers * kAfter + later;
  EXPECT_NEAR(static_cast<double>(out.judged->after.queries), 0.25 * all, 1);
  EXPECT_EQ(out.fresh, all - out.judged->after.queries);
  EXPECT_EQ(out.draft.description().data.at("until").to_number<int>(),
            100'000 + 1000 * (kAfter - 1) + kUsers - 1);
  EXPECT_TRUE(out.draft.description().metrics.contains("update"));
}

TEST(Update, ReplaysAsManyOldEventsAsItIsTold) {
  const Shop shop;
  EXPECT_EQ(shop.update({.epochs = 1, .replay = 0}).replayed, 0U);
  const UpdateResult half = shop.update({.epochs = 1, .replay = 0.5});
  EXPECT_EQ(half.replayed, half.fresh / 2);
}

TEST(Update, WorseMeansThatTheWholeIntervalIsBelowZero) {
  UpdateResult::Judged judged;
  judged.difference.difference = {-0.1, -0.2, -0.001};
  EXPECT_TRUE(judged.worse());
  judged.difference.difference.high = 0.001;
  EXPECT_FALSE(judged.worse());
}

TEST(Update, WithoutHeldOutEventsNothingIsJudged) {
  const Shop shop;
  EXPECT_FALSE(shop.update({.epochs = 1, .held_out = 0}).judged);
}

TEST(Update, TheSameUpdateGivesTheSameBytes) {
  const Shop shop;
  EXPECT_EQ(shop.update({.epochs = 2}).draft.bytes(),
            shop.update({.epochs = 2}).draft.bytes());
}

TEST(Update, AModelWithoutGradientsIsFittedAnewOnAllEvents) {
  const Shop shop;
  const events::Log before = changing_log(false);
  const auto popularity = models::models().find("popularity").build({});
  fit({before, last_event_split(before), popularity, {}, {}})
      .draft.write(shop.model());
  const UpdateResult out = shop.update();
  judge::Split all = last_event_split(shop.log);
  for (judge::Range& range : all.train) ++range.end;
  const FitResult anew = fit({shop.log, all, popularity, {}, {}});
  const auto a = artifact::Artifact::from_bytes(out.draft.bytes(), "a"),
             b = artifact::Artifact::from_bytes(anew.draft.bytes(), "b");
  ASSERT_EQ(a->tensor_names(), b->tensor_names());
  for (const std::string& name : a->tensor_names()) {
    EXPECT_TRUE(
        std::ranges::equal(a->tensor(name).bytes, b->tensor(name).bytes))
        << name;
  }
  EXPECT_TRUE(out.judged);
}

TEST(Update, NothingNewIsNothingToLearn) {
  Shop shop;
  shop.update({.epochs = 1}).draft.write(shop.model());
  EXPECT_FALSE(train::update({shop.log, std::vector<bool>(shop.log.size()),
                              shop.model(), shop.folder}));
}

// The old log, and behind it what is added.
events::Log old_log_and(
    const std::vector<std::pair<std::string, std::string>>& added) {
  const events::Log old = changing_log(false);
  events::LogBuilder builder;
  for (std::uint32_t u = 0; u < old.users(); ++u) {
    const auto history = old.history(events::UserId{u});
    for (std::size_t i = 0; i < history.size(); ++i) {
      builder.add(old.user_names().name(u),
                  old.item_names().name(index(history.items[i])),
                  history.times[i]);
    }
  }
  std::int64_t time = 200'000;
  for (const auto& [user, item] : added) {
    builder.add(user, item, events::Millis{++time});
  }
  return builder.build();
}

TEST(Update, AFirstEventWaitsForASecondOne) {
  Shop shop;
  shop.log = old_log_and({});
  shop.update({.epochs = 1}).draft.write(shop.model());
  shop.log = old_log_and({{"ann", "i1"}, {"bob", "i2"}});
  const UpdateRequest one{shop.log, std::vector<bool>(shop.log.size()),
                          shop.model(), shop.folder};
  EXPECT_FALSE(train::update(one));
  shop.log = old_log_and({{"ann", "i1"}, {"bob", "i2"}, {"ann", "new"}});
  const UpdateResult two = shop.update({.epochs = 1});
  EXPECT_EQ(two.fresh, 3U);
  EXPECT_EQ(items_of(two).back(), "new");
}

TEST(Update, OneHeldOutEventIsEnoughToJudge) {
  Shop shop;
  shop.log = old_log_and({});
  shop.update({.epochs = 1}).draft.write(shop.model());
  shop.log = old_log_and({{"u1", "i1"}, {"bob", "i2"}});
  UpdateResult out = shop.update({.epochs = 1, .held_out = 0.5});
  ASSERT_TRUE(out.judged);
  EXPECT_EQ(out.judged->after.queries, 1U);
  EXPECT_EQ(out.draft.description().data.at("until").to_number<int>(), 200'001)
      << "bob's first event could not be learnt: it is new next time";
}

}  // namespace
}  // namespace ensue::train
