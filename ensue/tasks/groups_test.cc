// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/groups.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/testing.h"
#include "ensue/tasks/customer_events.h"

namespace ensue::tasks {
namespace {

using events::Millis;

constexpr Millis kEnd{10 * events::kDayMs};

// Five customers buy tea (and one of them a mug), five others mugs thrice; all
// view the lamp. Purchases after the end are no part of it.
events::Log teas_and_mugs() {
  events::LogBuilder builder;
  for (int u = 0; u < 10; ++u) {
    const std::string user = "u" + std::to_string(u);
    builder.add(user, "lamp", Millis{1000}, "view");
    for (int e = 0; e < (u < 5 ? 1 : 3); ++e) {
      builder.add(user, u < 5 ? "tea" : "mug", Millis{2000 + e}, "purchase", 4);
    }
    if (u == 0) builder.add(user, "mug", Millis{9000}, "view");
    builder.add(user, "later", Millis{11 * events::kDayMs}, "purchase", 99);
  }
  auto log = builder.build();
  events::Table table;
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < log.items(); ++i) {
    titles.push_back("A " + std::string(log.item_names().name(i)));
  }
  table.columns = {{"title", std::move(titles)}};
  log.set_item_table(std::move(table));
  return log;
}

std::vector<Group> described(const events::Log& log) {
  std::vector<events::UserId> users;
  std::vector<std::uint32_t> group;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    users.push_back(events::UserId{u});
    group.push_back(log.user_names().name(u) < "u5" ? 0 : 1);
  }
  const std::vector<std::int64_t> ids = {7, 4};
  return describe_groups({log, kEnd, "purchase", users, group, ids});
}

TEST(DescribeGroups, CountsCustomersAndMoneyBeforeTheTime) {
  const auto log = teas_and_mugs();
  const auto groups = described(log);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].id, 7);
  EXPECT_EQ(groups[0].customers, 5U);
  EXPECT_EQ(groups[0].spend, 4);
  EXPECT_EQ(groups[1].spend, 12);
  EXPECT_EQ(groups[1].spend_share, 0.75);
}

TEST(DescribeGroups, NamesTheItemsThatAGroupTakesMoreThanOthers) {
  const auto log = teas_and_mugs();
  const auto groups = described(log);
  ASSERT_EQ(groups[0].items.size(), 1U);  // the lamp is everybody's
  EXPECT_EQ(groups[0].items[0].title, "A tea");
  EXPECT_EQ(groups[0].items[0].share, 1);
  // 5 of the 11 items that the first five hold, 5 of 21 of all.
  EXPECT_NEAR(groups[0].items[0].lift, 5.0 / 11 / (5.0 / 21), 1e-12);
  EXPECT_EQ(groups[1].items[0].item, "mug");
}

TEST(DescribeGroups, GivesEachGroupANameOfItsOwn) {
  const auto log = teas_and_mugs();
  std::vector<events::UserId> users;
  std::vector<std::uint32_t> group;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    users.push_back(events::UserId{u});
    group.push_back(u % 3);  // three groups that hardly differ
  }
  const std::vector<std::int64_t> ids = {1, 2, 3};
  const auto groups =
      describe_groups({log, kEnd, "purchase", users, group, ids});
  EXPECT_NE(groups[0].name, groups[1].name);
  EXPECT_NE(groups[1].name, groups[2].name);
  EXPECT_NE(groups[0].name, groups[2].name);
}

