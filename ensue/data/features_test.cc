// SPDX-License-Identifier: Apache-2.0
// The same definitions by SQL and live: on random logs with ties in time, users
// without events, and as-of instants that are those of events.
#include "ensue/data/features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "ensue/base/file.h"
#include "ensue/base/rng.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/data/internal/feature_sql.h"
#include "ensue/data/internal/test_folder.h"
#include "ensue/features/defaults.h"
#include "ensue/features/live.h"

namespace ensue::data {
namespace {

using events::Log, events::LogBuilder, events::Millis, events::UserId;
using features::Definition, features::Kind, features::Wants;

constexpr std::int64_t kMinute = 60'000;

// Steps of minutes, days and weeks, and none at all: ties.
std::int64_t step(Rng& rng) {
  switch (rng.below(5)) {
    case 0:
      return 0;
    case 1:
      return static_cast<std::int64_t>(rng.below(29)) * kMinute;
    case 2:
      return 30 * kMinute + static_cast<std::int64_t>(rng.below(2));
    case 3:
      return static_cast<std::int64_t>(rng.below(3 * events::kDayMs));
    default:
      return static_cast<std::int64_t>(rng.below(100)) * events::kDayMs;
  }
}

// From 1969 on: days are rounded down there too.
Log random_log(std::uint64_t seed, std::size_t users = 30) {
  Rng rng(seed);
  const char* const actions[] = {"view", "cart", "purchase", "search"};
  const char* const devices[] = {"phone", "desk", "tv"};
  LogBuilder log;
  for (std::size_t u = 0; u < users; ++u) {
    std::int64_t time = -200 * events::kDayMs;
    const std::size_t events = 1 + rng.below(u % 5 == 0 ? 80 : 12);
    for (std::size_t i = 0; i < events; ++i) {
      time += step(rng);
      const char* action = actions[rng.below(4)];
      const std::string item =
          rng.chance(0.1) ? "" : "i" + std::to_string(rng.below(9));
      const float value =
          rng.chance(0.3) ? NAN : static_cast<float>(rng.uniform() * 10);
      log.add("u" + std::to_string(u), item, Millis{time}, action, value);
      if (rng.chance(0.8)) log.with("device", devices[rng.below(3)]);
      if (rng.chance(0.8)) {
        log.with("price", static_cast<float>(rng.below(5)));
      }
    }
  }
  Log out = log.build();
  events::Table items;
  std::vector<std::string> categories;
  std::vector<double> weights;
  for (std::size_t i = 0; i < out.items(); ++i) {
    categories.push_back(i % 4 == 3 ? "" : "c" + std::to_string(i % 3));
    weights.push_back(i % 5 == 4 ? NAN : 0.25 * static_cast<double>(i));
  }
  items.columns = {{"category", categories}, {"weight", weights}};
  out.set_item_table(items);
  return out;
}

// Every kind with every sort of action, column and window it can have.
std::vector<Definition> every_definition() {
  std::vector<Definition> out;
  const auto add = [&](const Kind& kind, Definition d) {
    d.kind = kind.name;
    d.name = "f" + std::to_string(out.size());
    if (kind.other) d.other = "purchase";
    out.push_back(d);
    if (!d.action.empty() || d.window_days > 7) return;
    d.name += "_scored";
    d.edges = {0, 0.25, 1, 3};
    out.push_back(d);
  };
  for (const Kind& kind : features::kinds().all()) {
    std::vector<std::string> columns = {""};
    if (kind.column == Wants::kNumber) {
      columns = {"value", "price", "weight", "value*price"};
    } else if (kind.column == Wants::kCategory) {
      columns = {"item", "device", "category", "price"};
    } else if (kind.column == Wants::kCalendar) {
      columns = {"hour", "weekday", "month", "day_of_year"};
    }
    for (const char* action : {"", "view", "purchase", "never"}) {
      if (kind.any_only && *action != 0) continue;
      for (const double days : {0.0, 0.02, 7.0, 365.0}) {
        if (kind.window == Kind::Window::kNone && days > 0) continue;
        if (kind.window == Kind::Window::kNeeded && days == 0) continue;
        for (const std::string& column : columns) {
          add(kind, {.action = action,
                     .window_days = days,
                     .column = column,
                     .value = column == "device" ? "desk" : "c1",
                     .low = 2,
                     .high = 6});
        }
      }
    }
  }
  return out;
}

void expect_same(double offline, double live, const Definition& d,
                 const std::string& where) {
  if (std::isnan(live) || std::isnan(offline)) {
    EXPECT_EQ(std::isnan(live), std::isnan(offline))
        << to_text(to_json(d)) << " " << where << ": offline " << offline
        << ", live " << live;
    return;
  }
  EXPECT_NEAR(offline, live, 1e-9 * std::max(1.0, std::fabs(live)))
      << to_text(to_json(d)) << " " << where;
}

// Instants of events, beside them, before all and after all.
std::vector<AsOf> some_pairs(const Log& log, Rng& rng) {
  std::vector<AsOf> out;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto times = log.history(UserId{u}).times;
    for (int n = 0; n < 4; ++n) {
      const auto time = count(times[rng.below(times.size())]);
      out.push_back({UserId{u}, Millis{time + n - 1}});
    }
    out.push_back({UserId{u}, Millis{-900 * events::kDayMs}});
    out.push_back({UserId{u}, Millis{900 * events::kDayMs}});
  }
  shuffle(out, rng);
  return out;
}

TEST(Features, EveryKindHasBothHalves) {
  std::set<std::string_view> live, sql;
  for (const Kind& kind : features::kinds().all()) live.insert(kind.name);
  for (const FeatureSql& kind : feature_sql().all()) sql.insert(kind.name);
  EXPECT_EQ(live, sql);
}

// A part of the definitions at a time: DuckDB plans wide queries slowly.
void compare(const Log& log, std::span<const Definition> definitions,
             const std::vector<AsOf>& pairs) {
  const events::Table offline = compute_features(
      log, definitions, pairs, {.chunk_events = 150, .chunk_pairs = 70});
  const features::Live live(definitions, features::names_of(log));
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const auto numbers = live.values(log.history(pairs[p].user), pairs[p].time);
    for (std::size_t d = 0; d < definitions.size(); ++d) {
      expect_same(offline.columns[d].number(p), numbers[d], definitions[d],
                  "pair " + std::to_string(p));
    }
  }
}

