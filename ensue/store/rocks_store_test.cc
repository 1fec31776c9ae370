// SPDX-License-Identifier: Apache-2.0
// Files that are damaged, disks that are full, users that leave no trace.
#include "ensue/store/rocks_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/store/internal/seams.h"
#include "ensue/store/testing.h"
#include "ensue/store/testing_file_system.h"

namespace ensue::store {
namespace {

namespace fs = std::filesystem;
using events::Millis;
constexpr Millis kNow{1'700'000'000'000};

std::string name_of(int i) { return "user" + std::to_string(i); }

// Files of a folder that hold these bytes.
std::string files_with(const fs::path& folder, const std::string& bytes) {
  std::string out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    if (read_file(entry.path()).find(bytes) != std::string::npos) {
      out += entry.path().filename().string() + " ";
    }
  }
  return out;
}

fs::path largest(const fs::path& folder, const std::string& extension) {
  fs::path out;
  std::uintmax_t most = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension && entry.file_size() > most) {
      most = entry.file_size();
      out = entry.path();
    }
  }
  return out;
}

void flip_bit(const fs::path& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const char byte = static_cast<char>(file.get() ^ 4);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte);
}

// What the call throws: its code and words.
template <class Call>
std::pair<Code, std::string> error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {Code::kNotFound, "nothing was thrown"};
}

class Rocks : public testing::Test {
 protected:
  EventStore& open(RocksOptions options = {}) {
    store_.reset();
    seams_ = std::make_shared<Seams>();
    seams_->env = env_ ? env_.get() : nullptr;
    options.cache_bytes = 8 << 20;
    options.seams = seams_;
    store_ = open_rocks(folder_.path(), options);
    return *store_;
  }
  EventStore& open_on_faulty_disk(RocksOptions options = {}) {
    disk_ = std::make_shared<FaultyDisk>(trash_.path());
    env_ = env_over(disk_);
    return open(options);
  }
  void close() { store_.reset(); }

  // Until it works; false: it never did.
  template <class Call>
  static bool soon(Call call) {
    for (int i = 0; i < 200; ++i) {
      try {
        call();
        return true;
      } catch (const Error&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(25));
      }
    }
    return false;
  }

  TestFolder folder_, trash_;
  std::shared_ptr<FaultyDisk> disk_;
  std::unique_ptr<rocksdb::Env> env_;
  std::shared_ptr<Seams> seams_;
  std::unique_ptr<EventStore> store_;
};

class RocksErasure : public Rocks, public testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(Compressed, RocksErasure, testing::Bool());

TEST_P(RocksErasure, NoFileHoldsWhatAnErasedUserSaid) {
  EventStore& store = open({.compress = GetParam()});
  const std::string secrets[] = {"zoe@example.org", "secretquery", "idid4711",
                                 "sess8989", "docdocdoc"};
  const auto say = [&](const std::string& user, std::int64_t time) {
    Event event = full(user, "lamp", time);
    event.text = secrets[1];
    event.session = secrets[3];
    event.event_id = secrets[2] + std::to_string(time);
    return event;
  };
  // Some in tables of the last level, some in newer ones, some in the log.
  for (int part = 0; part < 3; ++part) {
    for (int i = 0; i < 300; ++i) {
      store.append(std::vector{view(name_of(i), "lamp", i)}, kNow);
    }
    store.append(std::vector{say(secrets[0], part), say(secrets[0], 10 + part)},
                 kNow);
    store.put(Kind::kUser, std::vector<Document>{{secrets[0], secrets[4]}});
    store.keep({.id = "a" + std::to_string(part),
                .user = secrets[0],
                .model = "m",
                .time = kNow});
    if (part < 2) seams_->compact();
  }
  if (!GetParam()) {
    for (const std::string& secret : secrets) {
      ASSERT_NE(files_with(folder_.path(), secret), "") << secret;
    }
  }
  EXPECT_TRUE(store.erase(secrets[0]));
  for (const std::string& secret : secrets) {
    EXPECT_EQ(files_with(folder_.path(), secret), "") << secret;
  }
  EXPECT_EQ(store.user(name_of(7)).events.size(), 3U);
  close();
  for (const std::string& secret : secrets) {
    EXPECT_EQ(files_with(folder_.path(), secret), "") << secret << ", closed";
  }
}

