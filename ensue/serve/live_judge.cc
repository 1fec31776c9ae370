// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/live_judge.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "ensue/base/error.h"
#include "ensue/base/log_sum_exp.h"
#include "ensue/metrics/ranks.h"
#include "ensue/runtime/top_k.h"

namespace ensue::serve {
namespace {

constexpr std::size_t kTop = 10;

double trained_hit(const artifact::Description& about) {
  const Json* test = about.metrics.if_contains("test");
  if (test == nullptr || !test->is_object()) return -1;
  const Json* hit = test->as_object().if_contains("hit@10");
  return hit != nullptr && hit->is_number() ? hit->to_number<double>() : -1;
}

double gain_of(double rank) {
  return rank <= static_cast<double>(kTop) ? 1 / std::log2(1 + rank) : 0;
}

}  // namespace

LiveJudge::LiveJudge(const JudgeOptions& options, store::EventStore& store,
                     const Models& models, Metrics& metrics)
    : options_(options),
      store_(store),
      models_(models),
      metrics_(metrics),
      judged_(metrics.counter("ensue_judged_events_total",
                              "Events judged against the answer before them")),
      passed_over_(metrics.counter("ensue_unjudged_events_total",
                                   "Events that came faster than judging")) {
  metrics_.before_text([this] { publish(); });
  if (options_.cpu > 0) thread_ = std::thread([this] { work(); });
}

LiveJudge::~LiveJudge() {
  {
    const std::lock_guard lock(queue_mutex_);
    stop_ = true;
  }
  some_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LiveJudge::offer(const store::Event& event) {
  if (event.item.empty() || options_.cpu <= 0) return;
  {
    const std::lock_guard lock(queue_mutex_);
    if (queue_.size() >= kMostWaiting) {
      passed_over_.Increment();
      return;
    }
    queue_.push_back(event);
  }
  some_.notify_one();
}

void LiveJudge::flush() {
  std::unique_lock lock(queue_mutex_);
  none_.wait(lock, [&] { return queue_.empty() && !busy_; });
}

void LiveJudge::work() {
  using Clock = std::chrono::steady_clock;
  // Of this thread alone (Linux): who answers goes first.
  [[maybe_unused]] const int niceness = ::nice(15);
  std::unique_lock lock(queue_mutex_);
  while (true) {
    some_.wait(lock, [&] { return stop_ || !queue_.empty(); });
    if (stop_) return;
    const store::Event event = std::move(queue_.front());
    queue_.pop_front();
    busy_ = true;
    lock.unlock();
    const auto begin = Clock::now();
    try {
      const auto model = models_.choose(event.user);
      enter(*model, judge(*model, event));
      judged_.Increment();
    } catch (const Error&) {
      passed_over_.Increment();  // no model, or a store that cannot be read
    }
    const auto took = Clock::now() - begin;
    lock.lock();
    busy_ = false;
    if (queue_.empty()) none_.notify_all();
    const double rest = std::max(0.0, 1 / options_.cpu - 1);
    some_.wait_for(lock, took * rest, [&] { return stop_; });
  }
}

LiveJudge::Judged LiveJudge::judge(const LiveModel& model,
                                   const store::Event& event) const {
  Judged out;
  const auto target = model.item(event.item);
  if (!target) return out;
  auto stored = store_.user(event.user);
  std::erase_if(stored.events, [&](const store::Event& other) {
    return other.time >= event.time;
  });
  const EngineEvents before = model.translate(stored.events);
  std::vector<float> scores(model.engine().items());
  model.engine().score(model.engine().encode(before.view()), scores);
  out.known = true;
  const std::uint32_t targets[] = {*target};
  out.rank = metrics::ranks_of(scores, targets, {}).front();
  out.log_loss = log_sum_exp(scores) - scores[*target];
  for (const auto& best : runtime::top_k(scores, kTop)) {
    out.top.push_back(best.item);
  }
  return out;
}

void LiveJudge::enter(const LiveModel& model, Judged judged) {
  const std::lock_guard lock(mutex_);
  Rolling& rolling = rolling_[model.name()];
  if (rolling.model != model.number()) {
    rolling = {};
    rolling.model = model.number();
    rolling.items = model.engine().items();
    rolling.trained_hit_10 = trained_hit(model.about());
  }
  const auto count = [&](const Judged& one, double sign) {
    if (!one.known) return;
    rolling.known += sign > 0 ? 1U : static_cast<std::size_t>(-1);
    rolling.hits += one.rank <= static_cast<double>(kTop) ? sign : 0;
    rolling.gain += sign * gain_of(one.rank);
    rolling.loss += sign * one.log_loss;
    for (const std::uint32_t item : one.top) {
      auto& shown = rolling.shown[item];
      shown += sign > 0 ? 1U : static_cast<std::uint32_t>(-1);
      if (shown == 0) rolling.shown.erase(item);
    }
  };
  count(judged, 1);
  rolling.events.push_back(std::move(judged));
  if (rolling.events.size() > options_.window) {
    count(rolling.events.front(), -1);
    rolling.events.pop_front();
  }
}

LiveJudge::Figures LiveJudge::figures_of(const Rolling& rolling) const {
  Figures out;
  out.events = rolling.events.size();
  out.known = rolling.known;
  const auto all = static_cast<double>(std::max<std::size_t>(1, out.events));
  const auto known = static_cast<double>(std::max<std::size_t>(1, out.known));
  // An item that the model does not know is a miss, as in the test.
  out.hit_10 = rolling.hits / all;
  out.ndcg_10 = rolling.gain / all;
  out.log_loss = rolling.loss / known;
  out.unknown = static_cast<double>(out.events - out.known) / all;
  out.coverage_10 = rolling.items == 0
                        ? 0
                        : static_cast<double>(rolling.shown.size()) /
                              static_cast<double>(rolling.items);
  out.trained_hit_10 = rolling.trained_hit_10;
  const bool worse = out.trained_hit_10 > 0 &&
                     out.hit_10 < options_.alert_hit * out.trained_hit_10;
  out.alert =
      out.events >= kEnough && (worse || out.unknown > options_.alert_unknown);
  return out;
}

LiveJudge::Figures LiveJudge::figures(const std::string& model) const {
  const std::lock_guard lock(mutex_);
  const auto found = rolling_.find(model);
  if (found == rolling_.end()) {
    throw Error(Code::kNotFound,
                "model '" + model + "': no event was judged yet");
  }
  return figures_of(found->second);
}

void LiveJudge::publish() {
  std::vector<std::pair<std::string, Figures>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, rolling] : rolling_) {
      all.emplace_back(name, figures_of(rolling));
    }
  }
  for (const auto& [name, f] : all) {
    const auto set = [&, model = name](const char* gauge, const char* help,
                                       double value) {
      metrics_.gauge(gauge, help, {{"model", model}}).Set(value);
    };
    set("ensue_live_events", "Events in the rolling window",
        static_cast<double>(f.events));
    set("ensue_live_hit_10", "Rolling hit@10 of live events", f.hit_10);
    set("ensue_live_ndcg_10", "Rolling ndcg@10 of live events", f.ndcg_10);
    set("ensue_live_log_loss", "Rolling log-loss in nats, of known items",
        f.log_loss);
    set("ensue_live_unknown_items",
        "Share of live events on items unknown to the model", f.unknown);
    set("ensue_live_coverage_10",
        "Share of the catalogue in the first 10 of judged answers",
        f.coverage_10);
    set("ensue_trained_hit_10", "hit@10 of the model's own test; -1: unknown",
        f.trained_hit_10);
    set("ensue_drift_alert", "1: live figures are below the alert threshold",
        f.alert ? 1 : 0);
  }
}

}  // namespace ensue::serve
