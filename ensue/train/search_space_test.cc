// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/search_space.h"

#include <gtest/gtest.h>

#include <map>

#include "ensue/base/error.h"

namespace ensue::train {
namespace {

std::string refusal(const Json& space) {
  try {
    parse_space(space);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

std::string refusal(const char* text) { return refusal(JsonArray{text}); }

TEST(SearchSpace, ALogRangeIsEvenInPowers) {
  const auto d = parse_dimension("train.learning_rate=1e-4..1e-2:log");
  EXPECT_EQ(d.section(), "train");
  EXPECT_EQ(d.field(), "learning_rate");
  EXPECT_NEAR(d.at(0).as_double(), 1e-4, 1e-12);
  EXPECT_NEAR(d.at(0.5).as_double(), 1e-3, 1e-9);
}

TEST(SearchSpace, WholeEndsGiveIntegersEachEquallyOften) {
  const auto d = parse_dimension("model.layers=1..4");
  std::map<std::int64_t, int> counts;
  for (int i = 0; i < 1000; ++i) ++counts[d.at(i / 1000.0).as_int64()];
  EXPECT_EQ(counts, (std::map<std::int64_t, int>{
                        {1, 250}, {2, 250}, {3, 250}, {4, 250}}));
  EXPECT_TRUE(parse_dimension("train.clip_norm=1.0..4.0").at(0.3).is_double());
}

TEST(SearchSpace, ChoicesKeepTheirTypes) {
  const auto widths = parse_dimension("model.width=32|64");
  EXPECT_EQ(widths.at(0.4), Json(32));
  EXPECT_EQ(widths.at(0.6), Json(64));
  const auto words = parse_dimension("train.loss=softmax|bce");
  EXPECT_EQ(words.at(0.99), Json("bce"));
  EXPECT_EQ(parse_dimension("model.hidden=[64]|[128,64]").at(0.9),
            (Json(JsonArray{128, 64})));
}

TEST(SearchSpace, TextReadsBack) {
  for (const char* text :
       {"train.learning_rate=1e-04..0.01:log", "model.layers=1..4",
        "model.width=32|64", "train.loss=softmax|bce",
        "train.clip_norm=1.0..4.0"}) {
    EXPECT_EQ(parse_dimension(text).text(), text);
  }
}

TEST(SearchSpace, ATableSaysTheSameQuotedOrNested) {
  const Json range = {{"low", 1e-4}, {"high", 1e-2}, {"log", true}};
  const auto quoted = parse_space(JsonObject{
      {"train.learning_rate", range}, {"model.width", JsonArray{32, 64}}});
  const auto nested = parse_space(
      JsonObject{{"train", JsonObject{{"learning_rate", range}}},
                 {"model", JsonObject{{"width", JsonArray{32, 64}}}}});
  ASSERT_EQ(quoted.size(), 2U);
  ASSERT_EQ(nested.size(), 2U);
  for (std::size_t d = 0; d < 2; ++d) {
    EXPECT_EQ(quoted[d].text(), nested[d].text());
  }
  EXPECT_EQ(quoted[0].text(), "train.learning_rate=1e-04..0.01:log");
}

TEST(SearchSpace, RefusesInOneLineWithKeyValueAndWhatWasExpected) {
  const auto has = [](const std::string& text, const char* word) {
    EXPECT_NE(text.find(word), std::string::npos) << text;
  };
  has(refusal("train.learning_rate"), "KEY=LOW..HIGH");
  has(refusal("learning_rate=1..2"), "a key of [model] or [train]");
  has(refusal("split.test=0.1..0.2"), "does not change what is measured");
  has(refusal("train.metric=ndcg@10|hit@10"), "train.metric");
  has(refusal("train.dropout=2..1"), "low below high");
  has(refusal("train.dropout=0..1:log"), "above 0");
  has(refusal("train.dropout=a..b"), "LOW..HIGH");
  has(refusal("model.width=32"), "at least two values");
  has(refusal(JsonArray{}), "nothing to search");
  has(refusal(JsonArray{"model.width=1|2", "model.width=3|4"}), "once");
  has(refusal(JsonObject{{"train.epochs", {{"low", 1}, {"top", 2}}}}), "top");
}

}  // namespace
}  // namespace ensue::train