TEST_F(Rocks, ErasingGoesOnWhileOthersWriteAndRead) {
  EventStore& store = open({.compress = false});
  for (int i = 0; i < 40; ++i) {
    store.append(std::vector{view("gone" + std::to_string(i), "a", i)}, kNow);
  }
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      store.append(std::vector{view(name_of(i % 50), "b", i)}, kNow);
    }
  });
  std::thread reader([&] {
    for (std::uint64_t cursor = 0; !stop;) since(store, cursor);
  });
  for (int i = 0; i < 40; i += 10) {
    const std::string name = "gone" + std::to_string(i + 5);
    EXPECT_TRUE(store.erase(name));
    EXPECT_EQ(files_with(folder_.path(), name), "");
  }
  stop = true;
  writer.join();
  reader.join();
}

TEST_F(Rocks, NamesStandInNoLogOrManifest) {
  EventStore& store = open();
  for (int i = 0; i < 200; ++i) {
    store.append(std::vector{view("unmistakable" + std::to_string(i), "a", i)},
                 kNow);
  }
  seams_->compact();
  store.prune(kNow);
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".sst" || extension == ".log") continue;
    EXPECT_EQ(read_file(entry.path()).find("unmistakable"), std::string::npos)
        << entry.path();
  }
}

// 20 calls of one event; the last bytes of the log are missing.
TEST_F(Rocks, ALogThatEndsTooEarlyIsCutAtTheLastWholeCall) {
  EventStore& store = open({.sync = Sync::kAlways});
  for (int i = 0; i < 20; ++i) {
    store.append(std::vector{view("u", std::to_string(i), i)}, kNow);
  }
  close();
  const fs::path log = largest(folder_.path(), ".log");
  fs::resize_file(log, fs::file_size(log) - 5);
  EXPECT_EQ(open().user("u").events.size(), 19U);
}

TEST_F(Rocks, ALogThatIsDamagedInTheMiddleIsRefusedByName) {
  EventStore& store = open();
  for (int i = 0; i < 2000; ++i) {
    store.append(std::vector{view("u", std::to_string(i), i)}, kNow);
  }
  close();
  const fs::path log = largest(folder_.path(), ".log");
  for (const double where : {0.01, 0.2, 0.5, 0.9}) {
    const auto at = static_cast<std::uint64_t>(
        where * static_cast<double>(fs::file_size(log)));
    flip_bit(log, at);
    const auto [code, words] = error_of([&] { open(); });
    EXPECT_EQ(code, Code::kCorrupt) << where;
    EXPECT_NE(words.find(log.string()), std::string::npos) << words;
    flip_bit(log, at);
  }
  EXPECT_EQ(open().user("u").events.size(), 2000U);
}

TEST_F(Rocks, ADamagedTableIsNamedAndOtherUsersAreAnswered) {
  EventStore& store = open();
  constexpr int users = 3000;
  for (int i = 0; i < users; ++i) {
    std::vector<Event> events;
    for (int j = 0; j < 20; ++j) {
      events.push_back(view(name_of(i), std::to_string(i * j), i * 1013 * j));
    }
    store.append(events, kNow);
  }
  seams_->compact();
  close();
  const fs::path table = largest(folder_.path(), ".sst");
  flip_bit(table, fs::file_size(table) / 3);
  EventStore& damaged = open();
  int answered = 0, refused = 0;
  for (int i = 0; i < users; ++i) {
    const auto [code, words] = error_of([&] {
      answered += damaged.user(name_of(i)).events.size() == 20 ? 1 : 0;
    });
    if (code != Code::kCorrupt) continue;
    ++refused;
    EXPECT_NE(words.find(table.filename().string()), std::string::npos)
        << words;
  }
  EXPECT_GT(refused, 0);
  EXPECT_EQ(answered, users - refused);
  EXPECT_GT(answered, users * 9 / 10);
}

