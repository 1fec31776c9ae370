// SPDX-License-Identifier: Apache-2.0
// The format:
// https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format
#include "ensue/store/internal/wal.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/file.h"

namespace ensue::store {
namespace {

constexpr std::size_t kBlock = 32768, kHeader = 7, kSector = 512;
constexpr std::uint8_t kFull = 1, kFirst = 2, kLast = 4;

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0);
    }
    tables[0][i] = crc;
  }
  for (std::size_t t = 1; t < 8; ++t) {
    for (std::uint32_t i = 0; i < 256; ++i) {
      const std::uint32_t before = tables[t - 1][i];
      tables[t][i] = (before >> 8) ^ tables[0][before & 255];
    }
  }
  return tables;
}
constexpr Tables kTables = make_tables();

template <class Number>
Number load(std::string_view bytes, std::size_t at) {
  Number value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// RocksDB stores checksums rotated, so that a log of a log has no fixed points.
constexpr std::uint32_t masked(std::uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

bool zeros(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char byte) { return byte == 0; });
}

// Bytes of the whole record at `at`, or nothing when there is none.
std::optional<std::size_t> record_at(std::string_view bytes, std::size_t at) {
  const std::size_t block_end =
      std::min(bytes.size(), (at / kBlock + 1) * kBlock);
  if (at + kHeader > block_end) return {};
  const std::size_t length = load<std::uint16_t>(bytes, at + 4);
  const auto type = static_cast<std::uint8_t>(bytes[at + 6]);
  if (type < kFull || type > kLast || at + kHeader + length > block_end) {
    return {};
  }
  const std::uint32_t crc = crc32c(0, bytes.substr(at + 6, 1 + length));
  if (masked(crc) != load<std::uint32_t>(bytes, at)) return {};
  return kHeader + length;
}

// A block's last bytes, too few for a header, are zeros.
std::size_t skip_padding(std::size_t at) {
  const std::size_t left = kBlock - at % kBlock;
  return left < kHeader ? at + left : at;
}

std::optional<std::size_t> whole_behind(std::string_view bytes,
                                        std::size_t at) {
  for (++at; at + kHeader <= bytes.size(); ++at) {
    if (record_at(bytes, at)) return at;
  }
  return {};
}

bool hole_between(std::string_view bytes, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin / kSector * kSector; at < end; at += kSector) {
    // The part of the sector that should hold something.
    const std::size_t from = std::max(at, begin),
                      to = std::min({at + kSector, end, bytes.size()});
    if (to - from >= kHeader && to % kSector == 0 &&
        zeros(bytes.substr(from, to - from))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes) noexcept {
  crc = ~crc;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    const std::uint64_t word = load<std::uint64_t>(bytes, at) ^ crc;
    crc = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      crc ^= kTables[7 - i][(word >> (8 * i)) & 255];
    }
  }
  for (; at < bytes.size(); ++at) {
    crc = (crc >> 8) ^
          kTables[0][(crc ^ static_cast<std::uint8_t>(bytes[at])) & 255];
  }
  return ~crc;
}

WalState inspect_wal(std::string_view bytes) {
  WalState state;
  std::uint64_t last = 0;  // of the record that has begun
  for (std::size_t at = 0; (at = skip_padding(at)) < bytes.size();) {
    if (const auto size = record_at(bytes, at)) {
      // A record begins with its first sequence number and how many it takes.
      const auto type = static_cast<std::uint8_t>(bytes[at + 6]);
      if ((type == kFull || type == kFirst) && *size >= kHeader + 12) {
        last = load<std::uint64_t>(bytes, at + kHeader) +
               load<std::uint32_t>(bytes, at + kHeader + 8) - 1;
      }
      if (type == kFull || type == kLast) {
        state.last_sequence = std::max(state.last_sequence, last);
      }
      at += *size;
      continue;
    }
    state.offset = at;
    const auto next = whole_behind(bytes, at);
    state.kind = next && !hole_between(bytes, at, *next) ? WalState::kDamaged
                                                         : WalState::kTorn;
    break;
  }
  return state;
}

WalSummary check_wals(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> logs;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".log" && entry.file_size() > 0) {
      logs.push_back(entry.path());
    }
  }
  std::ranges::sort(logs);  // numbers of six digits and more
  std::ranges::stable_sort(
      logs, {}, [](const auto& path) { return path.string().size(); });
  WalSummary summary;
  for (const auto& log : logs) {
    const MappedFile file(log);
    const WalState state =
        inspect_wal({reinterpret_cast<const char*>(file.bytes().data()),
                     file.bytes().size()});
    const std::string where =
        log.string() + ": damaged at byte " + std::to_string(state.offset);
    if (state.kind == WalState::kDamaged) {
      throw Error(Code::kCorrupt, where + "; whole records stand behind it");
    }
    summary.last_sequence =
        std::max(summary.last_sequence, state.last_sequence);
    if (state.kind == WalState::kTorn && log != logs.back() &&
        summary.broken.empty()) {
      summary.broken = where + "; later logs follow";
    }
  }
  return summary;
}

}  // namespace ensue::store
