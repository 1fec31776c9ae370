// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/blend.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"
#include "ensue/judge/evaluate.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/engine.h"
#include "ensue/train/fit.h"
#include "ensue/train/internal/toy_log.h"

namespace ensue::train {
namespace {

struct Members {
  events::Log log = second_order_log(/*users=*/60, /*length=*/20, /*items=*/5);
  judge::Split split = last_event_split(log);

  BlendMember fitted(const std::string& name) const {
    TrainOptions options;
    options.epochs = options.patience = 12;
    options.batch_tokens = 100;
    options.learning_rate = 1e-2;
    options.metric = "hit@1";
    const auto spec = models::models().find(name).build(JsonObject());
    return {name, fit({log, split, spec, options, {}}).draft.bytes()};
  }
};

std::shared_ptr<const runtime::Engine> engine_of(std::vector<std::byte> bytes) {
  return std::make_shared<const runtime::Engine>(
      artifact::Artifact::from_bytes(std::move(bytes), "test"));
}

TEST(Blend, ScoresAreTheWeightedSumOfItsMembersStepByStepAndAtOnce) {
  const Members toy;
  const std::vector<BlendMember> members = {toy.fitted("markov"),
                                            toy.fitted("gru")};
  const auto blend = engine_of(make_blend(members, {0.25, 2}).bytes());
  const auto markov = engine_of(members[0].bytes);
  const auto gru = engine_of(members[1].bytes);
  const auto history = toy.log.history(events::UserId{3});
  auto state = blend->start(), a = markov->start(), b = gru->start();
  std::vector<float> out(5), again(5), x(5), y(5);
  for (std::size_t i = 0; i < history.size(); ++i) {
    blend->step(state, history[i]);
    markov->step(a, history[i]);
    gru->step(b, history[i]);
    blend->score(state, out);
    blend->score(blend->encode(history.first(i + 1)), again);
    markov->score(a, x);
    gru->score(b, y);
    for (std::size_t k = 0; k < 5; ++k) {
      EXPECT_NEAR(out[k], 0.25 * x[k] + 2 * y[k], 1e-5);
      EXPECT_EQ(out[k], again[k]);
    }
  }
}

TEST(Blend, AUselessMemberNeitherHurtsTheRanksNorTheForecast) {
  const Members toy;
  const std::vector<BlendMember> members = {toy.fitted("popularity"),
                                            toy.fitted("gru")};
  const auto logloss = [&](std::vector<std::byte> bytes) {
    const auto scorer =
        judge::engine_scorer("x", engine_of(std::move(bytes)), toy.log);
    return judge::evaluate(toy.log, toy.split, toy.split.validation, *scorer)
        .metrics.at("logloss")
        .mean;
  };
  const Blended found =
      fit_blend(toy.log, toy.split, members, {.metric = "hit@1"});
  EXPECT_GE(found.metric, std::max(found.alone[0], found.alone[1]));
  EXPECT_GT(found.metric, 0.9);
  EXPECT_LE(logloss(make_blend(members, found.weights).bytes()),
            logloss(members[1].bytes) + 0.01);
}

TEST(Blend, RefusesMembersOverOtherItems) {
  const Members toy;
  Members other;
  other.log = second_order_log(/*users=*/60, /*length=*/20, /*items=*/6);
  other.split = last_event_split(other.log);
  const auto bytes =
      make_blend({toy.fitted("markov"), other.fitted("markov")}, {1, 1})
          .bytes();
  try {
    engine_of(bytes);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("members.1 knows other items"),
              std::string::npos)
        << error.what();
  }
}

TEST(Blend, RefusesAMetricWithoutAUsableLength) {
  const Members toy;
  EXPECT_THROW(fit_blend(toy.log, toy.split, {toy.fitted("markov")},
                         {.metric = "ndcg@x"}),
               Error);
}

TEST(Blend, NeedsAWeightForEveryMember) {
  const Members toy;
  EXPECT_THROW(make_blend({toy.fitted("markov")}, {1, 2}), Error);
  EXPECT_THROW(make_blend({}, {}), Error);
}

}  // namespace
}  // namespace ensue::train
