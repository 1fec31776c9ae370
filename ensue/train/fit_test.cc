// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/fit.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/runtime/decoder.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/next_event.h"
#include "ensue/train/checkpoint.h"
#include "ensue/train/internal/toy_fit.h"

namespace ensue::train {
namespace {

void expect_learns(const artifact::ModelSpec& model, TrainOptions options) {
  const Toy toy;
  const FitResult result = fit(toy.request(model, options));
  double best = 0;
  for (const CurveRow& row : result.curve) {
    best = std::max(best, row.at("validation hit@1"));
  }
  EXPECT_GE(best, 0.95) << "chance is 0.2, one event alone knows no more";
}

TEST(Fit, AGruLearnsARuleOfSecondOrder) {
  expect_learns(toy_gru(), thorough());
}

TEST(Fit, LearnsInBf16WhatItLearnsInFp32) {
  TrainOptions options = thorough();
  options.precision = "bf16";
  expect_learns(toy_gru(), options);
}

TEST(Fit, ATransformerLearnsARuleOfSecondOrder) {
  TrainOptions options = thorough();
  options.learning_rate = 3e-3;
  options.warmup = 0.1;
  expect_learns(toy_transformer(/*window=*/8), options);
}

TEST(Fit, ADecoderWritesWhatComesAfterTheNextItem) {
  const Toy toy;
  artifact::ModelSpec model = toy_gru();
  model.heads.push_back(
      block("decoder", artifact::DecoderConfig{.width = 16, .steps = 3}));
  const FitResult result = fit(toy.request(model, thorough()));
  const runtime::Engine engine(
      artifact::Artifact::from_bytes(result.draft.bytes(), "decoder"));
  const auto decoder = runtime::Decoder::of(engine);
  ASSERT_NE(decoder, nullptr);
  const runtime::Translation translation(toy.log, engine);
  std::size_t right = 0;
  for (std::uint32_t user = 0; user < toy.log.users(); ++user) {
    const auto all =
        translation.translate(toy.log.history(events::UserId{user}));
    const runtime::State state = engine.encode(all.view().first(17));
    std::vector<float> scores(engine.items());
    std::vector<float> h = decoder->start(state);
    for (std::size_t j = 0; j < 3; ++j) {
      engine.score_as(state, h, scores);
      const auto best = static_cast<std::size_t>(
          std::max_element(scores.begin(), scores.end()) - scores.begin());
      right += best == events::index(all.items[17 + j]) ? 1 : 0;
      decoder->write(best, h);
    }
  }
  EXPECT_GE(static_cast<double>(right), 0.9 * 3 * 60) << "chance is 0.2";
}

TEST(Fit, ABidirectionalTransformerLearnsItFromWhatIsHidden) {
  TrainOptions options = thorough();
  options.learning_rate = 3e-3;
  options.warmup = 0.1;
  options.mask_last = 0.5;
  expect_learns(toy_transformer(/*window=*/8, /*dropout=*/0, /*masked=*/true),
                options);
}

// Views and purchases take turns, 3 s and 1 h after each other, of 5 and 90.
TEST(Fit, AModelWithEventsLearnsWhatComesAndWhen) {
  events::LogBuilder builder;
  for (int user = 0; user < 40; ++user) {
    std::int64_t now = 1000 * user;
    for (int i = 0; i < 20; ++i) {
      const bool buys = i % 2 == 1;
      now += buys ? 3000 : 3600 * 1000;
      builder.add("u" + std::to_string(user),
                  "i" + std::to_string((user + i / 2) % 5), events::Millis{now},
                  buys ? "buy" : "view", buys ? 90.0F : 5.0F);
    }
  }
  const events::Log log = builder.build();
  const judge::Split split = last_event_split(log);
  artifact::ModelSpec model = toy_gru();
  model.inputs.push_back(
      block("action_embedding", artifact::ActionEmbeddingConfig{.width = 16}));
  model.heads.push_back(block(
      "next_event", artifact::NextEventConfig{.width = 16, .hidden = 16}));
  const FitResult result = fit({log, split, std::move(model), thorough(), {}});
  const runtime::Engine engine(
      artifact::Artifact::from_bytes(result.draft.bytes(), "events"));
  const auto next = runtime::NextEvent::of(engine);
  ASSERT_NE(next, nullptr);
  // After a view of item 0 (an even place): buying it in 3 s, for 90.
  const runtime::Translation translation(log, engine);
  const auto past =
      translation.translate(log.history(events::UserId{0}).first(11));
  const runtime::State state = engine.encode(past.view());
  const auto buy = *engine.artifact().description().actions.find("buy");
  const auto item = events::index(past.items.back());
  std::vector<float> actions(next->actions()), gaps(artifact::kGapBuckets),
      items(engine.items());
  next->actions(state, actions);
  EXPECT_GT(actions[buy], 0.95F);
  next->gaps(state, buy, gaps);
  EXPECT_GT(gaps[artifact::time_bucket(3000, gaps.size())], 0.9F);
  next->items(state, buy, 3, items);
  EXPECT_EQ(std::max_element(items.begin(), items.end()) - items.begin(), item);
  EXPECT_NEAR(next->value(state, buy, item).expected(), 90, 9);
}

// Whose last action alone says what comes: 9 times in 10 the other one. Few
// steps leave the head behind the counts.
TEST(Fit, OfAModelWithEventsCountsTakeTheShareThatTheyAreWorth) {
  events::LogBuilder builder;
  Rng rng(5);
  for (int user = 0; user < 60; ++user) {
    bool buys = false;
    for (int i = 0; i < 12; ++i) {
      if (rng.chance(0.9)) buys = !buys;
      builder.add("u" + std::to_string(user),
                  "i" + std::to_string(rng.below(5)),
                  events::Millis{60'000 * i}, buys ? "buy" : "view");
    }
  }
  const events::Log log = builder.build();
  const judge::Split split = last_event_split(log);
  artifact::ModelSpec model = toy_gru();
  model.heads.push_back(block(
      "next_event", artifact::NextEventConfig{.width = 16, .hidden = 16}));
  TrainOptions options = thorough();
  options.epochs = 1;
  options.learning_rate = 1e-4;
  const FitResult result = fit({log, split, std::move(model), options, {}});
  ASSERT_TRUE(result.next_action);
  const judge::CountsWeighed& weighed = *result.next_action;
  EXPECT_EQ(weighed.questions, split.validation.size());
  EXPECT_GT(weighed.head, 0.6);
  EXPECT_LT(weighed.counted, 0.45);
  EXPECT_LE(weighed.blend, weighed.counted);
  EXPECT_GT(weighed.share, 0.8);
  const runtime::Engine engine(
      artifact::Artifact::from_bytes(result.draft.bytes(), "counted"));
  const auto next = runtime::NextEvent::of(engine);
  const auto& names = engine.artifact().description().actions;
  const events::ActionId view{static_cast<std::uint8_t>(*names.find("view"))};
  auto state = engine.start();
  engine.step(state, {events::ItemId{0}, view, events::Millis{0}, 0});
  std::vector<float> actions(next->actions());
  next->actions(state, actions);
  EXPECT_GT(actions[*names.find("buy")], 0.75F);
}

TEST(Fit, SampledLossesLearnItToo) {
  TrainOptions options = thorough();
  options.loss = "sampled_softmax";
  options.negatives = 20;
  expect_learns(toy_gru(), options);
  options.loss = "bce";
  options.negatives = 4;
  expect_learns(toy_gru(), options);
  options.loss = "gbce";
  options.negatives = 2;
  expect_learns(toy_gru(), options);
  options.loss = "bpr_max";
  options.negatives = 20;
  expect_learns(toy_gru(), options);
}

TEST(Fit, TheSameSeedAndThreadsGiveTheSameBytes) {
  const Toy toy;
  for (const auto& model : {toy_gru(0.2), toy_transformer(10, 0.2),
                            toy_transformer(10, 0.2, /*masked=*/true)}) {
    EXPECT_EQ(fit(toy.request(model, quick())).draft.bytes(),
              fit(toy.request(model, quick())).draft.bytes());
  }
}

TEST(Fit, AnotherSeedGivesAnotherModel) {
  const Toy toy;
  TrainOptions other = quick();
  other.seed = 2;
  EXPECT_NE(fit(toy.request(toy_gru(), quick())).draft.bytes(),
            fit(toy.request(toy_gru(), other)).draft.bytes());
}

struct Killed : std::runtime_error {
  Killed() : std::runtime_error("killed") {}
};

TEST(Fit, ARunThatDiedBetweenCheckpointsGoesOnToTheSameBytes) {
  const Toy toy;
  for (const std::string loss : {"softmax", "sampled_softmax"}) {
    TrainOptions options = quick();
    options.loss = loss;
    FitRequest request = toy.request(toy_gru(0.2), options);
    const auto straight = fit(request).draft.bytes();

    request.folder = fresh_folder("died");
    int steps = 0;
    request.progress = [&](const Progress&) {
      if (++steps == 10) throw Killed();
    };
    EXPECT_THROW(fit(request), Killed);
    request.progress = {};
    request.resume = true;
    EXPECT_EQ(fit(request).draft.bytes(), straight);
  }
}

TEST(Fit, AnAugmentedRunThatDiedGoesOnToTheSameBytes) {
  const Toy toy;
  TrainOptions options = quick();
  options.schedule = "cosine";  // progress counts what was read of the log
  options.augment_drop = options.augment_mask = 0.3;
  FitRequest request = toy.request(toy_gru(0.2), options);
  const auto straight = fit(request).draft.bytes();
  EXPECT_NE(straight, fit(toy.request(toy_gru(0.2), quick())).draft.bytes());

  request.folder = fresh_folder("augmented");
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

TEST(Fit, ARunPausedBetweenEpochsGoesOnToTheSameBytes) {
  const Toy toy;
  TrainOptions options = quick();
  options.schedule = "cosine";
  FitRequest request = toy.request(toy_gru(0.2), options);
  const FitResult straight = fit(request);

  request.folder = fresh_folder("paused");
  request.pause_after = 1;
  EXPECT_EQ(fit(request).curve.size(), 1U);
  request.resume = true;
  request.pause_after = 3;
  const FitResult paused = fit(request);
  ASSERT_EQ(paused.curve.size(), 3U);
  EXPECT_EQ(paused.curve[2].at("loss"), straight.curve[2].at("loss"));
  request.pause_after = 0;
  EXPECT_EQ(fit(request).draft.bytes(), straight.draft.bytes());
}

TEST(Fit, ARunStoppedInsideAnEpochGoesOnToTheSameBytes) {
  const Toy toy;
  FitRequest request = toy.request(toy_transformer(10, 0.2), quick());
  const FitResult straight = fit(request);

  request.folder = fresh_folder("stopped");
  StopFlag stop = false;
  request.stop = &stop;
  int steps = 0;
  request.progress = [&](const Progress&) { stop = ++steps >= 6; };
  EXPECT_TRUE(fit(request).stopped);
  stop = false;
  request.progress = {};
  request.resume = true;
  const FitResult resumed = fit(request);
  EXPECT_FALSE(resumed.stopped);
  EXPECT_EQ(resumed.draft.bytes(), straight.draft.bytes());
  ASSERT_EQ(resumed.curve.size(), straight.curve.size());
  for (std::size_t i = 0; i < resumed.curve.size(); ++i) {
    EXPECT_EQ(resumed.curve[i].at("loss"), straight.curve[i].at("loss"));
  }
}

FitRequest long_request(const Toy& toy) {
  TrainOptions options = quick();
  options.epochs = options.patience = 30;
  return toy.request(toy_gru(0.2), options);
}

// Run only as the child of the test below.
TEST(Fit, DISABLED_ChildToBeKilled) {
  const char* folder = std::getenv("ENSUE_TEST_FOLDER");
  ASSERT_NE(folder, nullptr);
  const Toy toy;
  FitRequest request = long_request(toy);
  request.folder = folder;
  request.progress = [](const Progress&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  };
  fit(request);
}

TEST(Fit, AProcessKilledWithoutWarningIsResumedToTheSameBytes) {
  const Toy toy;
  const auto folder = fresh_folder("kill9");
  ::setenv("ENSUE_TEST_FOLDER", folder.c_str(), 1);
  std::string self = "/proc/self/exe",
              filter = "--gtest_filter=Fit.DISABLED_ChildToBeKilled",
              disabled = "--gtest_also_run_disabled_tests";
  char* arguments[] = {self.data(), filter.data(), disabled.data(), nullptr};
  pid_t child = 0;
  ASSERT_EQ(
      ::posix_spawn(&child, self.c_str(), nullptr, nullptr, arguments, environ),
      0);
  while (!std::filesystem::exists(folder / "checkpoint") &&
         ::waitpid(child, nullptr, WNOHANG) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const auto found = Checkpoint::read(folder / "checkpoint");
  ASSERT_TRUE(found);
  EXPECT_LT(found->epoch, 30U);

  FitRequest request = long_request(toy);
  const auto straight = fit(request).draft.bytes();
  request.folder = folder;
  request.resume = true;
  EXPECT_EQ(fit(request).draft.bytes(), straight);
}

TEST(Fit, AStopBeforeTheFirstEvaluationStillGivesAnArtifact) {
  const Toy toy;
  FitRequest request = toy.request(toy_gru(), quick());
  StopFlag stop = false;
  request.stop = &stop;
  request.progress = [&](const Progress&) { stop = true; };
  FitResult result = fit(request);
  EXPECT_TRUE(result.stopped);
  const runtime::Engine engine(
      artifact::Artifact::from_bytes(result.draft.bytes(), "stopped"));
  EXPECT_EQ(engine.items(), 5U);
}

TEST(Fit, TheBestWeightsOnValidationAreKeptAndPatienceEndsTheRun) {
  const Toy toy;
  TrainOptions options = quick();
  options.epochs = 50;
  options.patience = 2;
  options.learning_rate = 0;  // nothing ever gets better
  const FitResult result = fit(toy.request(toy_gru(), options));
  EXPECT_EQ(result.best_epoch, 1);
  EXPECT_EQ(result.curve.size(), 3U);
}

TEST(Fit, WritesCurvesForTensorBoard) {
  const Toy toy;
  FitRequest request = toy.request(toy_gru(), quick());
  request.folder = fresh_folder("board");
  fit(request);
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(request.folder)) {
    const auto name = entry.path().filename().string();
    files += name.starts_with("events.out.tfevents.") ? 1 : 0;
  }
  EXPECT_EQ(files, 1);
}

TEST(Fit, ACheckpointOfOtherOptionsIsRefused) {
  const Toy toy;
  FitRequest request = toy.request(toy_gru(), quick());
  request.folder = fresh_folder("other");
  fit(request);
  request.resume = true;
  request.options.learning_rate = 1;
  EXPECT_THROW(fit(request), Error);
}

TEST(Fit, RefusesALayerThatWouldSeeWhatItIsToPredict) {
  const Toy toy;
  artifact::ModelSpec model = toy_transformer(8, 0, /*masked=*/true);
  model.inputs[0] =
      block("item_embedding", artifact::ItemEmbeddingConfig{.width = 32});
  try {
    fit(toy.request(model, quick()));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    EXPECT_STREQ(error.what(),
                 "model 'toy': a layer sees later events, expected "
                 "item_embedding.mask");
  }
}

// The item says nothing of the next one, the time since the one before all.
TEST(Fit, AModelWithGapsLearnsWhatGapsSay) {
  events::LogBuilder builder;
  Rng rng(3);
  for (int user = 0; user < 60; ++user) {
    std::int64_t time = user;
    for (int i = 0; i < 12; ++i) {
      const auto gap = static_cast<int>(rng.below(4));
      time += 1000 * (std::int64_t{1} << (4 * gap));
      builder.add("u" + std::to_string(user), "i" + std::to_string(3 * i % 7),
                  events::Millis{2 * time});
      time += 1000;
      builder.add("u" + std::to_string(user), "gap" + std::to_string(gap),
                  events::Millis{2 * time});
    }
  }
  Toy toy;
  toy.log = builder.build();
  toy.split = last_event_split(toy.log);
  const auto best = [&toy](bool gaps) {
    artifact::ModelSpec model = toy_gru();
    if (gaps) {
      model.inputs.push_back(
          block("gap_embedding", artifact::GapEmbeddingConfig{.width = 16}));
    }
    const FitResult result = fit(toy.request(model, thorough()));
    double out = 0;
    for (const CurveRow& row : result.curve) {
      out = std::max(out, row.at("validation hit@1"));
    }
    return out;
  };
  EXPECT_GE(best(true), 0.95);
  EXPECT_LE(best(false), 0.6) << "chance is 0.25";
}

TEST(Fit, AModelThatReadsTimesWantsAClock) {
  events::Schema schema;
  schema.has_clock = false;
  events::LogBuilder builder(schema);
  for (int i = 0; i < 9; ++i) {
    builder.add("ann", "i" + std::to_string(i % 4), events::Millis{i});
  }
  Toy toy;
  toy.log = builder.build();
  toy.split = last_event_split(toy.log);
  artifact::ModelSpec model = toy_gru();
  model.inputs.push_back(
      block("gap_embedding", artifact::GapEmbeddingConfig{.width = 16}));
  try {
    fit(toy.request(model, quick()));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    EXPECT_STREQ(error.what(),
                 "model 'toy': gap_embedding reads times, expected a log with "
                 "a clock; this one has an order only");
  }
}

TEST(Fit, RefusesOptionsThatDoNotFit) {
  const Toy toy;
  const auto refuse = [&](auto change) {
    TrainOptions options = quick();
    change(options);
    EXPECT_THROW(fit(toy.request(toy_gru(), options)), Error);
  };
  refuse([](TrainOptions& o) { o.epochs = 0; });
  refuse([](TrainOptions& o) { o.loss = "hinge"; });
  refuse([](TrainOptions& o) { o.calibration = 1.5; });
  refuse([](TrainOptions& o) { o.mask_share = -0.1; });
  refuse([](TrainOptions& o) { o.mask_last = 2; });
  refuse([](TrainOptions& o) { o.optimizer = "adamax"; });
  refuse([](TrainOptions& o) { o.schedule = "steps"; });
  refuse([](TrainOptions& o) { o.metric = "ndcg"; });
  refuse([](TrainOptions& o) { o.metric = "joy@10"; });
  refuse([](TrainOptions& o) { o.basket_weight = "sum"; });
  refuse([](TrainOptions& o) { o.batch_tokens = 0; });
  refuse([](TrainOptions& o) { o.learn = "heads"; });
  refuse([](TrainOptions& o) { o.from = "/nowhere"; });
  refuse([](TrainOptions& o) { o.label_share = 0; });
  refuse([](TrainOptions& o) { o.target_actions = {"buy"}; });
  refuse([](TrainOptions& o) { o.augment_crop = 1; });
}

}  // namespace
}  // namespace ensue::train
