// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/anomaly.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/tasks/customer_events.h"

namespace ensue::tasks {
namespace {

using events::Millis;

// Views of "mug" are usual (p .9), of "cup" not (.1); nobody buys (.01) but who
// bought buys again; any gap is as likely as another. A gap of a second inside
// sessions is far too short, all else is usual.
runtime::Anomaly model() {
  artifact::Description about;
  about.model.name = "anomaly";
  const std::vector<std::string> actions = {"view", "purchase"},
                                 items = {"mug", "cup"};
  about.actions =
      events::Vocabulary::from_names(std::span<const std::string>(actions));
  about.items =
      events::Vocabulary::from_names(std::span<const std::string>(items));
  const runtime::Behaviour behaviour(about.actions, /*clock=*/true);
  const auto columns = runtime::anomaly_columns(behaviour);
  artifact::Draft out(std::move(about));
  const auto add = [&](const char* name, const std::vector<double>& values) {
    out.add<double>(name, {static_cast<std::int64_t>(values.size())}, values);
  };
  const double often = std::log(0.99), seldom = std::log(0.01);
  add("action_rates", {often, seldom, seldom, often, often, seldom});
  add("gap_rates", std::vector<double>(2 * runtime::kGapBins,
                                       -std::log(double{runtime::kGapBins})));
  add("item_rates", {std::log(0.9), std::log(0.1)});
  add("class_from", {0});
  std::vector<double> quantiles;
  for (const std::string& column : columns) {
    if (column == "gap_seconds") {
      quantiles.insert(quantiles.end(), {14, 21, 33});
    } else {
      quantiles.insert(quantiles.end(), {-1e9, 0, 1e9});
    }
  }
  add("column_quantiles", quantiles);
  add("tail", {0, 0.1, 0.2, 100});
  return runtime::Anomaly(
      artifact::Artifact::from_bytes(out.bytes(), "anomaly"));
}

CustomerEvents quick_looks(const runtime::Anomaly& asked) {
  CustomerEvents out(asked.artifact().description());
  out.add("mug", "view", Millis{0}, 1);
  out.add("cup", "view", Millis{1000}, 1);
  out.add("mug", "purchase", Millis{2000}, 1);
  out.add("vase", "view", Millis{3000}, 1);  // unknown, and after the instant
  return out;
}

TEST(JudgeCustomer, PutsTheMostSurprisingEventsFirst) {
  const auto asked = model();
  const auto past = quick_looks(asked);
  const auto judged = judge_customer(asked, past.view(), Millis{3000}, 2);
  ASSERT_EQ(judged.events.size(), 2U);
  const double gap = std::log(double{runtime::kGapBins});
  EXPECT_EQ(judged.events[0].event, 2U);  // nobody buys after a view
  EXPECT_NEAR(judged.events[0].surprise, gap - std::log(0.01) - std::log(0.9),
              1e-12);
  EXPECT_EQ(judged.events[1].event, 1U);  // the cup
  EXPECT_NEAR(judged.events[1].surprise, gap - std::log(0.99) - std::log(0.1),
              1e-12);
}

TEST(JudgeCustomer, SaysWhatSticksOut) {
  const auto asked = model();
  const auto past = quick_looks(asked);
  const auto judged = judge_customer(asked, past.view(), Millis{3000}, 1);
  EXPECT_EQ(reasons_text(asked, judged.answer),
            "gap_seconds 1 is low (usually 21, most 14 to 33)");
  EXPECT_EQ(judged.answer.score, 0.75);  // three of four are less odd
}

TEST(JudgeCustomer, LooksAtNothingAtOrAfterTheInstant) {
  const auto asked = model();
  const auto all = quick_looks(asked);
  const auto cut = judge_customer(asked, all.view(), Millis{2000}, 9);
  const auto alone =
      judge_customer(asked, all.view().first(2), Millis{2000}, 9);
  EXPECT_EQ(cut.events.size(), 2U);
  EXPECT_EQ(to_text(to_json(asked, cut, all.view())),
            to_text(to_json(asked, alone, all.view())));
}

TEST(AnomalyJson, NamesReasonsAndEvents) {
  const auto asked = model();
  const auto past = quick_looks(asked);
  const JsonObject said = to_json(
      asked, judge_customer(asked, past.view(), Millis{3000}, 1), past.view());
  const JsonObject& event = said.at("surprises").as_array()[0].as_object();
  EXPECT_EQ(event.at("action"), Json("purchase"));
  EXPECT_EQ(event.at("item"), Json("mug"));
  const JsonArray& reasons = said.at("reasons").as_array();
  ASSERT_EQ(reasons.size(), 1U);
  EXPECT_EQ(reasons[0].as_object().at("what"), Json("gap_seconds"));
}

}  // namespace
}  // namespace ensue::tasks
