// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/testing.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "ensue/store/memory_store.h"
#include "ensue/store/redis_store.h"
#include "ensue/store/rocks_store.h"

namespace ensue::store {
namespace {

class MemoryBed final : public Bed {
 public:
  explicit MemoryBed(Retention retention) : store_(memory_store(retention)) {}
  EventStore& store() override { return *store_; }

 private:
  std::unique_ptr<EventStore> store_;
};

class RocksBed final : public Bed {
 public:
  explicit RocksBed(Retention retention) : retention_(retention) { restart(); }
  EventStore& store() override { return *store_; }
  void restart() override {
    store_.reset();
    store_ = open_rocks(folder_.path(),
                        {.retention = retention_, .cache_bytes = 8 << 20});
  }

 private:
  Retention retention_;
  TestFolder folder_;
  std::unique_ptr<EventStore> store_;
};

// All share a server; each has a prefix of its own.
class RedisBed final : public Bed {
 public:
  explicit RedisBed(Retention retention) : retention_(retention) {
    static int beds = 0;
    prefix_ = "bed" + std::to_string(++beds) + ":";
    restart();
  }
  EventStore& store() override { return *store_; }
  void restart() override {
    store_.reset();
    store_ = open_redis({.retention = retention_,
                         .address = redis_socket(),
                         .prefix = prefix_});
  }
  static bool available() { return !redis_socket().empty(); }

 private:
  Retention retention_;
  std::string prefix_;
  std::unique_ptr<EventStore> store_;
};

bool yes() { return true; }

template <class T>
std::unique_ptr<Bed> bed(Retention retention) {
  return std::make_unique<T>(retention);
}

bool same(const Answer& a, const Answer& b) {
  const auto shown = [](const Answer::Shown& x, const Answer::Shown& y) {
    return std::tie(x.item, x.score, x.propensity) ==
           std::tie(y.item, y.score, y.propensity);
  };
  return std::tie(a.id, a.user, a.model, a.time) ==
             std::tie(b.id, b.user, b.model, b.time) &&
         std::ranges::equal(a.items, b.items, shown);
}

std::string difference_of(const EventStore& a, const EventStore& b,
                          const std::string& name) {
  const UserEvents mine = a.user(name), other = b.user(name);
  if (mine.events.size() != other.events.size()) {
    return name + ": " + std::to_string(mine.events.size()) + " events, " +
           std::to_string(other.events.size());
  }
  for (std::size_t i = 0; i < mine.events.size(); ++i) {
    if (!(mine.events[i] == other.events[i])) {
      return name + ": event " + std::to_string(i) + " differs";
    }
  }
  if (mine.version != other.version || a.version(name) != mine.version ||
      b.version(name) != other.version) {
    return name + ": versions " + std::to_string(mine.version) + ", " +
           std::to_string(other.version);
  }
  if (!std::ranges::equal(a.answers(name, events::Millis{0}),
                          b.answers(name, events::Millis{0}), same)) {
    return name + ": answers differ";
  }
  return a.document(Kind::kUser, name) == b.document(Kind::kUser, name)
             ? ""
             : name + ": documents differ";
}

}  // namespace

TestFolder::TestFolder() {
  std::string name =
      (std::filesystem::temp_directory_path() / "ensue-store-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

const std::vector<BedMaker>& beds() {
  static const std::vector<BedMaker> list = {
      {"Memory", bed<MemoryBed>, yes},
      {"Rocks", bed<RocksBed>, yes},
      {"Redis", bed<RedisBed>, RedisBed::available},
  };
  return list;
}

Event view(std::string_view user, std::string_view item, std::int64_t time) {
  return {.user = std::string(user),
          .item = std::string(item),
          .time = events::Millis{time}};
}

Event full(std::string_view user, std::string_view item, std::int64_t time) {
  Event event = view(user, item, time);
  event.action = "review";
  event.value = 4.5F;
  event.text = "a text of " + std::string(item);
  event.session = "s" + std::to_string(time);
  event.event_id = std::string(user) + "-" + std::to_string(time);
  event.answer_id = "a7";
  event.context = {{"device", std::string("phone")}, {"dwell", 2.25}};
  return event;
}

std::vector<Event> since(EventStore& store, std::uint64_t& cursor) {
  std::vector<Event> out;
  cursor = store.read_since(cursor,
                            [&](const Event& event) { out.push_back(event); });
  std::ranges::stable_sort(out, {}, &Event::user);
  return out;
}

std::vector<std::string> all_users(const EventStore& store, std::size_t limit) {
  std::vector<std::string> out;
  EventStore::Page page;
  do {
    page = store.users(page.cursor, limit);
    out.insert(out.end(), page.names.begin(), page.names.end());
  } while (!page.cursor.empty());
  std::ranges::sort(out);
  return out;
}

std::string difference(const EventStore& a, const EventStore& b,
                       const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::string found = difference_of(a, b, name);
    if (!found.empty()) return found;
  }
  return all_users(a, 7) == all_users(b, 1000) ? "" : "lists of users differ";
}

}  // namespace ensue::store
