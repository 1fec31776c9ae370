// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/sequence_columns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "ensue/base/error.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/linear_scorer.h"
#include "ensue/runtime/testing.h"
#include "ensue/tasks/customer_events.h"
#include "ensue/tasks/customer_model.h"

namespace ensue::tasks {
namespace {

using events::Millis;

constexpr std::int64_t kDay = events::kDayMs;
constexpr std::size_t kWidth = 8, kLength = 6;

// Knows item0 … item9; reads its last six events.
artifact::Draft model(const std::string& task = "retention") {
  artifact::ModelSpec spec = models::models().find("gru").build(
      {{"width", kWidth}, {"hidden", Json({8})}, {"gaps", true}});
  spec.heads.push_back(runtime::testing::block(
      "label", artifact::LabelConfig{.task = task, .width = kWidth}));
  artifact::Draft out = runtime::testing::random_draft(spec, 10, 2, 1);
  out.description().training["max_length"] = kLength;
  return out;
}

std::shared_ptr<const runtime::Engine> engine(const std::string& task) {
  return std::make_shared<const runtime::Engine>(
      artifact::Artifact::from_bytes(model(task).bytes(), "toy"));
}

// Ids in another order than the model's, and an item that it does not know.
events::Log log() {
  events::LogBuilder out;
  for (int i = 0; i < 12; ++i) {
    const int item = (7 * i + 3) % 11;  // item10 is new
    out.add("ann", "item" + std::to_string(item), Millis{i * kDay},
            i % 2 == 0 ? "action1" : "action0");
  }
  out.add("bob", "item10", Millis{3 * kDay});
  return out.build();
}

runtime::HistoryNames names_of(const events::Log& log) {
  return {log.item_names(), log.action_names(), log.context()};
}

TEST(SequenceColumns, AreWhatTheModelSaysOfItsLatestKnownEvents) {
  const events::Log all = log();
  const auto made = engine("retention");
  const SequenceColumns columns(made, "retention", names_of(all));
  ASSERT_EQ(columns.names().size(), kWidth + 1);
  EXPECT_EQ(columns.names().back(), "head");
  const auto history = all.history(events::UserId{0});
  const Millis at{9 * kDay};  // the event at that instant is not before it
  const auto got = columns.values(history, at);

  runtime::State state = made->start();
  std::vector<events::Event> known;
  for (std::size_t i = 0; i < 9; ++i) {
    const int item = (7 * static_cast<int>(i) + 3) % 11;
    if (item == 10) continue;
    known.push_back(
        {events::ItemId{static_cast<std::uint32_t>(item)},
         events::ActionId{i % 2 == 0 ? std::uint8_t{1} : std::uint8_t{0}},
         Millis{static_cast<std::int64_t>(i) * kDay}});
  }
  for (std::size_t i = known.size() - kLength; i < known.size(); ++i) {
    made->step(state, known[i]);
  }
  const auto wanted = made->output(state);
  for (std::size_t i = 0; i < kWidth; ++i) EXPECT_EQ(got[i], wanted[i]);
  double margin = 0;
  runtime::LabelHead::of(*made, "retention")
      ->margins(state, kDay, {&margin, 1});
  EXPECT_EQ(got[kWidth], margin);
  EXPECT_EQ(got, columns.values(history.first(9), at));
}

TEST(SequenceColumns, AHeadOfAnotherTaskIsNotAsked) {
  const events::Log all = log();
  const SequenceColumns columns(engine("value"), "retention", names_of(all));
  EXPECT_EQ(columns.names().size(), kWidth);
}

TEST(SequenceColumns, OfEventsThatItDoesNotKnowTheTimeAloneCounts) {
  const events::Log all = log();
  const SequenceColumns columns(engine("retention"), "retention",
                                names_of(all));
  const auto bob = all.history(events::UserId{1});
  const auto soon = columns.values(bob, Millis{4 * kDay});
  const auto late = columns.values(bob, Millis{40 * kDay});
  for (std::size_t i = 0; i < kWidth; ++i) EXPECT_EQ(soon[i], 0);
  EXPECT_NE(soon[kWidth], late[kWidth]);
}

TEST(SequenceColumns, WantAModelOfSequences) {
  const events::Log all = log();
  artifact::ModelSpec spec = models::models().find("popularity").build({});
  artifact::Draft draft = runtime::testing::random_draft(spec, 10, 2, 1);
  const std::vector<float> counts(10, -2.5F);
  draft.add<float>("heads.0.log_probability", {10}, counts);
  const auto popularity = std::make_shared<const runtime::Engine>(
      artifact::Artifact::from_bytes(draft.bytes(), "toy"));
  EXPECT_THROW(SequenceColumns(popularity, "retention", names_of(all)), Error);
}

// One linear member that adds up an as-of feature, a number of the embedding
// and the head.
std::shared_ptr<const CustomerModel> customer_model(const events::Log& log) {
  const auto encoder = [](const char* name) {
    return runtime::ColumnEncoder{
        name, {runtime::Encoding::kNumber}, {}, {0, 1}};
  };
  std::vector<runtime::TableModel::Member> members;
  members.push_back(
      {runtime::TableColumns(
           {encoder("events"), encoder("embedding_2"), encoder("head")}),
       std::make_unique<runtime::LinearScorer>(std::vector<float>{0.25F, 2, 1},
                                               std::vector<float>{-1})});
  const runtime::TableModel table(runtime::TableLabel::kBinary, {},
                                  std::move(members), {});
  artifact::Draft draft({});
  artifact::Description& about = draft.description();
  about.items = log.item_names();
  about.actions = log.action_names();
  table.add_to(draft);
  const std::vector<features::Definition> definitions = {
      {.name = "events", .kind = "count"}};
  CustomerModel::describe(draft, {}, definitions);
  CustomerModel::add_sequence(draft, model().bytes());
  return std::make_shared<const CustomerModel>(
      artifact::Artifact::from_bytes(draft.bytes(), "customers"));
}

TEST(CustomerModel, AnswersFromTheSequenceModelInside) {
  const events::Log all = log();
  const auto made = customer_model(all);
  ASSERT_NE(made->sequence(), nullptr);
  const auto history = all.history(events::UserId{0});
  const Millis at{8 * kDay};
  const auto columns =
      SequenceColumns(engine("retention"), "retention", names_of(all))
          .values(history, at);
  const double margin = -1 + 0.25 * 8 + 2 * columns[2] + columns[kWidth];
  EXPECT_NEAR(made->answer(history, at)[0], runtime::logistic(margin), 1e-6);
  EXPECT_EQ(made->features(history, at).columns.size(), 1 + kWidth + 1);

  // The same from names, as the server tells them.
  CustomerEvents told(made->about());
  for (std::size_t i = 0; i < history.size(); ++i) {
    told.add(all.item_names().name(index(history.items[i])),
             all.action_names().name(index(history.actions[i])),
             history.times[i], history.values[i]);
  }
  EXPECT_EQ(made->answer(told.view(), at), made->answer(history, at));
}

}  // namespace
}  // namespace ensue::tasks
