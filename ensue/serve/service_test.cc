// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/service.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/runtime/top_k.h"
#include "ensue/serve/testing.h"

namespace ensue::serve {
namespace {

using testing::event;
using testing::Shop;

std::vector<std::string> items_of(const Reply& reply) {
  std::vector<std::string> out;
  for (const Shown& shown : reply.items) out.push_back(shown.item);
  return out;
}

Question asks(const std::string& user) { return {.user = user, .k = 5}; }

TEST(Service, TheNextAnswerKnowsTheLastEvent) {
  Shop shop;
  const auto before = shop.service.recommend(asks("ann"));
  shop.say("ann", 3);
  const auto after = shop.service.recommend(asks("ann"));
  shop.say("ann", 9);
  const auto later = shop.service.recommend(asks("ann"));
  EXPECT_EQ(before.reply.events, 0U);
  EXPECT_EQ(after.reply.events, 1U);
  EXPECT_EQ(later.reply.events, 2U);
  EXPECT_NE(before.reply.items[0].score, after.reply.items[0].score);
  EXPECT_NE(after.reply.items[0].score, later.reply.items[0].score);
}

TEST(Service, AnswersAsTheEngineDoesOffline) {
  Shop shop;
  for (const int item : {3, 9, 3, 44}) shop.say("ann", item);
  Question question = asks("ann");
  question.probability = true;
  const auto answered = shop.service.recommend(question);

  const auto model = shop.service.models().find("");
  const auto past = model->translate(shop.service.store().user("ann").events);
  std::vector<float> scores(model->engine().items());
  model->engine().score(model->engine().encode(past.view()), scores);
  const auto best = runtime::top_k(scores, 5);
  runtime::softmax(scores);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(answered.reply.items[i].item,
              "item" + std::to_string(best[i].item));
    EXPECT_EQ(answered.reply.items[i].score, best[i].score);
    EXPECT_NEAR(answered.reply.items[i].probability, scores[best[i].item],
                1e-6);
  }
}

TEST(Service, FiltersInsideTheCatalogue) {
  Shop shop;
  shop.say("ann", 3);
  Question question{.user = "ann", .k = 60};
  question.only = {tasks::Condition::parse("category=mugs"),
                   tasks::Condition::parse("price<20")};
  question.exclude = {"item4", "nobody knows it"};
  EXPECT_EQ(items_of(shop.service.recommend(question).reply).size(), 9U);
  question = {.user = "ann", .k = 60, .exclude_seen = true};
  const auto unseen = items_of(shop.service.recommend(question).reply);
  EXPECT_EQ(unseen.size(), 59U);
  EXPECT_EQ(std::ranges::find(unseen, "item3"), unseen.end());
  question = {.user = "ann"};
  question.items = {"item9", "item3", "item11"};
  auto listed = items_of(shop.service.recommend(question).reply);
  std::ranges::sort(listed);
  EXPECT_EQ(listed, (std::vector<std::string>{"item11", "item3", "item9"}));
}

TEST(Service, AnUnknownColumnIsTheErrorOfItsQuestionAlone) {
  Shop shop;
  std::vector<Question> questions = {asks("ann"), asks("bob"), asks("ann")};
  questions[1].only = {tasks::Condition::parse("colour=red")};
  const auto answers = shop.service.recommend(questions);
  EXPECT_EQ(answers[0].error, "");
  EXPECT_EQ(answers[1].error,
            "unknown item column 'colour'; known: category, price");
  EXPECT_EQ(answers[1].code, Code::kNotFound);
  EXPECT_EQ(items_of(answers[0].reply), items_of(answers[2].reply));
  EXPECT_NE(answers[0].id, answers[2].id);
}

TEST(Service, HiddenItemsAndThoseOutOfStockAreNotShown) {
  Shop shop;
  const auto best = items_of(shop.service.recommend(asks("ann")).reply);
  const std::vector<store::Document> documents = {
      {best[0], R"({"hidden":true})"}, {best[1], R"({"stock":0})"}};
  shop.service.put_items(documents);
  const auto now = items_of(shop.service.recommend(asks("ann")).reply);
  EXPECT_EQ(now[0], best[2]);
  EXPECT_EQ(now[1], best[3]);
  const std::vector<store::Document> back = {{best[1], R"({"stock":5})"}};
  shop.service.put_items(back);
  EXPECT_EQ(items_of(shop.service.recommend(asks("ann")).reply)[0], best[1]);
  // Another model, loaded later, knows of it as well.
  shop.service.models().put(
      testing::live_model("main", "gru", shop.service.models().next_number()),
      1);
  shop.service.drop_item(best[0]);
  EXPECT_EQ(items_of(shop.service.recommend(asks("ann")).reply)[0], best[0]);
}

TEST(Service, DocumentsJoinTheColumnsThatFiltersAsk) {
  Shop shop;
  const std::vector<store::Document> documents = {
      {"item5", R"({"colour":"red","price":1000})"},
      {"item6", R"({"colour":["blue","red"]})"}};
  shop.service.put_items(documents);
  Question question{.user = "ann", .k = 60};
  question.only = {tasks::Condition::parse("colour=red")};
  auto red = items_of(shop.service.recommend(question).reply);
  std::ranges::sort(red);
  EXPECT_EQ(red, (std::vector<std::string>{"item5", "item6"}));
  question.only = {tasks::Condition::parse("price>=1000")};
  EXPECT_EQ(items_of(shop.service.recommend(question).reply),
            std::vector<std::string>{"item5"});
}

TEST(Service, ItemsUnknownToTheModelStandBehindByPopularityAndSaySo) {
  Shop shop;
  const std::vector<store::Event> seen = {
      {.user = "bob", .item = "new2", .time = events::Millis{shop.clock}},
      {.user = "eve", .item = "new2", .time = events::Millis{shop.clock}},
      {.user = "eve", .item = "new1", .time = events::Millis{shop.clock}}};
  shop.service.ingest(seen);
  Question question = asks("ann");
  question.items = {"new1", "item7", "new2", "new3"};
  const auto reply = shop.service.recommend(question).reply;
  EXPECT_EQ(items_of(reply),
            (std::vector<std::string>{"item7", "new2", "new1", "new3"}));
  EXPECT_EQ(reply.items[0].by, "model");
  EXPECT_EQ(reply.items[1].by, "popularity");
}

TEST(Service, AModelWithContentAnswersWithNewItemsFromOneCallOn) {
  Shop shop;
  shop.service.models().put(
      std::make_shared<LiveModel>(
          "main", "", shop.service.models().next_number(),
          std::make_shared<const runtime::Engine>(testing::content_artifact())),
      1);
  const std::size_t before = shop.service.models().find("")->engine().items();
  shop.say("ann", 1);
  const Shown best = shop.service.recommend(asks("ann")).reply.items[0];
  const std::string other = best.item == "item2" ? "item3" : "item2";
  const std::vector<store::Document> documents = {
      {"brand new", R"({"kind":"plate","price":2,"stock":3})"},
      {other, R"({"hidden":true})"}};
  EXPECT_EQ(shop.service.put_items(documents),
            std::vector<std::string>{"main"});
  EXPECT_EQ(shop.service.models().find("")->engine().items(), before + 1);
  Question question{.user = "ann", .k = 100};
  const auto reply = shop.service.recommend(question).reply;
  const auto fresh = std::ranges::find(reply.items, "brand new", &Shown::item);
  ASSERT_NE(fresh, reply.items.end());
  EXPECT_EQ(fresh->by, "model");
  EXPECT_EQ(reply.items.size(), before);  // one more, and one hidden
  EXPECT_EQ(std::ranges::count(reply.items, best.score, &Shown::score), 1);
  // It can be clicked, and is then part of the history.
  const store::Event click{.user = "ann",
                           .item = "brand new",
                           .time = events::Millis{shop.clock + 1}};
  shop.service.ingest(std::span(&click, 1));
  EXPECT_EQ(shop.service.recommend(question).reply.events, 2U);
}

TEST(Service, ALoadedModelKnowsWhatWasSaidOfItemsBeforeItAnswers) {
  Shop shop;
  const std::string path = ::testing::TempDir() + "ensue_service_test_model";
  testing::content_draft().write(path);
  const std::vector<store::Document> documents = {
      {"brand new", R"({"kind":"plate","price":2})"},
      {"item3", R"({"hidden":true})"}};
  shop.service.put_items(documents);
  const auto expect_known = [&] {
    const auto names = items_of(
        shop.service.recommend(Question{.user = "ann", .k = 100}).reply);
    EXPECT_EQ(std::ranges::count(names, "brand new"), 1);
    EXPECT_EQ(std::ranges::count(names, "item3"), 0);
    EXPECT_EQ(names.size(), 7U);
  };
  shop.service.load({"main", path, 1});
  expect_known();
  EXPECT_TRUE(shop.service.reload().empty());
  expect_known();
  shop.service.take_model({"main", path, 1}, read_file(path));
  expect_known();
  EXPECT_THROW(shop.service.take_model({"main", path, 1}, "no model"), Error);
  expect_known();
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  testing::content_draft().write(path + ".other");
  EXPECT_EQ(read_file(path), read_file(path + ".other"));
}

TEST(Service, ASessionOfNobodyIsAnsweredAndForgotten) {
  Shop shop;
  for (const int item : {3, 9}) shop.say("ann", item);
  Question question{.k = 5};
  question.session = {event("session", 9, 20), event("session", 3, 10)};
  const auto reply = shop.service.recommend(question).reply;
  EXPECT_EQ(items_of(reply),
            items_of(shop.service.recommend(asks("ann")).reply));
  EXPECT_TRUE(shop.service.store().user("session").events.empty());
}

TEST(Service, ErasedUsersAreAsIfTheyHadNeverBeen) {
  Shop shop;
  const auto empty = shop.service.recommend(asks("ann"));
  shop.say("ann", 3);
  const auto answered = shop.service.recommend(asks("ann"));
  shop.service.slates().flush();
  EXPECT_TRUE(shop.service.store().answer("ann", answered.id).has_value());
  EXPECT_TRUE(shop.service.erase_user("ann"));
  EXPECT_FALSE(shop.service.store().answer("ann", answered.id).has_value());
  EXPECT_EQ(items_of(shop.service.recommend(asks("ann")).reply),
            items_of(empty.reply));
}

TEST(Service, KeepsWhatWasShownWithItsPropensity) {
  Shop shop;
  Question question{.user = "ann", .k = 3, .explore = 0.5};
  const auto answered = shop.service.recommend(question);
  shop.service.slates().flush();
  const auto kept = shop.service.store().answer("ann", answered.id);
  ASSERT_TRUE(kept.has_value());
  ASSERT_EQ(kept->items.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(kept->items[i].item, answered.reply.items[i].item);
    EXPECT_EQ(kept->items[i].propensity, answered.reply.items[i].propensity);
  }
}

// With share e of chance and n candidates left, the best one stands with
// 1 - e + e / n, any other with e / n: so say the answers, and so it happens.
TEST(Service, ExploresAsOftenAsItsPropensitiesSay) {
  Shop shop;
  const auto best = items_of(shop.service.recommend(asks("ann")).reply);
  Question question{.user = "ann", .k = 1, .explore = 0.4};
  int first = 0;
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) {
    const Shown shown = shop.service.recommend(question).reply.items[0];
    const bool is_best = shown.item == best[0];
    first += is_best;
    EXPECT_FLOAT_EQ(shown.propensity, is_best ? 0.6F + 0.4F / 50 : 0.4F / 50);
  }
  const double share = static_cast<double>(first) / kDraws;
  EXPECT_NEAR(share, 0.608, 4 * std::sqrt(.608 * .392 / kDraws));
}