TEST(Features, SqlEqualsTheLiveValueOnRandomLogs) {
  const auto definitions = every_definition();
  for (const std::uint64_t seed : {1, 2}) {
    const Log log = random_log(seed, 20);
    Rng rng(seed);
    const auto pairs = some_pairs(log, rng);
    for (std::size_t d = 0; d < definitions.size(); d += 60) {
      const std::size_t n = std::min<std::size_t>(60, definitions.size() - d);
      compare(log, std::span(definitions).subspan(d, n), pairs);
      if (testing::Test::HasFailure()) return;
    }
  }
}

// One user's events as a server gathers them.
struct Stored {
  std::vector<events::ItemId> items;
  std::vector<events::ActionId> actions;
  std::vector<Millis> times;
  std::vector<float> values;
  std::vector<events::Cell> cells;

  void add(const events::History& from, std::size_t i) {
    items.push_back(from.items[i]);
    actions.push_back(from.actions[i]);
    times.push_back(from.times[i]);
    values.push_back(from.values[i]);
    const auto row = from.context.row(i);
    cells.insert(cells.end(), row.begin(), row.end());
  }
  events::History view(std::size_t columns) const {
    return {items, actions, times, values, events::rows_of(cells, columns)};
  }
};

struct Arrival {
  Millis time;
  std::uint64_t seq;
  UserId user;
  std::size_t place;
};

std::vector<Arrival> in_order_of_time(const Log& log) {
  std::vector<Arrival> out;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto times = log.history(UserId{u}).times;
    for (std::size_t i = 0; i < times.size(); ++i) {
      out.push_back({times[i], log.seqs(UserId{u})[i], UserId{u}, i});
    }
  }
  std::sort(out.begin(), out.end(), [](const Arrival& a, const Arrival& b) {
    return std::pair(a.time, a.seq) < std::pair(b.time, b.seq);
  });
  return out;
}

