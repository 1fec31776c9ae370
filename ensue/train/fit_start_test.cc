// SPDX-License-Identifier: Apache-2.0
// Training that starts from a model.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/train/fit.h"
#include "ensue/train/internal/toy_fit.h"

namespace ensue::train {
namespace {

// Parameters of an artifact that differ from another's.
std::vector<std::string> changed(const FitResult& a, const FitResult& b) {
  const auto left = artifact::Artifact::from_bytes(a.draft.bytes(), "a");
  const auto right = artifact::Artifact::from_bytes(b.draft.bytes(), "b");
  std::vector<std::string> out;
  for (const auto& name : left->tensor_names()) {
    const auto x = left->tensor(name).bytes, y = right->tensor(name).bytes;
    if (!std::ranges::equal(x, y)) out.push_back(name);
  }
  return out;
}

struct Pretrained {
  Toy toy;
  // A folder of the test's own: tests run beside each other.
  std::string path =
      (fresh_folder(
           std::string("base_") +
           testing::UnitTest::GetInstance()->current_test_info()->name()) /
       "base.safetensors")
          .string();
  FitResult base = [this] {
    TrainOptions options = thorough();
    options.epochs = 20;
    FitResult out = fit(toy.request(toy_gru(), options));
    out.draft.write(path);
    return out;
  }();

  FitResult tuned(const std::string& learn, double rate = 1e-3) const {
    TrainOptions options = quick();
    options.from = path;
    options.learn = learn;
    options.rank = 2;
    options.epochs = 1;
    options.learning_rate = rate;
    return fit(toy.request(toy_gru(), options));
  }
};

TEST(FitFrom, StartsFromAModelAndLearnsWhatItIsTold) {
  const Pretrained made;
  EXPECT_TRUE(changed(made.tuned("all", /*rate=*/0), made.base).empty());
  EXPECT_EQ(changed(made.tuned("heads"), made.base),
            std::vector<std::string>{"heads.0.bias"});
  EXPECT_EQ(changed(made.tuned("adapters"), made.base),
            (std::vector<std::string>{"blocks.1.weight_hh",
                                      "blocks.1.weight_ih", "heads.0.bias"}));
  EXPECT_GT(changed(made.tuned("all"), made.base).size(), 4U);
  EXPECT_EQ(made.tuned("heads").notes.at(0),
            "started from " + made.path + ": 6 of 6 parameters, 5 of 5 items");
}

// The same rule over other names for some items, in another order.
TEST(FitFrom, ItemsOfTheModelToStartFromAreFoundByName) {
  const Pretrained made;
  events::LogBuilder builder;
  builder.add("first", "new", events::Millis{0});
  builder.add("first", "i4", events::Millis{1});
  builder.add("first", "i2", events::Millis{2});
  for (int user = 0; user < 20; ++user) {
    int a = user % 5, b = (user / 5 + 1) % 5;
    for (int i = 0; i < 20; ++i) {
      builder.add("u" + std::to_string(user), "i" + std::to_string(a),
                  events::Millis{1000 * i + user});
      const int next = (a + b) % 5;
      a = b;
      b = next;
    }
  }
  const events::Log log = builder.build();
  ASSERT_EQ(log.item_names().name(0), "new");
  TrainOptions options = quick();
  options.epochs = 1;
  options.learning_rate = 0;
  options.from = made.path;
  const FitResult result =
      fit({log, last_event_split(log), toy_gru(), options, {}});
  EXPECT_GE(result.curve.at(0).at("validation hit@1"), 0.9)
      << "not a step was made: it knew the rule";
  EXPECT_TRUE(result.notes.at(0).ends_with("5 of 6 items"));
}

TEST(FitFrom, AModelStoredInInt8IsAStartAndIsSaidToBeRounded) {
  Pretrained made;
  const auto exact = artifact::Artifact::load(made.path);
  artifact::with_weights(*exact, artifact::Weights::kInt8).write(made.path);
  const auto rounded = artifact::Artifact::load(made.path);
  const FitResult tuned = made.tuned("all", /*rate=*/0);
  EXPECT_EQ(tuned.notes.at(0),
            "started from " + made.path +
                ": 6 of 6 parameters, 5 of 5 items; it is stored in int8, so "
                "learning starts from rounded numbers");
  const auto learnt = artifact::Artifact::from_bytes(tuned.draft.bytes(), "t");
  EXPECT_EQ(learnt->weights(), artifact::Weights::kFp32);
  for (const auto& name : rounded->tensor_names()) {
    if (name == "padding") continue;
    EXPECT_TRUE(std::ranges::equal(learnt->tensor(name).bytes,
                                   rounded->tensor(name).bytes))
        << name;
  }
}

TEST(FitFrom, AdaptersGoOnAfterAStopToTheSameBytes) {
  const Pretrained made;
  TrainOptions options = quick();
  options.from = made.path;
  options.learn = "adapters";
  options.epochs = 3;
  FitRequest request = made.toy.request(toy_gru(), options);
  const auto straight = fit(request).draft.bytes();
  request.folder = fresh_folder("adapters");
  StopFlag stop = false;
  request.stop = &stop;
  int steps = 0;
  request.progress = [&](const Progress&) { stop = ++steps >= 6; };
  EXPECT_TRUE(fit(request).stopped);
  stop = false;
  request.progress = {};
  request.resume = true;
  EXPECT_EQ(fit(request).draft.bytes(), straight);
}

TEST(FitFrom, AModelOfOtherSizesIsNoStart) {
  const Pretrained made;
  artifact::ModelSpec wider = toy_gru();
  wider.blocks[1] =
      block("gru", artifact::RecurrentConfig{.inputs = 16, .hidden = 20});
  wider.heads = {
      block("next_item", artifact::NextItemConfig{.width = 20, .tied = false})};
  TrainOptions options = quick();
  options.from = made.path;
  try {
    fit(made.toy.request(wider, options));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "'blocks.1.weight_ih' has the shape [48, 16] in the model to "
                 "start from, expected [60, 16]: the same layers and sizes");
  }
}

}  // namespace
}  // namespace ensue::train
