// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/update_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "ensue/base/error.h"
#include "ensue/base/file.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

class UpdateFolderTest : public testing::Test {
 protected:
  ~UpdateFolderTest() override { fs::remove_all(path_); }
  fs::path path_ = fs::path(testing::TempDir()) /
                   ("ensue_updates_" + std::to_string(::getpid()));
};

TEST_F(UpdateFolderTest, BeginsWithNothing) {
  const UpdateFolder folder(path_);
  EXPECT_EQ(folder.cursor(), 0U);
  EXPECT_EQ(folder.state().learnt, 0U);
  EXPECT_EQ(folder.state().model, "");
  EXPECT_FALSE(folder.state().posted);
}

TEST_F(UpdateFolderTest, PullsComeInOrderAndPartsAreNone) {
  UpdateFolder folder(path_);
  for (const std::uint64_t cursor : {9U, 10U, 100U}) {
    write_file(folder / "arrived.jsonl", std::to_string(cursor));
    folder.keep_pull(folder / "arrived.jsonl", cursor);
  }
  write_file(folder / "events-200.jsonl.part", "x");
  write_file(folder / "events-x.jsonl", "x");
  const auto pulls = folder.pulls();
  ASSERT_EQ(pulls.size(), 3U);
  EXPECT_EQ(pulls[0].cursor, 9U);
  EXPECT_EQ(read_file(pulls[2].file), "100");
  EXPECT_EQ(folder.cursor(), 100U);
  EXPECT_FALSE(fs::exists(folder / "arrived.jsonl"));
}

TEST_F(UpdateFolderTest, RemembersWhatWasLearntAndKeepsTwoModels) {
  {
    UpdateFolder folder(path_);
    for (const std::uint64_t cursor : {1UL, 2UL, 18446744073709551615UL}) {
      write_file(folder / "candidate", std::to_string(cursor));
      folder.keep_model(folder / "candidate", cursor);
    }
  }
  const UpdateFolder folder(path_);
  UpdateFolder::State state = folder.state();
  EXPECT_EQ(state.learnt, 18446744073709551615UL);
  EXPECT_EQ(read_file(folder / state.model), "18446744073709551615");
  EXPECT_FALSE(state.posted);
  state.posted = true;
  folder.write(state);
  EXPECT_TRUE(folder.state().posted);
  EXPECT_FALSE(fs::exists(folder / "model-00000000000000000001.safetensors"));
  EXPECT_TRUE(fs::exists(folder / "model-00000000000000000002.safetensors"));
}

TEST_F(UpdateFolderTest, OneUpdateAtATime) {
  const UpdateFolder folder(path_);
  EXPECT_THROW(UpdateFolder{path_}, Error);
}

TEST_F(UpdateFolderTest, ABrokenStateIsNamed) {
  const UpdateFolder folder(path_);
  for (const char* broken : {"", "[]", "{\"learnt\": \"x\"}", "{\"a\": 1}"}) {
    write_file(folder / "state.json", broken);
    try {
      folder.state();
      ADD_FAILURE() << broken;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kCorrupt);
      EXPECT_NE(std::string(error.what()).find("state.json"),
                std::string::npos);
    }
  }
}

}  // namespace
}  // namespace ensue::apps