TEST_F(Rocks, AFullDiskRefusesWritesKeepsAnsweringAndRecovers) {
  EventStore& store = open_on_faulty_disk({.sync = Sync::kAlways});
  store.append(std::vector{view("u", "a", 1)}, kNow);
  disk_->faults.no_space = true;
  for (int i = 0; i < 3; ++i) {
    const auto [code, words] =
        error_of([&] { store.append(std::vector{view("u", "b", 2)}, kNow); });
    EXPECT_EQ(code, Code::kUnavailable);
    EXPECT_EQ(words.find('\n'), std::string::npos);
    if (i == 0) {
      EXPECT_NE(words.find("No space left on device"), std::string::npos)
          << words;
    }
    EXPECT_EQ(store.user("u").events.size(), 1U) << "reading goes on";
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
  }
  disk_->faults.no_space = false;
  EXPECT_TRUE(
      soon([&] { store.append(std::vector{view("u", "c", 3)}, kNow); }));
  EXPECT_EQ(store.user("u").events.back().item, "c");
  close();
  EXPECT_EQ(open().user("u").events.back().item, "c");
}

TEST_F(Rocks, AFailingSyncRefusesTheCallAndRecovers) {
  EventStore& store = open_on_faulty_disk({.sync = Sync::kAlways});
  store.append(std::vector{view("u", "a", 1)}, kNow);
  disk_->faults.sync_fails = true;
  const auto [code, words] =
      error_of([&] { store.append(std::vector{view("u", "b", 2)}, kNow); });
  EXPECT_EQ(code, Code::kUnavailable) << words;
  EXPECT_GE(store.user("u").events.size(), 1U);
  disk_->faults.sync_fails = false;
  EXPECT_TRUE(
      soon([&] { store.append(std::vector{view("u", "c", 3)}, kNow); }));
  close();
  disk_->crash();
  Rng rng(1);
  disk_->come_up(rng);
  const UserEvents user = open().user("u");
  ASSERT_GE(user.events.size(), 2U);
  EXPECT_EQ(user.events.front().item, "a");
  EXPECT_EQ(user.events.back().item, "c");
}

TEST_F(Rocks, EverySecSyncsByItself) {
  EventStore& store = open_on_faulty_disk(
      {.sync = Sync::kEverySec, .sync_every = std::chrono::milliseconds(50)});
  store.append(std::vector{view("u", "a", 1)}, kNow);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  disk_->crash();
  close();
  Rng rng(4);
  disk_->come_up(rng);
  EXPECT_EQ(open().user("u").events.size(), 1U);
}

TEST_F(Rocks, CallsWithTheSameEventIdsStoreEachOnce) {
  EventStore& store = open({.sync = Sync::kAlways});
  std::atomic<int> stored = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Rng rng(t);
      for (int i = 0; i < 30; ++i) {
        std::vector<Event> events;
        for (int j = 0; j < 10; ++j) {
          const auto id = static_cast<int>(rng.below(100));
          events.push_back(view(name_of(id % 7), "a", id));
          events.back().event_id = std::to_string(id);
        }
        for (const bool is : store.append(events, kNow).stored) stored += is;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::size_t there = 0;
  for (int i = 0; i < 7; ++i) there += store.user(name_of(i)).events.size();
  EXPECT_EQ(stored, 100);
  EXPECT_EQ(there, 100U);
}

TEST_F(Rocks, NewNamesOfSeveralThreadsGetOneIdEach) {
  EventStore& store = open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        store.append(std::vector{view(name_of(t), "i" + std::to_string(i), i)},
                     kNow);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EventStore& later = open();
  for (int t = 0; t < 4; ++t) {
    const UserEvents user = later.user(name_of(t));
    ASSERT_EQ(user.events.size(), 300U);
    for (std::size_t i = 0; i < 300; ++i) {
      ASSERT_EQ(user.events[i].item, "i" + std::to_string(i));
    }
  }
}

TEST_F(Rocks, AFolderInUseIsRefused) {
  open();
  const auto [code, words] = error_of([&] { open_rocks(folder_.path()); });
  EXPECT_EQ(code, Code::kUnavailable);
  EXPECT_NE(words.find(folder_.path().string()), std::string::npos) << words;
}

}  // namespace
}  // namespace ensue::store