// The server knows only what came before; offline has the whole log, and must
// not use more of it.
TEST(Features, OfflineEqualsLiveWhenTheLogIsReplayedEventByEvent) {
  const Log log = random_log(7);
  const auto definitions = features::default_definitions(log);
  ASSERT_GT(definitions.size(), 60U);
  const features::Live live(definitions, features::names_of(log));
  const auto arrivals = in_order_of_time(log);
  std::vector<AsOf> pairs;
  std::vector<std::vector<double>> answers;
  std::vector<Stored> store(log.users());
  for (const Arrival& a : arrivals) {
    Stored& user = store[index(a.user)];
    pairs.push_back({a.user, a.time});
    answers.push_back(live.values(user.view(log.context().size()), a.time));
    user.add(log.history(a.user), a.place);
  }
  const events::Table offline = compute_features(log, definitions, pairs);
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    for (std::size_t d = 0; d < definitions.size(); ++d) {
      expect_same(offline.columns[d].number(p), answers[p][d], definitions[d],
                  "arrival " + std::to_string(p));
    }
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Features, TheFileHasTheSameRowsSortedByUserAndTime) {
  const TestFolder folder;
  const Log log = random_log(4);
  Rng rng(4);
  auto pairs = some_pairs(log, rng);
  const std::vector<Definition> definitions = {
      {.name = "n", .kind = "count"},
      {.name = "days", .kind = "recency", .action = "purchase"}};
  events::Table extra;
  std::vector<double> place(pairs.size());
  for (std::size_t p = 0; p < place.size(); ++p) {
    place[p] = static_cast<double>(p);
  }
  extra.columns = {{"place", place}};
  const std::string path = folder / "f.parquet";
  const auto summary = write_features(path, log, definitions, pairs, extra,
                                      {.chunk_events = 100, .chunk_pairs = 20});
  EXPECT_EQ(summary[0].known, pairs.size());
  const auto table = compute_features(log, definitions, pairs);

  Connection database;
  Rows rows =
      database.run("SELECT \"user\", epoch_ms(\"time\"), place, n, days FROM " +
                   sql_text(path));
  std::size_t row = 0, known = 0;
  AsOf before{};
  while (const auto chunk = rows.next()) {
    for (std::size_t i = 0; i < chunk->size(); ++i, ++row) {
      const auto p = static_cast<std::size_t>((*chunk)[2].number(i));
      EXPECT_EQ((*chunk)[0].text(i),
                log.user_names().name(index(pairs[p].user)));
      EXPECT_EQ((*chunk)[1].integer(i), count(pairs[p].time));
      EXPECT_EQ((*chunk)[3].number(i), table.columns[0].number(p));
      EXPECT_EQ((*chunk)[4].has(i), !std::isnan(table.columns[1].number(p)));
      known += (*chunk)[4].has(i) ? 1 : 0;
      EXPECT_TRUE(row == 0 || before <= pairs[p]);
      before = pairs[p];
    }
  }
  EXPECT_EQ(row, pairs.size());
  EXPECT_EQ(summary[1].known, known);
}

TEST(Features, EveryoneAtIsWhoHadAnEventStrictlyBefore) {
  LogBuilder log;
  log.add("a", "x", Millis{5})
      .add("b", "x", Millis{9})
      .add("c", "x", Millis{1});
  EXPECT_EQ(everyone_at(log.build(), Millis{9}).size(), 2U);
}

TEST(Features, APairOfAnUnknownUserIsRefused) {
  const Log log = random_log(1, 2);
  const std::vector<Definition> one = {{.name = "n", .kind = "count"}};
  const std::vector<AsOf> pairs = {{UserId{2}, Millis{0}}};
  EXPECT_EQ(error_of([&] { compute_features(log, one, pairs); }),
            "invalid features: user 2 of a pair, the log has 2");
}

}  // namespace
}  // namespace ensue::data