// Two groups by the number of purchases: about 0 and about 10.
artifact::Draft two_groups(std::span<const Group> groups) {
  artifact::Description about;
  about.model.name = "segments";
  const std::vector<std::string> actions = {"view", "purchase"};
  about.actions =
      events::Vocabulary::from_names(std::span<const std::string>(actions));
  about.training = {{"columns", JsonArray{"purchases"}},
                    {"interests", 0},
                    {"clip", 100.0},
                    {"buying", "purchase"}};
  artifact::Draft out(std::move(about));
  out.add<std::uint8_t>("scale_log", {1}, std::vector<std::uint8_t>{0});
  out.add<double>("scale_middle", {1}, std::vector<double>{0});
  out.add<double>("scale_scale", {1}, std::vector<double>{1});
  out.add<double>("centres", {2}, std::vector<double>{0, 10});
  out.add<std::int64_t>("ids", {2}, std::vector<std::int64_t>{7, 4});
  SegmentsModel::describe(out, groups);
  return out;
}

SegmentsModel opened(const artifact::Draft& draft) {
  return SegmentsModel(artifact::Artifact::from_bytes(draft.bytes(), "groups"));
}

// Ten customers of each group buy twice, the first ten of them on offer.
TEST(DescribeGroups, AdviseOnDiscountsByWhatIsKnown) {
  events::LogBuilder builder;
  std::vector<events::UserId> users;
  std::vector<std::uint32_t> group;
  for (std::uint32_t u = 0; u < 20; ++u) {
    for (int e = 0; e < 2; ++e) {
      builder.add("u" + std::to_string(u), "tea", Millis{u + e}, "purchase", 4)
          .with("discount", u < 10 ? 1.0F : 0.0F);
    }
    users.push_back(events::UserId{u});
    group.push_back(u < 10 ? 0 : 1);
  }
  const auto log = builder.build();
  const std::vector<std::int64_t> ids = {7, 4};
  const runtime::Discounts discounts(log.context(), log.action_names(),
                                     {.columns = {"discount"}});
  const auto groups =
      describe_groups({log, kEnd, "purchase", users, group, ids, &discounts});
  ASSERT_TRUE(groups[0].discount && groups[1].discount);
  EXPECT_EQ(groups[0].discount->expected, 0.5);
  EXPECT_EQ(groups[0].discount->word, "buys on offer");
  EXPECT_EQ(groups[1].discount->word, "buys at full price");
  EXPECT_NE(groups[0].strategy.discount.find("they buy on offer (100 %"),
            std::string::npos);
  EXPECT_TRUE(groups[1].strategy.discount.starts_with(
      "none: they buy at full price (0 %"));
  const auto without =
      describe_groups({log, kEnd, "purchase", users, group, ids});
  EXPECT_EQ(without[1].strategy.discount, "on several items together");
  const SegmentsModel model = opened(two_groups(groups));
  EXPECT_EQ(to_text(to_json(model.groups()[0])), to_text(to_json(groups[0])));
}

TEST(SegmentsModel, KeepsWhatIsSaidOfItsGroups) {
  const auto log = teas_and_mugs();
  const auto groups = described(log);
  const SegmentsModel model = opened(two_groups(groups));
  EXPECT_TRUE(SegmentsModel::is_one(model.about()));
  ASSERT_EQ(model.groups().size(), 2U);
  EXPECT_EQ(to_text(to_json(model.groups()[1])), to_text(to_json(groups[1])));
}

TEST(SegmentsModel, AnswersByTheEventsStrictlyBefore) {
  const auto log = teas_and_mugs();
  const SegmentsModel model = opened(two_groups(described(log)));
  CustomerEvents past(model.about());
  for (int e = 0; e < 9; ++e) past.add("mug", "purchase", Millis{e}, 1);
  EXPECT_EQ(model.answer(past.view(), Millis{9}).group->id, 4);
  EXPECT_EQ(model.answer(past.view(), Millis{9}).distance, 1);
  EXPECT_EQ(model.answer(past.view(), Millis{9}).next, 9);
  EXPECT_EQ(model.answer(past.view(), Millis{2}).group->id, 7);
}

