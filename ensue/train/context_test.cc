// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/context.h"

#include <gtest/gtest.h>

#include <functional>

#include "ensue/base/error.h"

namespace ensue::train {
namespace {

using events::Cell, events::ContextKind, events::Millis;

std::string refusal(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    return error.what();
  }
  return "";
}

// Five events; the fourth has no item, the last is not for training.
events::LogBuilder shop() {
  events::LogBuilder out;
  const auto event = [&](int time, const char* item, const char* device,
                         float price) {
    out.add("u", item, Millis{time})
        .with("device", device)
        .with("price", price);
  };
  event(1, "a", "tv", 2);
  event(2, "b", "手机", 6);
  event(3, "a", "", std::nanf(""));
  event(4, "", "watch", 1000);
  event(5, "b", "desk", 1000);
  return out;
}

Corpus corpus_of(const events::Log& log, std::vector<std::string> context) {
  judge::Split split;
  split.train = {{0, 4}};
  return make_corpus(log, split, {.context = std::move(context)});
}

TEST(CorpusContext, KnowsWhatTrainingEventsWithAnItemSayAndNothingElse) {
  const Corpus c = corpus_of(shop().build(), {"price", "device"});
  ASSERT_EQ(c.context_columns.size(), 2u);
  EXPECT_EQ(c.context_columns[0].name, "price");
  EXPECT_EQ(c.context_columns[1].values.size(), 2u);
  EXPECT_EQ(c.context_columns[1].values.name(1), "手机");
  EXPECT_EQ(c.context, (std::vector<Cell>{Cell::of_number(2), Cell::of_code(0),
                                          Cell::of_number(6), Cell::of_code(1),
                                          Cell(), Cell()}));
  EXPECT_EQ(c.scales[0].mean, 4);
  EXPECT_EQ(c.scales[0].deviation, 2);
}

TEST(CorpusContext, IsEmptyUnlessNamed) {
  const Corpus c = corpus_of(shop().build(), {});
  EXPECT_TRUE(c.context.empty());
  EXPECT_TRUE(c.context_of(2).empty());
}

TEST(CorpusContext, ANumberCanBeReadAsAValue) {
  const Corpus c = corpus_of(shop().build(), {"price:category"});
  EXPECT_EQ(c.context_columns[0].kind, ContextKind::kCategory);
  EXPECT_EQ(c.context_columns[0].values.name(1), "6");
  EXPECT_EQ(c.context,
            (std::vector<Cell>{Cell::of_code(0), Cell::of_code(1), Cell()}));
}

TEST(CorpusContext, AValueCanBeReadAsANumber) {
  events::LogBuilder builder;
  builder.add("u", "a", Millis{1}).with("size", "1e1");
  builder.add("u", "a", Millis{2}).with("size", "-3");
  builder.add("u", "a", Millis{3}).with("size", "5");
  builder.add("u", "a", Millis{4}).with("size", "large");
  builder.add("u", "a", Millis{5});
  const events::Log log = builder.build();
  judge::Split split;
  split.train = {{0, 3}};
  const Corpus c = make_corpus(log, split, {.context = {"size:number"}});
  EXPECT_EQ(c.context,
            (std::vector<Cell>{Cell::of_number(10), Cell::of_number(-3),
                               Cell::of_number(5)}));
  EXPECT_EQ(refusal([&] { corpus_of(log, {"size:number"}); }),
            "context: 'large' in column 'size', expected a number");
}

TEST(CorpusContext, ANumberWithoutDeviationIsLeftAsItIsAroundItsMean) {
  events::LogBuilder builder;
  for (int i = 0; i < 5; ++i) {
    builder.add("u", "a", Millis{i}).with("x", 0.1F);
  }
  const Corpus c = corpus_of(builder.build(), {"x"});
  EXPECT_EQ(c.scales[0].deviation, 1);
  EXPECT_NEAR(c.scales[0](0.1F), 0, 1e-7);
}

TEST(CorpusContext, ColumnsThatAreNotThereAreNamedWithThoseThatAre) {
  const events::Log log = shop().build();
  EXPECT_EQ(refusal([&] { corpus_of(log, {"devise"}); }),
            "context: 'devise', expected a context column of the log; it has: "
            "device, price");
  EXPECT_EQ(refusal([&] { corpus_of(log, {"device:text"}); }),
            "context: 'device:text', expected :category or :number");
  EXPECT_EQ(refusal([&] {
              corpus_of(log, {"device", "device:category"});
            }),
            "context: 'device' is named twice");
  const events::Log none = events::LogBuilder()
                               .add("u", "a", Millis{1})
                               .add("u", "a", Millis{2})
                               .add("u", "a", Millis{3})
                               .add("u", "a", Millis{4})
                               .build();
  EXPECT_EQ(refusal([&] { corpus_of(none, {"device"}); }),
            "context: 'device', expected a context column of the log; it has "
            "none");
}

TEST(CorpusContext, AColonInANameIsNoKind) {
  events::LogBuilder builder;
  for (int i = 0; i < 5; ++i) {
    builder.add("u", "a", Millis{i}).with("utm:category", "x");
  }
  EXPECT_EQ(
      corpus_of(builder.build(), {"utm:category"}).context_columns[0].name,
      "utm:category");
}

TEST(CorpusContext, ANumberTooLargeToBeToldFromItsNeighbourIsNoValue) {
  events::LogBuilder builder;
  for (int i = 0; i < 5; ++i) {
    builder.add("u", "a", Millis{i}).with("zip", 16777217.0F);
  }
  EXPECT_EQ(refusal([&] { corpus_of(builder.build(), {"zip:category"}); }),
            "context: 16777216 in column 'zip', expected numbers below "
            "16777216 as values of a category");
}

}  // namespace
}  // namespace ensue::train
