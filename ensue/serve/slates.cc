// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/slates.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "ensue/base/error.h"

namespace ensue::serve {
namespace {

void set_interval(Slates::Outcome& out) {
  constexpr double z = 1.959964;
  const auto n = static_cast<double>(out.answers);
  if (out.answers == 0) return;
  out.rate = static_cast<double>(out.followed) / n;
  const double middle = (out.rate + z * z / (2 * n)) / (1 + z * z / n);
  const double half =
      z / (1 + z * z / n) *
      std::sqrt(out.rate * (1 - out.rate) / n + z * z / (4 * n * n));
  out.low = std::max(0.0, middle - half);
  out.high = std::min(1.0, middle + half);
}

}  // namespace

std::string answer_id(events::Millis now, std::uint64_t random) {
  char out[32];
  std::snprintf(
      out, sizeof(out), "%012llx%012llx",
      static_cast<unsigned long long>(events::count(now)) & 0xFFFFFFFFFFFFULL,
      static_cast<unsigned long long>(random) & 0xFFFFFFFFFFFFULL);
  return out;
}

Slates::Slates(store::EventStore& store, Metrics& metrics)
    : store_(store), metrics_(metrics), writer_([this] { write(); }) {
  metrics_.before_text([this] {
    for (const auto& one : outcomes()) {
      const std::string& model = one.first;
      const Outcome& outcome = one.second;
      const auto set = [&](const char* name, const char* help, double value) {
        metrics_.gauge(name, help, {{"model", model}}).Set(value);
      };
      set("ensue_follow_rate", "Share of answers that an event followed",
          outcome.rate);
      set("ensue_follow_rate_low", "Lower end of its 95 % interval",
          outcome.low);
      set("ensue_follow_rate_high", "Upper end of its 95 % interval",
          outcome.high);
    }
  });
}

Slates::~Slates() {
  {
    const std::lock_guard lock(write_mutex_);
    stop_ = true;
  }
  some_.notify_all();
  writer_.join();
}

void Slates::add(store::Answer answer) {
  metrics_
      .counter("ensue_answers_total", "Answers given",
               {{"model", answer.model}})
      .Increment();
  if (!answer.user.empty()) remember(answer);
  {
    const std::lock_guard lock(write_mutex_);
    if (unwritten_.size() >= kMostUnwritten) {
      metrics_
          .counter("ensue_answers_unwritten_total",
                   "Answers that the store could not take in time")
          .Increment();
      return;
    }
    unwritten_.push_back(std::move(answer));
    ++added_;
  }
  some_.notify_one();
}

void Slates::remember(const store::Answer& answer) {
  Recent recent{answer.id, answer.model, answer.time, {}};
  for (const auto& shown : answer.items) recent.items.push_back(shown.item);
  const std::lock_guard lock(mutex_);
  ++outcomes_[answer.model].answers;
  const auto there = by_user_.find(answer.user);
  if (there == by_user_.end()) {
    users_.push_front({answer.user, {}});
    by_user_[answer.user] = users_.begin();
  } else {
    users_.splice(users_.begin(), users_, there->second);
  }
  auto& answers = users_.front().answers;
  answers.push_back(std::move(recent));
  if (answers.size() > kPerUser) answers.pop_front();
  if (users_.size() > kUsers) {
    by_user_.erase(users_.back().name);
    users_.pop_back();
  }
}

bool Slates::follows(const store::Event& event, const std::string& id,
                     events::Millis time,
                     const std::vector<std::string>& items) {
  if (!event.answer_id.empty()) return event.answer_id == id;
  const std::int64_t later = events::count(event.time) - events::count(time);
  // A second of patience with clients whose clocks are behind.
  return later >= -events::kSecondMs && later <= kFollowMs &&
         std::ranges::find(items, event.item) != items.end();
}

Slates::Recent* Slates::matching(const store::Event& event) {
  const auto user = by_user_.find(event.user);
  if (user == by_user_.end()) return nullptr;
  auto& answers = user->second->answers;
  for (auto one = answers.rbegin(); one != answers.rend(); ++one) {
    if (follows(event, one->id, one->time, one->items)) return &*one;
  }
  return nullptr;
}

bool Slates::knows(const std::string& user, const std::string& id) const {
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_user_.find(user);
    if (found != by_user_.end()) {
      const auto& answers = found->second->answers;
      if (std::ranges::find(answers, id, &Recent::id) != answers.end()) {
        return true;
      }
    }
  }
  return store_.answer(user, id).has_value();
}

void Slates::follow(const store::Event& event) {
  if (event.item.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    if (Recent* answer = matching(event)) {
      if (!std::exchange(answer->followed, true)) count(answer->model);
      return;
    }
  }
  if (store_.shared()) follow_elsewhere(event);
}

void Slates::follow_elsewhere(const store::Event& event) {
  const auto answers = store_.answers(
      event.user, events::Millis{events::count(event.time) - kFollowMs});
  const std::lock_guard lock(mutex_);
  for (auto one = answers.rbegin(); one != answers.rend(); ++one) {
    std::vector<std::string> items;
    for (const auto& shown : one->items) items.push_back(shown.item);
    if (!follows(event, one->id, one->time, items)) continue;
    if (std::ranges::find(joined_, one->id) != joined_.end()) return;
    joined_.push_back(one->id);
    if (joined_.size() > kJoined) joined_.pop_front();
    return count(one->model);
  }
}

void Slates::count(const std::string& model) {
  ++outcomes_[model].followed;
  metrics_
      .counter("ensue_answers_followed_total",
               "Answers followed by an event on an item that they showed",
               {{"model", model}})
      .Increment();
}

void Slates::forget(const std::string& user) {
  flush();
  const std::lock_guard lock(mutex_);
  const auto there = by_user_.find(user);
  if (there == by_user_.end()) return;
  users_.erase(there->second);
  by_user_.erase(there);
}

void Slates::flush() {
  std::unique_lock lock(write_mutex_);
  done_.wait(lock, [&, until = added_] { return written_ >= until; });
}

void Slates::write() {
  std::unique_lock lock(write_mutex_);
  while (true) {
    some_.wait(lock, [&] { return stop_ || !unwritten_.empty(); });
    if (unwritten_.empty()) return;
    std::deque<store::Answer> batch;
    batch.swap(unwritten_);
    lock.unlock();
    std::size_t lost = 0;
    for (const store::Answer& answer : batch) {
      try {
        store_.keep(answer);
      } catch (const Error&) {
        ++lost;  // a full disk: counted, and the next one is tried
      }
    }
    if (lost > 0) {
      metrics_
          .counter("ensue_answers_unwritten_total",
                   "Answers that the store could not take in time")
          .Increment(static_cast<double>(lost));
    }
    lock.lock();
    written_ += batch.size();
    done_.notify_all();
  }
}

std::map<std::string, Slates::Outcome> Slates::outcomes() const {
  const std::lock_guard lock(mutex_);
  auto out = outcomes_;
  for (auto& [model, outcome] : out) set_interval(outcome);
  return out;
}

}  // namespace ensue::serve
