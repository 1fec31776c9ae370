// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/coupons.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <map>

#include "ensue/data/features.h"
#include "ensue/features/defaults.h"
#include "ensue/judge/instants.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

// Two campaigns, in March and in May, and a third whose end nobody has seen.
class Coupons : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              ("ensue-coupons-" + std::to_string(getpid()));
    fs::create_directories(folder_);
    write("campaign_descriptions",
          "campaign_id,campaign_type,start_date,end_date\n"
          "1,Type A,2017-03-01,2017-03-31\n"
          "2,Type B,2017-05-01,2017-05-31\n"
          "3,Type A,2017-12-20,2018-01-20\n");
    write("campaigns", "campaign_id,household_id\n1,7\n1,8\n2,7\n2,8\n3,7\n");
    write("products", "product_id,department\n100,GROCERY\n");
    write("transactions_sample",
          "household_id,product_id,sales_value,retail_disc,coupon_disc,"
          "coupon_match_disc,transaction_timestamp\n"
          "7,100,2.5,0.25,0.5,0,2017-01-05 10:00:00\n"
          "8,100,3,0,0,0,2017-01-06 10:00:00\n"
          "8,100,3,0,0,0,2017-12-30 10:00:00\n");
    redeem(kRedemptions);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // 7 answers the first campaign on its first day, and again on the day when
  // the second one begins; 8 answers behind the second one's end.
  static constexpr const char* kRedemptions =
      "7,1,55,2017-03-01\n7,2,55,2017-05-01\n8,2,55,2017-06-01\n";

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / (name + ".csv")) << text;
  }
  void redeem(const std::string& rows) const {
    write("coupon_redemptions",
          "household_id,campaign_id,coupon_upc,redemption_date\n" + rows);
  }
  events::Log log() {
    dataset_ = import_coupons(folder_, folder_ / "dataset");
    return dataset_->log();
  }
  // "household start" -> label.
  std::map<std::string, double> labels(const events::Log& log) const {
    const auto table = coupon_labels(folder_, *dataset_, log);
    std::map<std::string, double> out;
    for (std::size_t i = 0; i < table.size(); ++i) {
      out[std::string(log.user_names().name(index(table.pairs[i].user))) + " " +
          judge::show_instant(table.pairs[i].time)] = table.values[i];
    }
    return out;
  }

  fs::path folder_;
  std::optional<data::Dataset> dataset_;
};

TEST_F(Coupons, ALabelIsACouponRedeemedInTheRun) {
  const auto all = log();
  const std::map<std::string, double> expected = {{"7 2017-03-01", 1},
                                                  {"7 2017-05-01", 1},
                                                  {"8 2017-03-01", 0},
                                                  {"8 2017-05-01", 0}};
  EXPECT_EQ(labels(all), expected);
}

TEST_F(Coupons, EventsArePurchasesRedemptionsAndLetters) {
  const auto all = log();
  const auto seven = all.history(events::UserId{*all.user_names().find("7")});
  std::string actions;
  for (const auto action : seven.actions) {
    actions += std::string(all.action_names().name(index(action))) + " ";
  }
  EXPECT_EQ(actions, "purchase letter a redeem letter b redeem letter a ");
  EXPECT_EQ(seven.values[0], 2.5F);
  EXPECT_EQ(all.context()[0].name, "discount");
  EXPECT_EQ(seven.context.row(0)[0].number(), 0.75F);
}

// Features of every row as of its campaign's start.
events::Table features(const events::Log& log, const data::LabelTable& labels) {
  const std::vector<features::Definition> asked = {
      {.name = "redeemed", .kind = "count", .action = "redeem"},
      {.name = "since", .kind = "recency", .action = "redeem"},
      {.name = "letters", .kind = "count", .action = "letter a"},
      {.name = "events", .kind = "count"}};
  return data::compute_features(log, asked, labels.pairs);
}

TEST_F(Coupons, NoRedemptionOnOrAfterTheStartIsSeen) {
  const auto all = log();
  const auto table = coupon_labels(folder_, *dataset_, all);
  const auto seen = features(all, table);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const bool seven = all.user_names().name(index(table.pairs[i].user)) == "7";
    const bool second = judge::show_instant(table.pairs[i].time) > "2017-04";
    // The coupon of the first day of March is past in May, that of the first
    // day of May is not.
    EXPECT_EQ(seen.find("redeemed")->number(i), seven && second ? 1 : 0) << i;
    EXPECT_EQ(seen.find("letters")->number(i), 1) << i;
  }
  // Without what came on or after the second start nothing is another.
  redeem("7,1,55,2017-03-01\n8,1,55,2017-12-01\n");
  const auto less = log();
  const auto same = features(less, table);
  for (std::size_t c = 0; c < seen.columns.size(); ++c) {
    for (std::size_t i = 0; i < table.size(); ++i) {
      const double a = seen.columns[c].number(i), b = same.columns[c].number(i);
      EXPECT_TRUE(a == b || (std::isnan(a) && std::isnan(b)))
          << seen.columns[c].name << " " << i;
    }
  }
}

}  // namespace
}  // namespace ensue::apps
