// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/customers_sequence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/judge/customer_features.h"
#include "ensue/tasks/customer_model.h"
#include "ensue/train/customers.h"
#include "ensue/train/internal/toy_fit.h"

namespace ensue::train {
namespace {

using events::Millis;

constexpr std::int64_t kDay = events::kDayMs;

// Who buys "go" is back within twenty days, who buys "halt" after forty at the
// soonest: the last item tells, and no as-of feature reads items.
events::Log log() {
  events::LogBuilder out;
  for (int u = 0; u < 150; ++u) {
    Rng rng(7, static_cast<std::uint64_t>(u));
    std::int64_t day = static_cast<std::int64_t>(rng.below(60));
    while (day < 400) {
      const bool go = rng.chance(0.6);
      out.add("u" + std::to_string(u), go ? "go" : "halt", Millis{day * kDay},
              "buy", 1);
      day += go ? 3 + static_cast<std::int64_t>(rng.below(17))
                : 40 + static_cast<std::int64_t>(rng.below(15));
    }
  }
  return out.build();
}

struct Asked {
  events::Log all = log();
  CustomersInput input{.log = all, .asked = {}, .cuts = {}};

  Asked() {
    input.asked.horizon_days = 15;
    input.cuts = {.cuts = 8, .step_days = 20};
    input.contest.table.rounds = 60;
    input.contest.table.patience = 10;
    input.sequence.sequence_width = 16;
    input.sequence.sequence_events = 30;
    input.sequence.sequence_epochs = 12;
    input.contest.models = {"trees", "head", "head+trees", "trees:embedding"};
  }
};

double figure(const CustomersResult& result, const std::string& name,
              const char* metric) {
  for (const classic::JudgedTable& one : result.models) {
    if (one.name == name) return one.test.at(metric);
  }
  return NAN;
}

std::string refusal(const CustomersInput& input) {
  try {
    fit_customers(input);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

class CustomersSequence : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    asked_ = new Asked;
    result_ = new CustomersResult(fit_customers(asked_->input));
  }
  static void TearDownTestSuite() {
    delete result_;
    delete asked_;
  }
  static const Asked* asked_;
  static const CustomersResult* result_;
};
const Asked* CustomersSequence::asked_ = nullptr;
const CustomersResult* CustomersSequence::result_ = nullptr;

TEST_F(CustomersSequence, TheHeadKnowsWhatFeaturesDoNot) {
  EXPECT_GT(figure(*result_, "head", "auc"), 0.95);
  EXPECT_GT(figure(*result_, "head+trees", "auc"),
            figure(*result_, "trees", "auc") + 0.02);
  EXPECT_NE(result_->best, "trees");
}

TEST_F(CustomersSequence, TheFileAnswersLiveAsOffline) {
  const tasks::CustomerModel model(
      artifact::Artifact::from_bytes(result_->draft.bytes(), "customers"));
  ASSERT_NE(model.sequence(), nullptr);
  std::vector<data::AsOf> pairs;
  for (std::uint32_t u = 0; u < asked_->all.users(); ++u) {
    pairs.push_back({events::UserId{u}, result_->cuts.test});
  }
  const auto offline =
      model.table().predict(judge::features_of(asked_->all, model, pairs));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double live =
        model.answer(asked_->all.history(pairs[i].user), result_->cuts.test)[0];
    ASSERT_NEAR(live, offline[i], 1e-6);
  }
}

TEST_F(CustomersSequence, TheSequenceModelLearntFromEventsBeforeTheValidation) {
  const tasks::CustomerModel model(
      artifact::Artifact::from_bytes(result_->draft.bytes(), "customers"));
  const auto& about = model.sequence()->engine()->artifact().description();
  EXPECT_LT(about.data.at("until").as_int64(), count(result_->cuts.validation));
}

class FromAnEncoder : public ::testing::Test {
 protected:
  // A model of the next item that has learnt what was known before a day.
  std::string encoder(std::int64_t before) {
    const auto folder =
        fresh_folder("customers_encoder_" + std::to_string(before));
    const judge::Split split = events_before(asked_.all, Millis{before * kDay});
    TrainOptions options = quick();
    options.max_length = 30;
    fit({.log = asked_.all,
         .split = split,
         .model = toy_gru(),
         .options = options,
         .folder = {}})
        .draft.write(folder / "encoder");
    return (folder / "encoder").string();
  }
  Asked asked_;
};

TEST_F(FromAnEncoder, ItsEmbeddingAndAHeadOnItAreTried) {
  asked_.input.sequence.encoder = encoder(300);
  asked_.input.contest.models = {"trees", "head", "trees:embedding"};
  const CustomersResult result = fit_customers(asked_.input);
  EXPECT_GT(figure(result, "trees:embedding", "auc"),
            figure(result, "trees", "auc") + 0.02);
  EXPECT_GT(figure(result, "head", "auc"), 0.85);
}

TEST_F(FromAnEncoder, ThatKnowsLaterEventsIsRefused) {
  asked_.input.sequence.encoder = encoder(395);
  EXPECT_NE(refusal(asked_.input).find("where the validation begins"),
            std::string::npos);
}

TEST_F(CustomersSequence, TheWinnerIsFittedAgainOnTheValidation) {
  Asked asked;
  asked.input.contest.models = {"head+trees:embedding+trees:short"};
  asked.input.contest.table.blend = "equal";  // so that each has its part
  const CustomersResult before = fit_customers(asked.input);
  asked.input.contest.refit = "validation";
  const CustomersResult after = fit_customers(asked.input);
  EXPECT_EQ(before.models[0].test, after.models[0].test);
  EXPECT_TRUE(before.refitted.empty());
  EXPECT_GT(after.refitted.at("auc"), before.models[0].test.at("auc") - 0.02);
  EXPECT_NE(after.refitted, before.models[0].test);
  const tasks::CustomerModel model(
      artifact::Artifact::from_bytes(after.draft.bytes(), "customers"));
  ASSERT_EQ(model.table().members().size(), 3U);
  EXPECT_EQ(model.table().members()[0].origin, "given 0");
  EXPECT_TRUE(
      model.table().members()[1].origin.starts_with("trees:embedding "));
  EXPECT_TRUE(model.table().members()[2].origin.starts_with("trees:short "));
}

TEST(Customers, AShorterHorizonIsOfAYesOrNo) {
  Asked asked;
  asked.input.sequence.sequence = "none";
  asked.input.contest.models = {"trees", "trees:short"};
  EXPECT_EQ(fit_customers(asked.input).models.size(), 2U);
  asked.input.asked.name = "purchases";
  EXPECT_EQ(fit_customers(asked.input).models.size(), 1U);
  asked.input.contest.models = {"trees:short"};
  EXPECT_EQ(refusal(asked.input),
            "models: 'trees:short' wants a horizon that can be cut, of a yes "
            "or no that came and did not come within a third of it");
}

TEST(Customers, WithoutASequenceModelTheTablesAloneAreTried) {
  Asked asked;
  asked.input.sequence.sequence = "none";
  const CustomersResult result = fit_customers(asked.input);
  ASSERT_EQ(result.models.size(), 1U);
  EXPECT_EQ(result.best, "trees");
  const tasks::CustomerModel model(
      artifact::Artifact::from_bytes(result.draft.bytes(), "customers"));
  EXPECT_EQ(model.sequence(), nullptr);
}

TEST(Customers, ASequenceModelHasOneLineForWhatDoesNotFit) {
  Asked asked;
  asked.input.sequence.learn = "heads";
  EXPECT_NE(refusal(asked.input).find("want task.encoder"), std::string::npos);
  asked.input.sequence.learn = "auto";
  asked.input.sequence.sequence = "markov";
  EXPECT_NE(refusal(asked.input).find("no sequence model"), std::string::npos);
  asked.input.sequence.sequence = "bert4rec";
  EXPECT_NE(refusal(asked.input).find("asked by a mask"), std::string::npos);
}

}  // namespace
}  // namespace ensue::train
