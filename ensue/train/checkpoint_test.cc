// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/checkpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "ensue/base/error.h"
#include "ensue/base/file.h"

namespace ensue::train {
namespace {

class CheckpointFile : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove(path_); }
  std::filesystem::path path_ =
      std::filesystem::path(testing::TempDir()) /
      ("ensue_checkpoint_test" + std::to_string(::getpid()));

  static Checkpoint example() {
    Checkpoint out;
    out.identity = 42;
    out.epoch = 3;
    out.loss_sum = 0.1;
    out.finished = true;
    out.curve = {{{"loss", 1.5}, {"epoch", 1}}};
    out.parameters = {{1, 2}, {}};
    out.best = {{3}};
    return out;
  }
};

TEST_F(CheckpointFile, ComesBackAsItWas) {
  example().write(path_);
  const auto read = Checkpoint::read(path_);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->identity, 42U);
  EXPECT_EQ(read->epoch, 3U);
  EXPECT_EQ(read->loss_sum, 0.1);
  EXPECT_TRUE(read->finished);
  EXPECT_EQ(read->curve, example().curve);
  EXPECT_EQ(read->parameters, example().parameters);
  EXPECT_EQ(read->best, example().best);
}

TEST_F(CheckpointFile, NoFileIsNoCheckpoint) {
  EXPECT_FALSE(Checkpoint::read(path_));
}

TEST_F(CheckpointFile, EveryTruncationAndEveryFlippedByteIsRefused) {
  example().write(path_);
  const std::string whole = read_file(path_);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    write_file(path_, whole.substr(0, i));
    EXPECT_THROW(Checkpoint::read(path_), Error) << "cut at " << i;
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x20);
    write_file(path_, flipped);
    EXPECT_THROW(Checkpoint::read(path_), Error) << "byte " << i;
  }
}

}  // namespace
}  // namespace ensue::train
