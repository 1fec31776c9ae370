// SPDX-License-Identifier: Apache-2.0
// Whole models learn the same on every device: by the kernels, by portable ops
// on the CPU, and on a GPU where there is one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/models/catalog.h"
#include "ensue/nn/portable.h"
#include "ensue/train/checkpoint.h"
#include "ensue/train/fit.h"
#include "ensue/train/internal/toy_log.h"

namespace ensue::train {
namespace {

// Histories of 3 to 18 events with baskets, actions, values, context and
// titles.
events::Log small_shop() {
  events::LogBuilder builder;
  for (int user = 0; user < 24; ++user) {
    std::int64_t now = 1000 * user;
    for (int i = 0; i < 3 + user % 16; ++i) {
      const bool buys = i % 3 == 2;
      if (i % 4 != 0) now += buys ? 3000 : 5'000'000;
      builder.add("u" + std::to_string(user),
                  "i" + std::to_string((user * 5 + i * i) % 11),
                  events::Millis{now}, buys ? "buy" : "view",
                  buys ? 20.0F + static_cast<float>(user) : std::nanf(""));
      if (i % 5 != 0) builder.with("device", i % 2 == 0 ? "phone" : "desk");
      if (i % 7 != 0) builder.with("shelf", static_cast<float>(user % 4));
    }
  }
  events::Log log = builder.build();
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < log.items(); ++i) {
    titles.push_back(i % 3 == 0   ? "red cup"
                     : i % 3 == 1 ? "blue cup"
                                  : "plate");
  }
  events::Table table;
  table.columns = {{"title", titles}};
  log.set_item_table(table);
  return log;
}

struct Case {
  std::string name, model;
  JsonObject config;
  std::string loss = "softmax";
  double dropout = 0.2;
  double tolerance = 1e-6;

  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

std::vector<Case> cases() {
  const JsonObject recurrent = {{"width", 12}, {"hidden", {10, 12}}};
  const auto with = [](JsonObject base, const JsonObject& more) {
    for (const auto& [key, value] : more) base[key] = value;
    return base;
  };
  const JsonObject attention = {
      {"width", 12}, {"heads", 2}, {"hidden", 20}, {"window", 8}};
  const JsonObject hstu = {{"width", 12}, {"heads", 2}, {"window", 6}};
  const JsonObject inputs = {
      {"events", true},   {"actions", true}, {"gaps", true},
      {"calendar", true}, {"values", true},  {"context", {"device", "shelf"}}};
  return {
      {"gru", "gru", with(recurrent, inputs)},
      {"rnn", "rnn", recurrent},
      {"lstm_with_repeats", "lstm", with(recurrent, {{"repeats", 10}})},
      {"gru_with_content", "gru", with(recurrent, {{"content", {"title"}}})},
      {"gru_with_content_and_draws", "gru",
       with(recurrent, {{"content", {"title"}}}), "sampled_softmax"},
      {"gru4rec", "gru4rec", {{"width", 12}, {"hidden", {12}}}, "bpr_max"},
      {"sasrec", "sasrec", with(attention, inputs)},
      {"sasrec_with_bce", "sasrec", attention, "bce"},
      {"gsasrec", "gsasrec", attention, "gbce"},
      {"esasrec", "esasrec", with(attention, inputs), "sampled_softmax"},
      {"bert4rec", "bert4rec", with(attention, inputs)},
      // It norms sums that are nearly 0, so rounding grows a hundredfold in
      // each epoch: by 6e-4 in the third between kinds of one CPU's
      // instructions.
      {"hstu", "hstu", with(with(hstu, inputs), {{"time_buckets", 16}}),
       "softmax", 0.2, 9e-4},
      {"nextitnet", "nextitnet", with({{"width", 12}}, inputs)},
  };
}

FitRequest request(const events::Log& log, const judge::Split& split,
                   const Case& c) {
  TrainOptions options;
  options.epochs = 3;
  options.batch_tokens = 60;
  options.loss = c.loss;
  options.negatives = 6;
  options.learning_rate = 1e-2;
  options.metric = "hit@1";
  options.threads = 1;
  JsonObject config = c.config;
  config["dropout"] = c.dropout;
  return {
      log, split, models::models().find(c.model).build(config), options, {}};
}

std::vector<double> losses(const FitRequest& asked) {
  std::vector<double> out;
  for (const CurveRow& row : fit(asked).curve) out.push_back(row.at("loss"));
  return out;
}

void expect_alike(const std::vector<double>& a, const std::vector<double>& b,
                  double tolerance) {
  ASSERT_EQ(a.size(), 3u);
  ASSERT_EQ(b.size(), 3u);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_NEAR(a[i], b[i], tolerance) << "epoch " << i + 1;
  }
}

// Else equal losses would say nothing of gradients and steps: the same draws
// with steps of size 0 give others.
void expect_moved(FitRequest asked, const std::vector<double>& moved,
                  double tolerance) {
  asked.options.learning_rate = 0;
  const auto still = losses(asked);
  double most = 0;
  for (std::size_t i = 0; i < moved.size(); ++i) {
    most = std::max(most, std::abs(still[i] - moved[i]));
  }
  EXPECT_GT(most, 10 * tolerance);
}

class FitDevice : public testing::TestWithParam<Case> {};

TEST_P(FitDevice, PortableOpsGiveTheLossesOfTheKernels) {
  const events::Log log = small_shop();
  const judge::Split split = last_event_split(log);
  const FitRequest asked = request(log, split, GetParam());
  const auto expected = losses(asked);
  expect_moved(asked, expected, GetParam().tolerance);
  const nn::PortableGuard guard;
  expect_alike(expected, losses(asked), GetParam().tolerance);
}

TEST_P(FitDevice, AGpuGivesTheLossesOfTheCpu) {
  if (!at::hasCUDA()) GTEST_SKIP() << "no GPU here";
  const events::Log log = small_shop();
  const judge::Split split = last_event_split(log);
  Case c = GetParam();
  c.dropout = 0;  // its draws are others there
  FitRequest asked = request(log, split, c);
  const auto expected = losses(asked);
  asked.options.device = "cuda";
  expect_alike(expected, losses(asked), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Models, FitDevice, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name; });

TEST(FitDevice, AdaptersOfAnArtifactAreLearntAlike) {
  const events::Log log = small_shop();
  const judge::Split split = last_event_split(log);
  Case c{"sasrec", "sasrec", {{"width", 12}, {"heads", 2}, {"window", 8}}};
  const auto path = std::filesystem::path(testing::TempDir()) / "base";
  FitRequest asked = request(log, split, c);
  fit(asked).draft.write(path);
  asked.options.from = path;
  asked.options.learn = "adapters";
  asked.options.rank = 2;
  asked.options.optimizer = "adamw";
  asked.options.weight_decay = 0.1;
  const auto expected = losses(asked);
  expect_moved(asked, expected, c.tolerance);
  const nn::PortableGuard guard;
  expect_alike(expected, losses(asked), c.tolerance);
}

TEST(FitDevice, ACheckpointOfPortableOpsGoesOnToTheSameBytes) {
  const events::Log log = small_shop();
  const judge::Split split = last_event_split(log);
  const nn::PortableGuard guard;
  FitRequest asked = request(log, split, cases()[0]);
  const auto straight = fit(asked).draft.bytes();
  asked.folder = std::filesystem::path(testing::TempDir()) / "portable";
  std::filesystem::remove_all(asked.folder);
  std::filesystem::create_directories(asked.folder);
  asked.pause_after = 1;
  fit(asked);
  asked.pause_after = 0;
  asked.resume = true;
  EXPECT_EQ(fit(asked).draft.bytes(), straight);
}

TEST(FitDevice, ADeviceThatIsNotThereIsRefusedByName) {
  if (at::hasCUDA()) GTEST_SKIP() << "there is a GPU";
  const events::Log log = small_shop();
  const judge::Split split = last_event_split(log);
  FitRequest asked = request(log, split, cases()[0]);
  asked.options.device = "cuda";
  try {
    fit(asked);
    FAIL() << "it trained";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    EXPECT_STREQ(error.what(),
                 "train.device: cuda, but this libtorch was built without CUDA "
                 "or finds no GPU; expected cpu");
  }
}

}  // namespace
}  // namespace ensue::train
