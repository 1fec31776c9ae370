// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/moment_task.h"

#include <gtest/gtest.h>

#include "ensue/events/log.h"

namespace ensue::tasks {
namespace {

using events::Millis;

constexpr std::int64_t kMinute = 60'000;

struct Asked {
  std::int64_t minute;
  double label;
  bool operator==(const Asked&) const = default;
};

// Views and purchases of one user at these minutes; "b" buys.
struct Event {
  std::int64_t minute;
  const char* action;
};

class Moments : public ::testing::Test {
 protected:
  void add(const std::vector<Event>& events, float value = 1) {
    events::LogBuilder builder;
    builder.add("other", "mug", Millis{0}, "view");
    builder.add("other", "mug", Millis{0}, "buy");
    builder.add("other", "mug", Millis{0}, "review", 1);
    for (const Event& event : events) {
      builder.add("ann", "mug", Millis{event.minute * kMinute}, event.action,
                  value++);
    }
    log_ = builder.build();
  }
  events::History history() const {
    return log_.history(events::UserId{*log_.user_names().find("ann")});
  }
  features::ActionRef aim(const char* name) const {
    return {features::ActionRef::Is::kOne,
            events::ActionId(*log_.action_names().find(name))};
  }
  std::vector<Asked> intents(std::int64_t end_minute = 10'000) const {
    std::vector<Asked> out;
    for (const Moment& m : moment_tasks().find("intent").moments(
             history(), aim("buy"), Millis{end_minute * kMinute})) {
      EXPECT_EQ(count(m.at) % kMinute, 1);  // a millisecond behind the event
      out.push_back({count(m.at) / kMinute, m.label});
    }
    return out;
  }
  events::Log log_;
};

TEST_F(Moments, EveryEventOfASessionAsksUntilItHasAPurchase) {
  add({{0, "view"},
       {10, "view"},
       {20, "buy"},
       {25, "view"},  // bought
       {100, "view"},
       {130, "view"}});  // not
  EXPECT_EQ(intents(),
            (std::vector<Asked>{{0, 1}, {10, 1}, {100, 0}, {130, 0}}));
}

TEST_F(Moments, TheAnswerIsKnownWhenTheSessionIsOver) {
  add({{0, "view"}, {10, "view"}});
  const auto moments = moment_tasks().find("intent").moments(
      history(), aim("buy"), Millis{1000 * kMinute});
  ASSERT_EQ(moments.size(), 2);
  EXPECT_EQ(count(moments[0].known), 40 * kMinute);
  EXPECT_EQ(count(moments[1].known), 40 * kMinute);
}

TEST_F(Moments, ASessionThatMayGoOnIsNotAsked) {
  add({{0, "view"}, {100, "view"}});
  EXPECT_EQ(intents(120), (std::vector<Asked>{{0, 0}}));
  EXPECT_EQ(intents(131), (std::vector<Asked>{{0, 0}, {100, 0}}));
}

TEST_F(Moments, EventsOfOneInstantAreSeenTogether) {
  add({{0, "view"}, {0, "view"}, {5, "view"}, {5, "buy"}});
  EXPECT_EQ(intents(), (std::vector<Asked>{{0, 1}}));
}

TEST_F(Moments, WhoHasNoOpenSessionOrBoughtInItIsNotAsked) {
  add({{0, "view"}, {100, "view"}, {110, "buy"}, {200, "view"}});
  const auto reason = [&](std::int64_t minute) {
    return moment_tasks().find("intent").not_asked(history(), aim("buy"),
                                                   Millis{minute * kMinute});
  };
  EXPECT_EQ(reason(0), "no session is open");
  EXPECT_EQ(reason(5), "");
  EXPECT_EQ(reason(50), "no session is open");
  EXPECT_EQ(reason(105), "");
  EXPECT_EQ(reason(120), "the open session has a purchase already");
  EXPECT_EQ(reason(201), "");  // another session
}

TEST_F(Moments, EveryReviewAsksWhatItSays) {
  add({{0, "review"}, {5, "view"}, {9, "review"}, {9, "review"}}, 3);
  const auto moments =
      moment_tasks()
          .find("satisfaction")
          .moments(history(), aim("review"), Millis{1000 * kMinute});
  ASSERT_EQ(moments.size(), 1);  // nothing before the first
  EXPECT_EQ(count(moments[0].at), 9 * kMinute);
  EXPECT_EQ(moments[0].label, 5);
}

TEST(MomentTasks, AreFoundByName) {
  EXPECT_EQ(find_moment_task("intent")->name, "intent");
  EXPECT_EQ(find_moment_task("retention"), nullptr);
}

}  // namespace
}  // namespace ensue::tasks
