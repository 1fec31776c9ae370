// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/label_questions.h"

#include <gtest/gtest.h>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/train/batcher.h"

namespace ensue::train {
namespace {

constexpr std::int64_t kDay = events::kDayMs;

events::Millis day(std::int64_t day) { return events::Millis{day * kDay}; }

// One event a day for two users, the second from day 2 on.
events::Log daily(int days) {
  events::LogBuilder builder;
  for (int d = 0; d < days; ++d) {
    builder.add("ann", "a" + std::to_string(d % 3), day(d));
    if (d >= 2) builder.add("bob", "b", day(d));
  }
  return builder.build();
}

judge::Split before(const events::Log& log, std::int64_t end) {
  judge::Split out;
  for (std::uint32_t user = 0; user < log.users(); ++user) {
    const auto times = log.history(events::UserId{user}).times;
    std::uint32_t n = 0;
    while (n < times.size() && times[n] < day(end)) ++n;
    out.train.push_back({0, n});
  }
  return out;
}

data::LabelTable table(std::vector<data::AsOf> pairs,
                       std::vector<double> values) {
  data::LabelTable out;
  out.pairs = std::move(pairs);
  out.values = std::move(values);
  return out;
}

const events::UserId kAnn{0}, kBob{1};

TEST(LabelQuestions, StandBehindTheLastEventStrictlyBefore) {
  const events::Log log = daily(10);
  const judge::Split split = before(log, 8);
  const Corpus corpus = make_corpus(log, split);
  const auto labels = table(
      {{kBob, day(7)}, {kAnn, day(4)}, {kAnn, events::Millis{4 * kDay + 1}}},
      {1, 0, 1});
  const data::LabelTable* heads[] = {&labels};
  const auto found = find_questions(log, split, corpus, heads);
  ASSERT_EQ(found.size(), 3U);
  // Ann's event of day 4 itself is not before day 4.
  EXPECT_EQ(found[0].event, 3U);
  EXPECT_FLOAT_EQ(found[0].since, artifact::label_since(kDay));
  EXPECT_EQ(found[0].value, 0);
  EXPECT_EQ(found[1].event, 4U);
  EXPECT_FLOAT_EQ(found[1].since, artifact::label_since(1));
  // Bob's days 2 to 6 stand behind Ann's 8 events.
  EXPECT_EQ(found[2].event, 8U + 4);
  EXPECT_EQ(found[2].value, 1);
}

TEST(LabelQuestions, LeaveOutWhoHasNoEventBefore) {
  const events::Log log = daily(10);
  const judge::Split split = before(log, 8);
  const Corpus corpus = make_corpus(log, split);
  const auto labels = table({{kBob, day(2)}, {kAnn, day(1)}}, {1, 0});
  const data::LabelTable* heads[] = {&labels};
  const auto found = find_questions(log, split, corpus, heads);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].event, 0U);
}

TEST(LabelQuestions, RefuseEventsThatAreNotLearntFrom) {
  const events::Log log = daily(10);
  const judge::Split split = before(log, 8);
  const Corpus corpus = make_corpus(log, split);
  const auto labels = table({{kAnn, day(9)}, {kBob, day(3)}}, {1, 0});
  const data::LabelTable* heads[] = {&labels};
  EXPECT_THROW(find_questions(log, split, corpus, heads), Error);
}

TEST(LabelQuestions, EachSeesHalfAPieceOrAllThereIs) {
  const events::Log log = daily(40);
  const judge::Split split = before(log, 40);
  const Corpus corpus = make_corpus(log, split);
  std::vector<data::AsOf> pairs;
  for (int d = 1; d < 40; d += 2) pairs.push_back({kAnn, day(d)});
  for (int d = 5; d < 40; d += 7) pairs.push_back({kBob, day(d)});
  const auto labels = table(pairs, std::vector<double>(pairs.size(), 1));
  const data::LabelTable* heads[] = {&labels};
  const auto found = find_questions(log, split, corpus, heads);
  const auto pieces = label_pieces(corpus, found, /*length=*/9);
  std::vector<int> asked(found.size());
  for (const LabelPiece& piece : pieces) {
    EXPECT_LE(piece.end - piece.begin, 9U);
    for (std::size_t q = piece.first; q < piece.last; ++q) {
      ++asked[q];
      const std::uint64_t start = found[q].event < 40 ? 0 : 40;
      EXPECT_GE(piece.begin, start);
      EXPECT_LT(found[q].event, piece.end);
      EXPECT_GE(found[q].event + 1 - piece.begin,
                std::min<std::uint64_t>(5, found[q].event + 1 - start));
    }
  }
  EXPECT_EQ(asked, std::vector<int>(found.size(), 1));
}

TEST(LabelQuestions, AreAskedOnceAnEpochBesideTheItems) {
  const events::Log log = daily(12);
  const judge::Split split = before(log, 12);
  const Corpus corpus = make_corpus(log, split);
  const auto one = table({{kAnn, day(4)}, {kAnn, day(11)}}, {0, 1});
  const auto two = table({{kAnn, day(4)}, {kBob, day(5)}}, {7, 8});
  const data::LabelTable* heads[] = {&one, &two};
  const Batcher batcher(corpus,
                        {.batch_tokens = 15, .max_length = 6, .label_heads = 2},
                        find_questions(log, split, corpus, heads));
  const auto epoch = batcher.epoch(1);
  std::multiset<float> values[2];
  std::size_t targets = 0;
  for (std::size_t b = 0; b < epoch.batches(); ++b) {
    const auto batch = batcher.batch(epoch, b);
    targets += batch.targets.size();
    for (std::size_t h = 0; h < 2; ++h) {
      const nn::LabelRows& rows = batch.labels[h];
      values[h].insert(rows.values.begin(), rows.values.end());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto row = static_cast<std::size_t>(rows.rows[i]);
        // Days since the row's event: what `since` says.
        const std::int64_t asked = h == 0 ? (rows.values[i] == 0 ? 4 : 11)
                                          : (rows.values[i] == 7 ? 4 : 5);
        EXPECT_FLOAT_EQ(rows.since[i],
                        artifact::label_since(asked * kDay -
                                              count(batch.packed.times[row])));
      }
    }
  }
  EXPECT_EQ(values[0], (std::multiset<float>{0, 1}));
  EXPECT_EQ(values[1], (std::multiset<float>{7, 8}));
  EXPECT_EQ(targets, 11U + 9);
}

}  // namespace
}  // namespace ensue::train