TEST(Service, JoinsEventsToTheAnswersThatShowedTheirItem) {
  Shop shop;
  const auto shown = items_of(shop.service.recommend(asks("ann")).reply);
  shop.service.recommend(asks("bob"));
  shop.service.recommend(asks("eve"));
  const auto click = [&](const std::string& user, const std::string& item,
                         std::int64_t later) {
    const store::Event one{
        .user = user, .item = item, .time = events::Millis{shop.clock + later}};
    shop.service.ingest(std::span(&one, 1));
  };
  click("ann", shown[2], 60'000);
  click("ann", shown[1], 61'000);  // the same answer counts once
  click("bob", "item elsewhere", 1000);
  click("eve", shown[0], 2 * events::kDayMs);  // too late
  const auto outcome = shop.service.slates().outcomes().at("main");
  EXPECT_EQ(outcome.answers, 3U);
  EXPECT_EQ(outcome.followed, 1U);
  EXPECT_NEAR(outcome.rate, 1.0 / 3, 1e-12);
  EXPECT_NEAR(outcome.low, 0.0614919, 1e-6);  // Wilson's, by hand
  EXPECT_NEAR(outcome.high, 0.7923404, 1e-6);
}

TEST(Service, SplitsUsersBetweenModelsByAStableHash) {
  Shop shop;
  shop.service.models().put(
      testing::live_model("other", "hstu", shop.service.models().next_number()),
      3);
  int other = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string user = "u" + std::to_string(i);
    const auto model = shop.service.models().choose(user);
    EXPECT_EQ(model, shop.service.models().choose(user));
    other += model->name() == "other";
  }
  EXPECT_NEAR(other / 2000.0, 0.75, 0.04);
  EXPECT_EQ(shop.service.models().find("other")->name(), "other");
  EXPECT_THROW(shop.service.models().find("third"), Error);
}

TEST(Service, JudgesEventsAgainstTheAnswerBeforeThem) {
  ServiceOptions options;
  options.judge.cpu = 1;
  Shop shop(options);
  const auto best = items_of(shop.service.recommend(asks("ann")).reply);
  const store::Event hit{
      .user = "ann", .item = best[0], .time = events::Millis{shop.clock}};
  shop.service.ingest(std::span(&hit, 1));
  const store::Event unknown{
      .user = "ann", .item = "new", .time = events::Millis{shop.clock + 1}};
  shop.service.ingest(std::span(&unknown, 1));
  shop.service.judge().flush();
  const auto figures = shop.service.judge().figures("main");
  EXPECT_EQ(figures.events, 2U);
  EXPECT_EQ(figures.hit_10, 0.5);
  EXPECT_EQ(figures.ndcg_10, 0.5);
  EXPECT_EQ(figures.unknown, 0.5);
  EXPECT_NEAR(figures.coverage_10, 10.0 / testing::kItems, 1e-12);
  EXPECT_FALSE(figures.alert);  // two events are not enough to say
  std::vector<store::Event> many;
  for (int i = 0; i < 300; ++i) {
    many.push_back({.user = "u" + std::to_string(i),
                    .item = "new",
                    .time = events::Millis{shop.clock}});
  }
  shop.service.ingest(many);
  shop.service.judge().flush();
  EXPECT_TRUE(shop.service.judge().figures("main").alert);
  EXPECT_NE(
      shop.service.metrics().text().find("ensue_drift_alert{model=\"main\"} 1"),
      std::string::npos);
}

// The machine's clock goes back an hour, then on again: events without a time
// of their own take the place that the clock gave them, and answers are still
// those of the stored events.
TEST(Service, AnswersByTheStoredEventsWhenTheClockJumps) {
  Shop shop;
  const auto model = shop.service.models().find("");
  const auto expect_truth = [&] {
    const auto reply = shop.service.recommend(asks("ann")).reply;
    const auto past = model->translate(shop.service.store().user("ann").events);
    std::vector<float> scores(model->engine().items());
    model->engine().score(model->engine().encode(past.view()), scores);
    EXPECT_EQ(reply.items[0].score, runtime::top_k(scores, 1)[0].score);
  };
  shop.say("ann", 3);
  expect_truth();
  shop.clock -= events::kHourMs;
  shop.say("ann", 9);
  expect_truth();
  EXPECT_EQ(shop.service.store().user("ann").events[0].item, "item9");
  shop.clock += 2 * events::kHourMs;
  shop.say("ann", 5);
  expect_truth();
}

TEST(Service, RefusesModelsThatCannotBeLoadedAndGoesOn) {
  Shop shop;
  const auto before = items_of(shop.service.recommend(asks("ann")).reply);
  EXPECT_THROW(shop.service.load({"main", "/nowhere", 1}), Error);
  EXPECT_EQ(items_of(shop.service.recommend(asks("ann")).reply), before);
}

}  // namespace
}  // namespace ensue::serve
