// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/tensorboard.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "ensue/base/file.h"

namespace ensue::train {
namespace {

TEST(Crc32c, EqualsThePublishedCheckValues) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);            // RFC 3720
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
}

// A reader of the two formats that shares nothing with the writer.
struct Field {
  int number = 0;
  std::uint64_t integer = 0;
  std::string bytes;
};

std::uint64_t fixed(const std::string& in, std::size_t at, std::size_t size) {
  std::uint64_t out = 0;
  std::memcpy(&out, in.data() + at, size);
  return out;
}

std::vector<Field> decode(const std::string& in) {
  std::vector<Field> out;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(in.at(at++));
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < in.size()) {
    const std::uint64_t key = varint();
    Field field{static_cast<int>(key >> 3), 0, {}};
    switch (key & 7) {
      case 0:
        field.integer = varint();
        break;
      case 1:
        field.integer = fixed(in, at, 8);
        at += 8;
        break;
      case 5:
        field.integer = fixed(in, at, 4);
        at += 4;
        break;
      default: {
        const std::uint64_t size = varint();
        field.bytes = in.substr(at, size);
        at += size;
      }
    }
    out.push_back(field);
  }
  return out;
}

std::vector<std::string> records(const std::string& file) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < file.size();) {
    const std::uint64_t size = fixed(file, at, 8);
    EXPECT_EQ(fixed(file, at + 8, 4), masked_crc32c(file.substr(at, 8)));
    const std::string bytes = file.substr(at + 12, size);
    EXPECT_EQ(fixed(file, at + 12 + size, 4), masked_crc32c(bytes));
    out.push_back(bytes);
    at += 16 + size;
  }
  return out;
}

TEST(TensorBoard, TheFileDecodesToWhatWasWritten) {
  const auto folder =
      std::filesystem::path(testing::TempDir()) / "ensue_tensorboard_test";
  std::filesystem::remove_all(folder);
  TensorBoard board(folder, 1700000000.5);
  board.scalar("loss", 1.25, /*step=*/300, /*seconds=*/1700000001);

  const auto all = records(read_file(board.path()));
  ASSERT_EQ(all.size(), 2U);
  const auto version = decode(all[0]);
  ASSERT_EQ(version.size(), 2U);
  EXPECT_EQ(version[1].number, 3);
  EXPECT_EQ(version[1].bytes, "brain.Event:2");

  const auto event = decode(all[1]);
  ASSERT_EQ(event.size(), 3U);
  double seconds = 0;
  std::memcpy(&seconds, &event[0].integer, sizeof seconds);
  EXPECT_EQ(seconds, 1700000001);
  EXPECT_EQ(event[1].integer, 300U);
  EXPECT_EQ(event[2].number, 5);
  const auto value = decode(decode(event[2].bytes).at(0).bytes);
  EXPECT_EQ(value.at(0).bytes, "loss");
  float number = 0;
  std::memcpy(&number, &value.at(1).integer, sizeof number);
  EXPECT_EQ(number, 1.25F);
}

TEST(TensorBoard, ASecondRunInTheSameSecondGetsItsOwnFile) {
  const auto folder =
      std::filesystem::path(testing::TempDir()) / "ensue_tensorboard_twice";
  std::filesystem::remove_all(folder);
  const TensorBoard first(folder, 5), second(folder, 5);
  EXPECT_NE(first.path(), second.path());
}

}  // namespace
}  // namespace ensue::train
