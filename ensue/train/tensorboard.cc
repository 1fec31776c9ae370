// SPDX-License-Identifier: Apache-2.0
// Field numbers are those of tensorflow/core/util/event.proto and
// tensorflow/core/framework/summary.proto.
#include "ensue/train/tensorboard.h"

#include <array>
#include <bit>
#include <fstream>

#include "ensue/base/error.h"

namespace ensue::train {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // Castagnoli, reflected

constexpr std::array<std::uint32_t, 256> kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    }
    table[i] = crc;
  }
  return table;
}();

template <class T>
std::string little_endian(T value) {
  std::string out;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    out += static_cast<char>((value >> (8 * i)) & 0xFF);
  }
  return out;
}

enum class Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) {
    out += static_cast<char>((value & 0x7F) | 0x80);
  }
  return out + static_cast<char>(value);
}

std::string key(int field, Wire wire) {
  return varint(static_cast<std::uint64_t>(field) << 3 |
                static_cast<std::uint64_t>(wire));
}

std::string bytes_field(int field, std::string_view bytes) {
  return key(field, Wire::kBytes) + varint(bytes.size()) + std::string(bytes);
}

std::string wall_time(double seconds) {
  return key(1, Wire::kFixed64) +
         little_endian(std::bit_cast<std::uint64_t>(seconds));
}

std::filesystem::path free_name(const std::filesystem::path& folder,
                                double seconds) {
  const std::string stem = "events.out.tfevents." +
                           std::to_string(static_cast<std::int64_t>(seconds)) +
                           ".ensue";
  std::filesystem::path path = folder / stem;
  for (int i = 1; std::filesystem::exists(path); ++i) {
    path = folder / (stem + "." + std::to_string(i));
  }
  return path;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) noexcept {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFF];
  }
  return ~crc;
}

std::uint32_t masked_crc32c(std::string_view bytes) noexcept {
  return std::rotr(crc32c(bytes), 15) + 0xA282EAD8U;
}

TensorBoard::TensorBoard(const std::filesystem::path& folder, double seconds) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  path_ = free_name(folder, seconds);
  append(wall_time(seconds) + bytes_field(3, "brain.Event:2"));
}

void TensorBoard::scalar(std::string_view tag, double value, std::int64_t step,
                         double seconds) {
  const std::string entry =
      bytes_field(1, tag) + key(2, Wire::kFixed32) +
      little_endian(std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  append(wall_time(seconds) + key(2, Wire::kVarint) +
         varint(static_cast<std::uint64_t>(step)) +
         bytes_field(5, bytes_field(1, entry)));
}

void TensorBoard::append(const std::string& event) {
  std::ofstream out(path_, std::ios::binary | std::ios::app);
  const std::string length =
      little_endian(static_cast<std::uint64_t>(event.size()));
  out << length << little_endian(masked_crc32c(length)) << event
      << little_endian(masked_crc32c(event)) << std::flush;
  if (!out) {
    throw Error(Code::kUnavailable,
                path_.string() + ": the event could not be written");
  }
}

}  // namespace ensue::train
