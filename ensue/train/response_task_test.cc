// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/response_task.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/tasks/response_model.h"

namespace ensue::train {
namespace {

// The red mail makes the young come, the blue one nobody. "spend" is what
// came of a visit.
events::Table mails(std::size_t rows) {
  Rng rng(9);
  std::vector<std::string> mail, city;
  std::vector<double> age, visit, spend;
  for (std::size_t i = 0; i < rows; ++i) {
    age.push_back(20 + 60 * rng.uniform());
    city.emplace_back(rng.chance(0.5) ? "york" : "leeds");
    const char* mails[] = {"none", "red", "blue"};
    mail.emplace_back(mails[rng.below(3)]);
    const double effect = mail.back() == "red" && age.back() < 45 ? 0.4 : 0;
    visit.push_back(rng.chance(0.1 + effect) ? 1 : 0);
    spend.push_back(visit.back() == 1 ? 10 * rng.uniform() : 0);
  }
  return {{{"mail", mail},
           {"city", city},
           {"age", age},
           {"visit", visit},
           {"spend", spend},
           {"same", std::vector<double>(rows, 1)}},
          ""};
}

ResponseOptions question() {
  ResponseOptions out;
  out.table = "mails.csv";
  out.target = "visit";
  out.treatment = "mail";
  out.treated = "red";
  out.control = "none";
  out.drop = {"spend", "same"};
  out.learners = {"two-linear", "robust-linear"};
  return out;
}

std::string refusal(const ResponseOptions& asked) {
  try {
    fit_response(mails(600), asked);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ResponseTask, FindsWhomAMailChangesAndSaysWhereNothingDoes) {
  const auto result = fit_response(mails(6000), question());
  ASSERT_EQ(result.arms.size(), 2);
  const JudgedArm &red = result.arms[0], &blue = result.arms[1];
  EXPECT_EQ(red.arm, "red");
  EXPECT_EQ(blue.arm, "blue");
  EXPECT_NEAR(red.effect.mean, 0.4 * 25 / 60, 0.05);
  EXPECT_LT(blue.effect.low, 0);
  EXPECT_NEAR(static_cast<double>(red.judged),
              0.25 * static_cast<double>(red.customers), 4);
  const tasks::ResponseModel model(
      artifact::Artifact::from_bytes(result.draft.bytes(), "test"));
  const std::vector<JsonObject> rows = {{{"age", 25}, {"city", "york"}},
                                        {{"age", 75}, {"city", "york"}}};
  const auto effects = model.effects(model.shape().read(rows, "rows"));
  EXPECT_GT(effects[0], effects[1] + 0.1);
  EXPECT_EQ(model.plan(effects, 1).customers, (std::vector<std::size_t>{0}));
  EXPECT_GT(model.plan(effects, 1).low, 0);
}

TEST(ResponseTask, WhatCameOfTheOutcomeIsNoFeature) {
  ResponseOptions asked = question();
  asked.drop = {};
  EXPECT_EQ(refusal(asked),
            "mails.csv: column 'spend' is other than '0' only where the "
            "outcome came, so it was known after it; --task.drop it, or learn "
            "from it by --task.others");
}

TEST(ResponseTask, WhatCameOfItIsLearntFromAndNeverAskedFor) {
  ResponseOptions asked = question();
  asked.learners = {"scores"};
  const auto alone = fit_response(mails(6000), asked);
  asked.drop = {"same"};
  asked.others = {"spend"};
  const auto result = fit_response(mails(6000), asked);
  const tasks::ResponseModel model(
      artifact::Artifact::from_bytes(result.draft.bytes(), "test"));
  EXPECT_EQ(model.uplift().parts()[0].scores->scores().size(), 6);
  EXPECT_GT(result.arms[0].learners[0].test.mean, 0);
  EXPECT_NE(result.arms[0].learners[0].test.mean,
            alone.arms[0].learners[0].test.mean);
  const std::vector<JsonObject> rows = {{{"age", 25}, {"city", "york"}}};
  EXPECT_GT(model.effects(model.shape().read(rows, "rows"))[0], 0.2);
  asked.others = {"city"};
  EXPECT_EQ(refusal(asked),
            "mails.csv row 1 column 'city': 'york', expected a number, or true "
            "or false");
  asked.target = "spend";
  asked.others = {"visit"};
  EXPECT_EQ(refusal(asked), "");
  asked.drop = {};
  asked.others = {"same"};
  EXPECT_NE(refusal(asked).find("column 'same': all of an arm have the same"),
            std::string::npos);
  asked.others = {"moon"};
  EXPECT_NE(refusal(asked).find("moon"), std::string::npos);
}

TEST(ResponseTask, WhatTellsTheArmsApartIsNoFeature) {
  classic::CampaignRows campaign;
  std::vector<double> opened;
  for (int i = 0; i < 400; ++i) {
    campaign.treated.push_back(i % 2);
    campaign.outcome.push_back(i % 3 == 0 ? 1 : 0);
    opened.push_back(i % 2 == 1 && i % 5 == 0 ? 1 : 0);
  }
  campaign.rows.columns = {{"opened", opened}};
  ASSERT_TRUE(find_consequences(campaign));
  EXPECT_NE(find_consequences(campaign)->find("'opened' tells who"),
            std::string::npos);
  campaign.rows.columns[0].cells = std::vector<double>(400, 1);
  EXPECT_FALSE(find_consequences(campaign));
}

TEST(ResponseTask, BadQuestionsAreRefusedInOneLine) {
  ResponseOptions asked = question();
  asked.treated = "green";
  EXPECT_EQ(refusal(asked),
            "task.treated: 'green', expected a value of column 'mail'; there "
            "are: blue, none, red");
  asked = question();
  asked.control = "red";
  EXPECT_EQ(refusal(asked), "task.control: 'red' is what was treated");
  asked = question();
  asked.target = "city";
  EXPECT_NE(refusal(asked).find("mails.csv row "), std::string::npos);
  asked = question();
  asked.treatment = "letter";
  EXPECT_NE(refusal(asked).find("task.treatment"), std::string::npos);
  asked = question();
  asked.drop = {"colour"};
  EXPECT_NE(refusal(asked).find("task.drop"), std::string::npos);
  asked = question();
  asked.learners = {"oracle"};
  EXPECT_NE(refusal(asked).find("oracle"), std::string::npos);
}

}  // namespace
}  // namespace ensue::train