// A sequence model of tea and mugs, in an order of its own.
artifact::Draft encoder(int width) {
  artifact::ModelSpec spec = models::models().find("gru").build(
      {{"width", width}, {"hidden", Json({width})}, {"gaps", true}});
  artifact::Draft out = runtime::testing::random_draft(spec, 2, 2, 1);
  const std::vector<std::string> items = {"mug", "tea"},
                                 actions = {"purchase", "view"};
  using Names = std::span<const std::string>;
  out.description().items = events::Vocabulary::from_names(Names(items));
  out.description().actions = events::Vocabulary::from_names(Names(actions));
  return out;
}

// Two groups by four numbers of an embedding alone.
// @param centre  of the first; the other lies far away.
artifact::Draft two_groups_of(const events::Log& log,
                              std::vector<double> centre) {
  artifact::Draft out = two_groups(described(log));
  artifact::Description about = out.description();
  about.items = log.item_names();
  about.training["columns"] = JsonArray();
  about.training["embedding_scale"] = 2;
  artifact::Draft made(std::move(about));
  made.add<std::uint8_t>("scale_log", {0}, std::vector<std::uint8_t>());
  made.add<double>("scale_middle", {0}, std::vector<double>());
  made.add<double>("scale_scale", {0}, std::vector<double>());
  made.add<double>("embedding_mean", {4}, std::vector<double>(4, 0));
  centre.insert(centre.end(), {9, 9, 9, 9});
  made.add<double>("centres", {8}, centre);
  made.add<std::int64_t>("ids", {2}, std::vector<std::int64_t>{7, 4});
  return made;
}

TEST(SegmentsModel, LiveAsOfflineBesideASequenceModelInside) {
  const auto log = teas_and_mugs();
  const auto engine = std::make_shared<const runtime::Engine>(
      artifact::Artifact::from_bytes(encoder(4).bytes(), "encoder"));
  const SequenceColumns columns(
      engine, "segments",
      {log.item_names(), log.action_names(), log.context()});
  const auto history = log.history(events::UserId{7});
  const Millis at{2002};  // two of three mugs
  std::vector<double> wanted = embedding_of(columns, history, at);
  ASSERT_EQ(wanted.size(), 4U);
  double square = 0;
  for (const double x : wanted) square += x * x;
  ASSERT_GT(square, 0);
  for (double& x : wanted) x *= 2 / std::sqrt(square);

  auto draft = two_groups_of(log, wanted);
  EXPECT_THROW(opened(draft), Error);  // whose embedding?
  SegmentsModel::add_encoder(draft, encoder(4).bytes());
  const SegmentsModel model = opened(draft);
  ASSERT_NE(model.encoder(), nullptr);
  EXPECT_EQ(model.answer(history, at).group->id, 7);
  EXPECT_NEAR(model.answer(history, at).distance, 0, 1e-12);
  EXPECT_GT(model.answer(history, Millis{2001}).distance, 0.01);

  // The same from names, as the server tells them.
  CustomerEvents told(model.about());
  for (std::size_t i = 0; i < history.size(); ++i) {
    told.add(log.item_names().name(index(history.items[i])),
             log.action_names().name(index(history.actions[i])),
             history.times[i], history.values[i]);
  }
  EXPECT_EQ(model.answer(told.view(), at).distance,
            model.answer(history, at).distance);
}

TEST(SegmentsModel, RefusesAnEncoderOfAnotherWidth) {
  auto draft = two_groups_of(teas_and_mugs(), {1, 0, 0, 0});
  SegmentsModel::add_encoder(draft, encoder(3).bytes());
  EXPECT_THROW(opened(draft), Error);
}

TEST(SegmentsModel, RefusesGroupsThatDoNotFit) {
  const auto log = teas_and_mugs();
  const auto groups = described(log);
  EXPECT_THROW(opened(two_groups(std::span(groups).first(1))), Error);
  artifact::Draft other = two_groups(groups);
  other.description().training["groups"] = JsonArray{JsonObject{{"id", 1}}};
  EXPECT_THROW(opened(other), Error);
}

}  // namespace
}  // namespace ensue::tasks
