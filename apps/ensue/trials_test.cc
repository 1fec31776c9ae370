// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/trials.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "ensue/base/error.h"
#include "ensue/base/file.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

class Trials : public testing::Test {
 protected:
  Trials() {
    search_.space = train::parse_space(
        JsonArray{"train.learning_rate=1e-4..1e-2:log", "model.width=16|32"});
    search_.options.trials = 12;
    path_ = fs::path(testing::TempDir()) /
            ("trials." + std::to_string(::getpid()) + ".jsonl");
  }
  ~Trials() override { fs::remove(path_); }

  // Trains `count` more trials; trial 2 fails, later ones are better.
  void train(TrialFile& file, int count) const {
    for (int i = 0; i < count; ++i) {
      TrialLine line;
      line.plan = *file.next();
      line.best_epoch = 3;
      if (line.plan.trial == 2) {
        line.failure = "model.heads: 3, expected a divisor of 16";
      } else {
        line.metric = 0.01 * line.plan.trial + line.plan.place[0] / 1000;
      }
      file.add(line);
    }
  }

  Search search_;
  fs::path path_;
};

TEST_F(Trials, GoOnFromTheFileAsIfNothingHadHappened) {
  TrialFile whole(path_, search_);
  train(whole, 12);
  const std::string straight = read_file(path_);
  fs::remove(path_);
  for (const int part : {4, 7, 1}) {
    TrialFile again(path_, search_);
    train(again, part);
  }
  EXPECT_EQ(read_file(path_), straight);
  EXPECT_FALSE(TrialFile(path_, search_).next());
}

TEST_F(Trials, OfAnotherSearchAreRefused) {
  TrialFile file(path_, search_);
  train(file, 3);
  Search other = search_;
  other.options.seed = 2;
  EXPECT_THROW(TrialFile(path_, other), Error);
  other = search_;
  other.metric = "hit@10";
  EXPECT_THROW(TrialFile(path_, other), Error);
  write_file(path_, "{}\n");
  EXPECT_THROW(TrialFile(path_, search_), Error);
}

TEST_F(Trials, MoreOfThemContinueTheSameSearch) {
  TrialFile file(path_, search_);
  train(file, 12);
  search_.options.trials = 14;
  TrialFile longer(path_, search_);
  EXPECT_EQ(longer.next()->trial, 12);
}

TEST_F(Trials, StandBestFirstAndFailedOnesLastWithTheirReason) {
  TrialFile file(path_, search_);
  train(file, 6);
  const TrialTable table = trial_table(search_, file);
  ASSERT_EQ(table.rows.size(), 6U);
  EXPECT_EQ(table.rows.front()[0], "6");
  EXPECT_EQ(table.rows.back()[0], "3");
  EXPECT_EQ(table.rows.back().back(),
            "failed: model.heads: 3, expected a divisor of 16");
  EXPECT_EQ(file.best()->plan.trial, 5);
  search_.higher_is_better = false;
  EXPECT_EQ(file.best()->plan.trial, 0);
}

TEST_F(Trials, OfHalvingCountByTheirLongestTraining) {
  search_.options.method = "halving";
  search_.options.trials = 9;
  search_.epochs = 9;
  TrialFile file(path_, search_);
  while (const auto plan = file.next()) {
    TrialLine line;
    line.plan = *plan;
    line.metric = plan->epochs == 1 ? 0.5 + 0.01 * plan->trial : 0.1;
    file.add(line);
  }
  EXPECT_EQ(file.lines().size(), 13U);
  EXPECT_EQ(file.best()->plan.epochs, 9);
  const TrialTable table = trial_table(search_, file);
  EXPECT_EQ(table.rows.size(), 9U);
  EXPECT_EQ(table.rows.front()[table.header.size() - 3], "9");
}

TEST_F(Trials, ThePageHasAChartPerKeyAndLoadsNothing) {
  TrialFile file(path_, search_);
  train(file, 6);
  const std::string page = trial_page("tune-1", search_, file, "by time");
  for (const char* word : {"http:", "https:", "src=", "href=", "<script"}) {
    EXPECT_EQ(page.find(word), std::string::npos) << word;
  }
  EXPECT_NE(page.find("train.learning_rate, log scale"), std::string::npos);
  EXPECT_NE(page.find("model.width"), std::string::npos);
  EXPECT_NE(trial_plots(search_, file).find("●"), std::string::npos);
}

}  // namespace
}  // namespace ensue::apps
