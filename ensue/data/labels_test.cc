// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/labels.h"

#include <gtest/gtest.h>

#include "ensue/data/dataset.h"
#include "ensue/data/internal/test_folder.h"

namespace ensue::data {
namespace {

// Users 007, ann and bob; events from 1 to 10 January 2024.
class Labels : public ::testing::Test {
 protected:
  Labels() {
    std::string csv = "user,item,time,action\n";
    for (int day = 1; day <= 9; ++day) {
      const std::string date = "2024-01-0" + std::to_string(day) + " 10:00:00";
      csv += "007,mug," + date + ",view\n";
      if (day > 2) csv += "ann,pan," + date + ",purchase\n";
    }
    csv += "bob,pan,2024-01-10 10:00:00,view\n";
    request_ = request(folder_, folder_.write("events.csv", csv),
                       "user,item,time,action");
    import_log(request_);
    log_ = Dataset::open(request_.source.dataset).log();
  }

  LabelTable read(const std::string& label, const std::string& kind = "auto") {
    return read_labels(request_.source.dataset, log_, {label, kind});
  }
  std::string file(const std::string& rows) {
    return folder_.write("labels.csv", "user,time,label\n" + rows);
  }
  std::string refusal(const std::string& label,
                      const std::string& kind = "auto") {
    std::string said = error_of([&] { read(label, kind); });
    const auto at = said.find(folder_ / "");
    if (at != std::string::npos) said.erase(at, (folder_ / "").size());
    return said;
  }

  TestFolder folder_;
  ImportRequest request_;
  events::Log log_;
};

TEST_F(Labels, AFileGivesUsersTimesAndLabels) {
  const LabelTable table =
      read(file("007,2024-01-05,yes\nann,2024-01-06 12:00:00,no\n"));
  EXPECT_EQ(table.kind, LabelKind::kBinary);
  EXPECT_EQ(table.values, (std::vector<double>{1, 0}));
  EXPECT_EQ(log_.user_names().name(index(table.pairs[0].user)), "007");
  EXPECT_EQ(count(table.pairs[0].time), 1'704'412'800'000);
}

TEST_F(Labels, KindsAreGuessedFromTheLabels) {
  EXPECT_EQ(read(file("ann,2024-01-05,3\nann,2024-01-06,2.5\n")).kind,
            LabelKind::kNumber);
  const LabelTable classes =
      read(file("ann,2024-01-05,red\nann,2024-01-06,blue\n"));
  EXPECT_EQ(classes.kind, LabelKind::kClass);
  EXPECT_EQ(classes.classes, (std::vector<std::string>{"blue", "red"}));
  EXPECT_EQ(classes.values, (std::vector<double>{1, 0}));
}

TEST_F(Labels, ASelectIsAskedOfTheDataset) {
  const LabelTable table = read(
      "SELECT \"user\", TIMESTAMP '2024-01-05' AS time, "
      "max(action = 'purchase' AND time >= TIMESTAMP '2024-01-05') AS label "
      "FROM events WHERE \"user\" <> 'bob' GROUP BY \"user\" ORDER BY 1");
  EXPECT_EQ(table.kind, LabelKind::kBinary);
  EXPECT_EQ(table.values, (std::vector<double>{0, 1}));
}

TEST_F(Labels, WhatIsWrongIsSaidInOneLineWithItsRow) {
  const std::string good = "007,2024-01-05,1\n";
  EXPECT_EQ(refusal(file(good + "eve,2024-01-05,0\n")),
            "invalid labels.csv row 2: user 'eve' is not in the log");
  EXPECT_EQ(refusal(file(good + "ann,2025-01-05,0\n")),
            "invalid labels.csv row 2: time 2025-01-05 00:00:00 is outside of "
            "the log, 2024-01-01 10:00:00 to 2024-01-10 10:00:00");
  EXPECT_EQ(refusal(file(good + "bob,2024-01-05,0\n")),
            "invalid labels.csv row 2: user 'bob' has no event before "
            "2024-01-05 00:00:00, so nothing to predict from");
  EXPECT_EQ(refusal(file(good + "ann,soon,0\n")),
            "invalid labels.csv row 2: time 'soon', expected a time");
  EXPECT_EQ(refusal(file(good + "007,2024-01-05,0\n")),
            "invalid labels.csv row 2: user '007' at 2024-01-05 00:00:00 "
            "stands in row 1 already");
  EXPECT_EQ(refusal(file(good + "ann,2024-01-05,1\n")),
            "invalid labels.csv: all 2 labels are 1, so there is nothing to "
            "learn");
  EXPECT_EQ(refusal(file(good + "ann,2024-01-05,-1\n"), "count"),
            "invalid labels.csv row 2: label '-1', expected a whole number "
            "from 0 on");
  EXPECT_EQ(refusal(folder_.write("labels.csv", "user,when,label\na,b,c\n")),
            "invalid labels.csv: no column 'time'; there are: user, when, "
            "label");
  EXPECT_EQ(refusal(folder_ / "none.csv"), "not-found none.csv: no such file");
}

TEST_F(Labels, AClassThatTrainingNeverSawIsRefused) {
  const LabelTable all = read(
      file("ann,2024-01-05,red\nann,2024-01-06,blue\nann,2024-01-07,green\n"));
  const std::vector<std::size_t> first = {0, 1}, last = {2}, same = {0};
  EXPECT_NE(error_of([&] {
              check_seen(all.rows(first), all.rows(last));
            }).find("class 'green' is never seen in training"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              check_seen(all.rows(same), all.rows(same));
            }).find("all 1 training labels are 'red'"),
            std::string::npos);
  check_seen(all.rows(first), all.rows(same));
}

TEST_F(Labels, PairsNeedNoLabelAndMayRepeat) {
  const std::string path =
      folder_.write("pairs.csv", "user,time\nann,2024-01-05\nann,2024-01-05\n");
  EXPECT_EQ(read_pairs(log_, path).size(), 2U);
}

}  // namespace
}  // namespace ensue::data
