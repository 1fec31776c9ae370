// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/internal/wal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "ensue/base/file.h"
#include "ensue/base/rng.h"
#include "ensue/store/rocks_store.h"
#include "ensue/store/testing.h"

namespace ensue::store {
namespace {

// A log of several blocks, as RocksDB wrote it.
std::string some_log() {
  TestFolder folder;
  const auto store = open_rocks(folder.path(), {.cache_bytes = 8 << 20});
  for (int i = 0; i < 200; ++i) {
    std::vector<Event> events(static_cast<std::size_t>(1 + i % 30),
                              full("u" + std::to_string(i), "item", i));
    for (Event& event : events) event.event_id = "";
    store->append(events, events::Millis{0});
  }
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    if (entry.path().extension() != ".log") continue;
    const std::string log = read_file(entry.path());
    if (log.size() > bytes.size()) bytes = log;
  }
  return bytes;
}

// https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4 and the usual check.
TEST(Wal, Crc32cGivesTheKnownValues) {
  EXPECT_EQ(crc32c(0, "123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(0, std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(0, std::string(32, '\xFF')), 0x62A8AB43U);
}

TEST(Wal, AWholeLogIsWhole) {
  const std::string log = some_log();
  ASSERT_GT(log.size(), 3U * 32768);
  EXPECT_EQ(inspect_wal(log).kind, WalState::kWhole);
  EXPECT_EQ(inspect_wal("").kind, WalState::kWhole);
}

TEST(Wal, ALogCutAnywhereIsTornOrWholeNeverDamaged) {
  const std::string log = some_log();
  Rng rng(1);
  for (int i = 0; i < 300; ++i) {
    const WalState state =
        inspect_wal(std::string_view(log).substr(0, rng.below(log.size())));
    EXPECT_NE(state.kind, WalState::kDamaged);
  }
}

TEST(Wal, AMissingPageIsTorn) {
  std::string log = some_log();
  std::fill_n(log.begin() + 40960, 4096, '\0');
  const WalState state = inspect_wal(log);
  EXPECT_EQ(state.kind, WalState::kTorn);
  EXPECT_LE(state.offset, 40960U);
}

TEST(Wal, AnyFlippedBitBeforeTheLastRecordIsDamage) {
  std::string log = some_log();
  Rng rng(2);
  for (int i = 0; i < 200; ++i) {
    const std::size_t at = rng.below(log.size() - 8192);
    const char before = log[at];
    log[at] = static_cast<char>(before ^ (1 << rng.below(8)));
    // The padding at the end of a block is not looked at by anyone.
    if (at % 32768 < 32768 - 7) {
      EXPECT_EQ(inspect_wal(log).kind, WalState::kDamaged) << "byte " << at;
    }
    log[at] = before;
  }
}

}  // namespace
}  // namespace ensue::store
