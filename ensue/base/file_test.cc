// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>

#include "ensue/base/error.h"

namespace ensue {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("file_test." + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(
        fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

Code code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return Code::kInvalidArgument;
}

// A disk that is full after `bytes`: the kernel answers EFBIG to the write.
void fill_disk_after(rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

TEST_F(FileTest, WhatIsWrittenIsRead) {
  const std::string text("a\0\xFF b\n", 6);
  write_file(folder_ / "x", text);
  EXPECT_EQ(read_file(folder_ / "x"), text);
}

TEST_F(FileTest, AnEmptyFileIsRead) {
  write_file(folder_ / "x", "");
  EXPECT_EQ(read_file(folder_ / "x"), "");
  EXPECT_TRUE(MappedFile(folder_ / "x").bytes().empty());
}

TEST_F(FileTest, WritingReplacesAndLeavesNothingElse) {
  write_file(folder_ / "x", "a longer first text");
  write_file(folder_ / "x", "second");
  EXPECT_EQ(read_file(folder_ / "x"), "second");
  EXPECT_EQ(files(), 1U);
}

TEST_F(FileTest, AFullDiskKeepsTheOldFileAndLeavesNothingHalfWritten) {
  write_file(folder_ / "x", "old");
  EXPECT_EXIT(
      {
        fill_disk_after(4096);
        const Code code = code_of(
            [&] { write_file(folder_ / "x", std::string(100000, 'n')); });
        const bool kept = read_file(folder_ / "x") == "old" && files() == 1;
        std::_Exit(code == Code::kUnavailable && kept ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(FileTest, TheMessageOfAFullDiskNamesTheFile) {
  EXPECT_EXIT(
      {
        fill_disk_after(10);
        try {
          write_file(folder_ / "model", std::string(100, 'n'));
        } catch (const Error& error) {
          fill_disk_after(RLIM_INFINITY);  // stderr may be a file, too
          std::fputs(error.what(), stderr);
        }
        std::_Exit(0);
      },
      testing::ExitedWithCode(0), "model: cannot write: File too large");
}

TEST_F(FileTest, AMissingFolderIsUnavailable) {
  EXPECT_EQ(code_of([&] { write_file(folder_ / "no" / "x", "a"); }),
            Code::kUnavailable);
}

TEST_F(FileTest, AMissingFileIsNotFound) {
  EXPECT_EQ(code_of([&] { read_file(folder_ / "x"); }), Code::kNotFound);
}

TEST_F(FileTest, AFolderIsNoFile) {
  EXPECT_EQ(code_of([&] { read_file(folder_); }), Code::kInvalidArgument);
}

TEST_F(FileTest, AMapOutlivesTheNameOfItsFile) {
  write_file(folder_ / "x", "mapped");
  const MappedFile file(folder_ / "x");
  fs::remove(folder_ / "x");
  EXPECT_EQ(static_cast<char>(file.bytes()[0]), 'm');
  EXPECT_EQ(file.bytes().size(), 6U);
}

TEST_F(FileTest, AMapKeepsTheBytesOfAFileThatIsReplaced) {
  write_file(folder_ / "x", "before");
  const MappedFile file(folder_ / "x");
  write_file(folder_ / "x", "after");
  EXPECT_EQ(static_cast<char>(file.bytes()[0]), 'b');
}

TEST_F(FileTest, PublishingAFolderReplacesTheOldOneWhole) {
  fs::create_directories(folder_ / "new" / "deep");
  write_file(folder_ / "new" / "deep" / "b", "2");
  fs::create_directories(folder_ / "target");
  write_file(folder_ / "target" / "a", "1");
  publish_folder(folder_ / "new", folder_ / "target");
  EXPECT_FALSE(fs::exists(folder_ / "target" / "a"));
  EXPECT_EQ(read_file(folder_ / "target" / "deep" / "b"), "2");
  EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace ensue
