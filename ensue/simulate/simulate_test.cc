// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/simulate.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/base/json.h"
#include "ensue/base/threads.h"
#include "ensue/simulate/customer.h"

namespace ensue::simulate {
namespace {

namespace fs = std::filesystem;

struct Threads {
  explicit Threads(int count) { set_threads(count); }
  ~Threads() { set_threads(0); }
};

struct Folder {
  fs::path path = fs::temp_directory_path() /
                  ("ensue-simulate-test-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) continue;
    out[fs::relative(entry.path(), folder)] = read_file(entry.path());
  }
  return out;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

TEST(WriteShop, GivesTheSameBytesOnAnyNumberOfThreads) {
  const Shop shop({.users = 1000, .items = 100, .days = 60});
  const Folder folder;
  {
    const Threads one(1);
    write_shop(shop, folder.path / "a");
  }
  {
    const Threads four(4);
    write_shop(shop, folder.path / "b");
  }
  const auto a = contents(folder.path / "a");
  EXPECT_EQ(a.size(), 9U);
  EXPECT_EQ(a, contents(folder.path / "b"));
}

TEST(WriteShop, AnotherSeedGivesAnotherShop) {
  const Folder folder;
  write_shop(Shop({.users = 50, .seed = 1}), folder.path / "a");
  write_shop(Shop({.users = 50, .seed = 2}), folder.path / "b");
  EXPECT_NE(read_file(folder.path / "a/events.csv"),
            read_file(folder.path / "b/events.csv"));
}

TEST(WriteShop, CountsWhatItWrote) {
  const Folder folder;
  const Written written =
      write_shop(Shop({.users = 300, .items = 100}), folder.path / "shop");
  const auto files = contents(folder.path / "shop");
  const std::string& events = files.at("events.csv");
  EXPECT_EQ(first_line(events),
            "user_id,item_id,action,timestamp,price,query,dwell_s,session_id");
  EXPECT_EQ(std::count(events.begin(), events.end(), '\n'),
            static_cast<std::ptrdiff_t>(written.events + 1));
  EXPECT_EQ(written.views + written.carts + written.purchases, written.events);
  EXPECT_EQ(written.users, 300U);
  const std::string& items = files.at("items.csv");
  EXPECT_EQ(std::count(items.begin(), items.end(), '\n'), 101);
  const auto truth = parse_json(files.at("truth/truth.json"), "truth.json");
  EXPECT_EQ(truth.at("options").at("users").as_int64(), 300);
}

TEST(WriteShop, ReplacesAnOlderShopWhole) {
  const Folder folder;
  fs::create_directories(folder.path / "shop");
  std::ofstream(folder.path / "shop/old.csv") << "old";
  write_shop(Shop({.users = 10, .days = 30}), folder.path / "shop");
  EXPECT_FALSE(fs::exists(folder.path / "shop/old.csv"));
  EXPECT_FALSE(fs::exists(folder.path / "shop.part"));
}

TEST(WriteShop, LeavesNothingBehindWhenItCannotWrite) {
  const Folder folder;
  std::ofstream(folder.path / "file") << "in the way";
  try {
    write_shop(Shop({.users = 10, .days = 30}), folder.path / "file/shop");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUnavailable);
  }
  EXPECT_FALSE(fs::exists(folder.path / "file/shop.part"));
}

TEST(SimulateLog, EqualsTheLogOfTheSameRows) {
  const Shop shop({.users = 120, .items = 80, .days = 90, .bots = 0.05});
  const events::Log log = simulate_log(shop);
  events::LogBuilder rows(log.schema());
  Trace trace;
  for (std::uint32_t u = 0; u < 120; ++u) {
    simulate_customer(shop, u, trace);
    for (const SimEvent& e : trace.events) {
      rows.add(user_id(u), shop.catalogue().id(e.item),
               events::Millis{e.second * 1000}, name_of(e.action),
               static_cast<float>(e.price_cents / 100.0));
    }
  }
  EXPECT_EQ(log.fingerprint(), rows.build().fingerprint());
}

TEST(SimulateLog, WithQueriesHoldsTheEventsAndWhatWasTyped) {
  const Shop shop({.users = 60, .items = 80, .days = 90});
  const events::Log plain = simulate_log(shop);
  const events::Log log = simulate_log_with_queries(shop);
  EXPECT_TRUE(std::ranges::equal(log.columns().items, plain.columns().items));
  ASSERT_EQ(log.context().size(), 1U);
  Trace trace;
  std::size_t typed = 0;
  for (std::uint32_t u = 0; u < 60; ++u) {
    simulate_customer(shop, u, trace);
    const auto id = log.user_names().find(user_id(u));
    ASSERT_TRUE(id.has_value());
    const auto history = log.history(events::UserId{*id});
    for (std::size_t e = 0; e < history.size(); ++e) {
      const events::Cell cell = history.context.row(e)[0];
      const int query = trace.events[e].query;
      ASSERT_EQ(cell.empty(), query == 0);
      if (query == 0) continue;
      ++typed;
      EXPECT_EQ(log.context()[0].values.name(cell.code()),
                query_text(shop.catalogue(), trace.events[e].item, query));
    }
  }
  EXPECT_GT(typed, 100U);
}

TEST(SimulateLog, IsTheSameOnAnyNumberOfThreads) {
  const Shop shop({.users = 500, .items = 100, .days = 60});
  std::uint64_t one = 0, four = 0;
  {
    const Threads limit(1);
    one = simulate_log(shop).fingerprint();
  }
  {
    const Threads limit(4);
    four = simulate_log(shop).fingerprint();
  }
  EXPECT_EQ(one, four);
}

TEST(SimulateLog, DescribesItsItems) {
  const events::Log log = simulate_log(Shop({.users = 50, .days = 30}));
  const events::Table& table = log.item_table();
  ASSERT_EQ(table.rows(), log.items());
  for (const char* name :
       {"title", "title_zh", "category", "price", "available_from"}) {
    EXPECT_NE(table.find(name), nullptr) << name;
  }
  EXPECT_EQ(table.known_since, "available_from");
}

TEST(ShuffleItems, KeepsPopularityTimesAndActionsButNoOrder) {
  const events::Log log = simulate_log(Shop({.users = 200, .days = 90}));
  const events::Log mixed = shuffle_items(log, /*seed=*/1);
  const auto count = [](const events::Log& of) {
    std::map<std::uint32_t, int> out;
    for (const auto item : of.columns().items) ++out[events::index(item)];
    return out;
  };
  EXPECT_EQ(count(log), count(mixed));
  EXPECT_TRUE(std::ranges::equal(log.columns().times, mixed.columns().times));
  EXPECT_TRUE(
      std::ranges::equal(log.columns().actions, mixed.columns().actions));
  std::size_t same = 0;
  for (std::size_t i = 0; i < log.size(); ++i) {
    same += log.columns().items[i] == mixed.columns().items[i];
  }
  EXPECT_LT(same, log.size() / 20);
}

}  // namespace
}  // namespace ensue::simulate
