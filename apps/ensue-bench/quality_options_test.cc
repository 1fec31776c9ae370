// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/quality_options.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

TEST(QualityOptions, OfNothingTypedRunTheBaselinesAndTwoNeuralModels) {
  const auto got = parse_quality_options({});
  EXPECT_EQ(got.models.size(), 5u);
  EXPECT_EQ(got.seeds, 0);
  EXPECT_FALSE(got.validation);
}

TEST(QualityOptions, TakeModelsWithCommas) {
  const auto got = parse_quality_options({"--models", "gru,sasrec"});
  EXPECT_EQ(got.models, std::vector<std::string>({"gru", "sasrec"}));
}

TEST(QualityOptions, ReadNumbersListsAndWordsOverTheSettings) {
  const auto got =
      parse_quality_options({"--train.learning_rate", "0.01", "--model.hidden",
                             "128,64", "--train.loss", "bce", "--epochs", "3"});
  EXPECT_EQ(got.train.at("learning_rate").as_double(), 0.01);
  EXPECT_EQ(got.model.at("hidden").as_array().size(), 2u);
  EXPECT_EQ(got.train.at("loss").as_string(), "bce");
  EXPECT_EQ(got.train.at("epochs").to_number<int>(), 3);
}

TEST(QualityOptions, RefuseWhatTheyDoNotKnow) {
  EXPECT_THROW(parse_quality_options({"--fast", "1"}), Error);
  EXPECT_THROW(parse_quality_options({"--seeds"}), Error);
  EXPECT_THROW(parse_quality_options({"--seeds", "0"}), Error);
  EXPECT_THROW(parse_quality_options({"--models", ","}), Error);
}

}  // namespace
}  // namespace ensue::apps
