// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/testing_crashes.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/store/internal/seams.h"
#include "ensue/store/memory_store.h"
#include "ensue/store/testing.h"
#include "ensue/store/testing_file_system.h"

namespace ensue::store {
namespace {

using Call = std::function<void(EventStore&)>;
constexpr std::int64_t kStart = 1'700'000'000'000;
constexpr std::size_t kUsers = 12, kCallsPerRound = 60, kRoundsPerFolder = 8;
constexpr Retention kRetention{.events_per_user = 40};

std::string user_name(std::uint64_t n) { return "user" + std::to_string(n); }

std::vector<std::string> user_names() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kUsers; ++i) out.push_back(user_name(i));
  return out;
}

std::vector<Event> random_events(Rng& rng, std::int64_t time) {
  std::vector<Event> events;
  const std::size_t count = 1 + rng.below(rng.chance(0.1) ? 200 : 10);
  for (std::size_t i = 0; i < count; ++i) {
    Event event = view(user_name(rng.below(kUsers)),
                       "item" + std::to_string(rng.below(500)), time);
    if (rng.chance(0.3)) event = full(event.user, event.item, time);
    // Some ids come again.
    event.event_id =
        rng.chance(0.5) ? "" : "e" + std::to_string(rng.below(3000));
    events.push_back(std::move(event));
  }
  return events;
}

// Each leaves a mark, so that two states are never alike by chance.
Call random_call(Rng& rng, std::int64_t number) {
  const std::int64_t time = kStart + number * 1000;
  const std::string user = user_name(rng.below(kUsers));
  const std::uint64_t kind = rng.below(100);
  if (kind < 4) {
    return [=](EventStore& store) {
      store.keep({.id = std::to_string(time),
                  .user = user,
                  .model = "m",
                  .time = events::Millis{time},
                  .items = {{"item1", 1, 1}}});
    };
  }
  if (kind < 8) {
    const std::vector<Document> one = {{user, std::to_string(number)}};
    return [=](EventStore& store) { store.put(Kind::kUser, one); };
  }
  if (kind < 12) {
    return [=](EventStore& store) {
      store.remove(user, [&](const Event& event) {
        return (events::count(event.time) / 1000 + number) % 5 == 0;
      });
    };
  }
  if (kind < 13) {
    return [=](EventStore& store) { store.erase(user); };
  }
  const std::vector<Event> events = random_events(rng, time);
  return [=](EventStore& store) { store.append(events, events::Millis{time}); };
}

class Machine {
 public:
  explicit Machine(const CrashPlan& plan, std::uint64_t stream)
      : plan_(plan),
        rng_(plan.seed, stream),
        disk_(std::make_shared<FaultyDisk>(trash_.path())),
        env_(env_over(disk_)),
        seams_(std::make_shared<Seams>()) {
    seams_->env = env_.get();
    seams_->manual_sync = true;
    seams_->patience = std::chrono::milliseconds(20);
    seams_->write_buffer_bytes = 64 << 10;  // tables are written all the time
    open();
  }

  void round(CrashReport& report) {
    ++report.rounds;
    disk_->faults.ignore_sync = plan_.ignore_sync;
    if (rng_.chance(0.7)) {
      disk_->faults.crash_in = static_cast<std::int64_t>(rng_.below(250));
    }
    run();
    report.calls += calls_.size();
    disk_->crash();
    store_.reset();
    disk_->faults.ignore_sync = false;
    disk_->come_up(rng_);
    compare(report);
  }

 private:
  void open() {
    store_ = open_rocks(folder_.path(), {.retention = kRetention,
                                         .sync = plan_.sync,
                                         .cache_bytes = 4 << 20,
                                         .seams = seams_});
  }

  // calls_[0, safe_) must survive, [0, returned_) have returned.
  void run() {
    calls_.clear();
    safe_ = returned_ = 0;
    while (calls_.size() < kCallsPerRound) {
      calls_.push_back(random_call(rng_, ++number_));
      try {
        calls_.back()(*store_);
      } catch (const Error&) {
        return;
      }
      // The machine may have gone down unseen, after the call was safe.
      ++returned_;
      if (plan_.sync == Sync::kEverySec && rng_.chance(0.1)) {
        seams_->sync();
        if (!disk_->down()) safe_ = returned_;
      } else if (plan_.sync == Sync::kAlways) {
        safe_ = returned_;
      }
    }
  }

  // The model after the calls of earlier rounds that are there, and `more`.
  std::unique_ptr<EventStore> model(std::size_t more) const {
    auto store = memory_store(kRetention);
    for (const Call& call : history_) call(*store);
    for (std::size_t i = 0; i < more; ++i) calls_[i](*store);
    return store;
  }

  void compare(CrashReport& report) {
    try {
      open();
    } catch (const Error& error) {
      report.problem = error.what();
      return;
    }
    const auto state = model(0);
    std::optional<std::size_t> there;
    std::string why;
    for (std::size_t k = 0;; ++k) {
      const std::string found = difference(*store_, *state, user_names());
      if (found.empty()) there = k;
      if (k == safe_) why = found;
      if (k == calls_.size()) break;
      calls_[k](*state);
    }
    if (!there) {
      report.problem = "round " + std::to_string(report.rounds) +
                       ": no first part of the calls explains it: " + why;
      return;
    }
    if (*there < safe_) report.lost += safe_ - *there;
    if (*there < returned_) {
      report.within_promise += returned_ - std::max(*there, safe_);
    }
    history_.insert(history_.end(), calls_.begin(),
                    calls_.begin() + static_cast<std::ptrdiff_t>(*there));
  }

  const CrashPlan& plan_;
  Rng rng_;
  TestFolder folder_, trash_;
  std::shared_ptr<FaultyDisk> disk_;
  std::unique_ptr<rocksdb::Env> env_;
  std::shared_ptr<Seams> seams_;
  std::unique_ptr<EventStore> store_;
  std::vector<Call> history_, calls_;
  std::size_t safe_ = 0, returned_ = 0;
  std::int64_t number_ = 0;
};

}  // namespace

CrashReport crash_rounds(const CrashPlan& plan) {
  CrashReport report;
  for (std::uint64_t stream = 0;
       report.rounds < plan.rounds && report.problem.empty(); ++stream) {
    Machine machine(plan, stream);
    for (std::size_t i = 0; i < kRoundsPerFolder; ++i) {
      if (report.rounds == plan.rounds || !report.problem.empty()) break;
      machine.round(report);
    }
  }
  return report;
}

}  // namespace ensue::store
