// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/run_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "apps/settings/settings.h"
#include "ensue/base/error.h"
#include "ensue/base/file.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

class RunFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::path(testing::TempDir()) / ("runs." + std::to_string(::getpid()));
    settings_.folder = folder_.string();
  }
  void TearDown() override { fs::remove_all(folder_); }

  RunFolder started(const std::string& name) {
    RunSettings settings = settings_;
    settings.name = name;
    RunFolder run = RunFolder::create(settings, "gru");
    write_file(run / "config.toml", "");
    write_file(run / "checkpoint", "");
    return run;
  }

  fs::path folder_;
  RunSettings settings_;
};

TEST_F(RunFolderTest, ARunWithoutANameIsNumbered) {
  EXPECT_EQ(RunFolder::create(settings_, "gru").name(), "gru-1");
  EXPECT_EQ(RunFolder::create(settings_, "gru").name(), "gru-2");
  EXPECT_EQ(RunFolder::create(settings_, "markov").name(), "markov-1");
}

TEST_F(RunFolderTest, ANamedRunIsNeverOverwritten) {
  started("mine");
  settings_.name = "mine";
  EXPECT_THROW(RunFolder::create(settings_, "gru"), Error);
}

TEST_F(RunFolderTest, AModelIsNamedByItsFileOrByItsRun) {
  const RunFolder run = started("mine");
  EXPECT_EQ(model_file(run.path()), run / "model.safetensors");
  EXPECT_EQ(model_file(run / "other.safetensors"), run / "other.safetensors");
  EXPECT_EQ(model_file("nowhere"), "nowhere");
  const fs::path before = fs::current_path();
  fs::current_path(run.path().parent_path().parent_path());
  fs::create_directories("runs/named");
  std::ofstream("runs/named/model.safetensors") << "a model";
  EXPECT_EQ(model_file("named"), "runs/named/model.safetensors");
  fs::current_path(before);
}

TEST_F(RunFolderTest, ANameIsNoPath) {
  for (const char* name : {"../x", "a/b", "..", "latest"}) {
    settings_.name = name;
    EXPECT_THROW(RunFolder::create(settings_, "gru"), Error) << name;
  }
}

TEST_F(RunFolderTest, ResumingFindsTheYoungestUnfinishedRun) {
  const RunFolder old = started("old"), young = started("young"),
                  done = started("done");
  write_file(done / "metrics.json", "{}");
  fs::last_write_time(
      old / "checkpoint",
      fs::last_write_time(young / "checkpoint") - std::chrono::seconds(5));
  EXPECT_EQ(RunFolder::resume(settings_).name(), "young");
}

TEST_F(RunFolderTest, ResumingNothingSaysSo) {
  try {
    RunFolder::resume(settings_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kNotFound);
  }
}

TEST_F(RunFolderTest, LatestFollowsTheLastRun) {
  started("a").make_latest();
  started("b").make_latest();
  EXPECT_EQ(fs::read_symlink(folder_ / "latest"), "b");
}

TEST_F(RunFolderTest, ARefusedRunLeavesNoFolderABegunOneStays) {
  const RunFolder refused = RunFolder::create(settings_, "gru");
  write_file(refused / "config.toml", "");
  refused.remove_unbegun();
  EXPECT_FALSE(fs::exists(refused.path()));
  const RunFolder begun = started("begun");
  begun.remove_unbegun();
  EXPECT_TRUE(fs::exists(begun / "checkpoint"));
  EXPECT_TRUE(fs::exists(begun / "config.toml"));
}

TEST_F(RunFolderTest, SettingsReadBackAsTheyWere) {
  const JsonObject sections = {
      {"train", {{"epochs", 3}, {"rate", 1e-3}, {"name", "a \"b\"\n红茶"}}},
      {"judge", {{"ks", {1, 10}}, {"on", true}, {"big", 2.5e10}}}};
  fs::create_directories(folder_);
  write_file(folder_ / "x.toml", to_toml(sections));
  EXPECT_EQ(to_text(read_toml(folder_ / "x.toml")).size(),
            to_text(sections).size());
  const JsonObject again = read_toml(folder_ / "x.toml");
  EXPECT_EQ(again.at("train").at("name"), sections.at("train").at("name"));
  EXPECT_EQ(again.at("train").at("rate"), sections.at("train").at("rate"));
  EXPECT_EQ(again.at("judge").at("ks"), sections.at("judge").at("ks"));
}

TEST(Curves, AreOneRowPerEvaluationWithTheEpochFirst) {
  EXPECT_EQ(to_csv({{{"epoch", 1}, {"loss", 6.5}},
                    {{"epoch", 2}, {"loss", 6.25}, {"auc", 0.5}}}),
            "epoch,auc,loss\n1,,6.5\n2,0.5,6.25\n");
}

}  // namespace
}  // namespace ensue::apps
