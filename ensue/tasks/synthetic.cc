// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/synthetic.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"

namespace ensue::tasks {
namespace {

using runtime::Translation;
using Real = std::span<const Translation::Events>;

// What is drawn from real histories, each list for itself.
struct Habits {
  std::vector<std::size_t> lengths;
  std::vector<events::ItemId> first_items;
  std::vector<events::Millis> first_times;
  std::vector<std::int64_t> gaps;  // ms
  // What was done, and what was known of it.
  struct Done {
    events::ActionId action;
    std::span<const events::Cell> context;  // of `real`
  };
  std::vector<std::vector<Done>> by_item;  // [items], as often as done
  std::vector<Done> firsts;                // of each history

  Habits(Real real, std::size_t items) : by_item(items) {
    for (const Translation::Events& history : real) add(history);
    if (lengths.empty()) {
      invalid(
          "synthetic customers: no real history has an event to learn "
          "lengths and times from");
    }
  }

  template <class T>
  static const T& any(const std::vector<T>& list, Rng& rng) {
    return list[rng.below(list.size())];
  }
  const Done& done(events::ItemId item, Rng& rng) const {
    const auto& done = by_item[events::index(item)];
    return any(done.empty() ? firsts : done, rng);
  }
  std::int64_t gap(Rng& rng) const { return gaps.empty() ? 0 : any(gaps, rng); }

 private:
  void add(const Translation::Events& history) {
    if (history.items.empty()) return;
    lengths.push_back(history.items.size());
    first_items.push_back(history.items[0]);
    first_times.push_back(history.times[0]);
    const auto context = history.view().context;
    firsts.push_back({history.actions[0], context.row(0)});
    for (std::size_t i = 0; i < history.items.size(); ++i) {
      by_item[events::index(history.items[i])].push_back(
          {history.actions[i], context.row(i)});
      if (i == 0) continue;
      gaps.push_back(count(history.times[i]) - count(history.times[i - 1]));
    }
  }
};

// Of softmax(logits / temperature); `weights` is memory.
events::ItemId draw_item(std::span<const float> logits, double temperature,
                         std::vector<double>& weights, Rng& rng) {
  const double highest = *std::ranges::max_element(logits);
  weights.resize(logits.size());
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    sum += std::exp((logits[i] - highest) / temperature);
    weights[i] = sum;
  }
  const auto found = std::ranges::upper_bound(weights, rng.uniform() * sum);
  const auto place = static_cast<std::size_t>(found - weights.begin());
  return events::ItemId{
      static_cast<std::uint32_t>(std::min(place, logits.size() - 1))};
}

class Sampler {
 public:
  Sampler(const runtime::Engine& engine, const Habits& habits,
          const SyntheticOptions& options)
      : engine_(engine),
        habits_(habits),
        options_(options),
        logits_(engine.items()) {}

  Translation::Events customer(std::size_t number) {
    Rng rng(options_.seed ^ checksum("synthetic customers"), number);
    Translation::Events out;
    out.columns = engine_.context().size();
    const std::size_t length = Habits::any(habits_.lengths, rng);
    events::Event event;
    event.item = Habits::any(habits_.first_items, rng);
    event.time = Habits::any(habits_.first_times, rng);
    runtime::State state = engine_.start();
    while (true) {
      const Habits::Done& done = habits_.done(event.item, rng);
      event.action = done.action;
      add(event, done.context, out);
      if (out.items.size() == length) return out;
      engine_.step(state, event, done.context);
      engine_.score(state, logits_);
      event.item = draw_item(logits_, options_.temperature, weights_, rng);
      event.time = events::Millis{count(event.time) + habits_.gap(rng)};
    }
  }

 private:
  static void add(const events::Event& event,
                  std::span<const events::Cell> context,
                  Translation::Events& out) {
    out.kept.push_back(static_cast<std::uint32_t>(out.items.size()));
    out.items.push_back(event.item);
    out.actions.push_back(event.action);
    out.times.push_back(event.time);
    out.values.push_back(event.value);
    out.context.insert(out.context.end(), context.begin(), context.end());
  }

  const runtime::Engine& engine_;
  const Habits& habits_;
  const SyntheticOptions& options_;
  std::vector<float> logits_;
  std::vector<double> weights_;
};

}  // namespace

void SyntheticOptions::check() const {
  if (users < 1) {
    invalid("--users: " + std::to_string(users) + ", expected at least 1");
  }
  if (!(temperature > 0) || !std::isfinite(temperature)) {
    invalid("--temperature: " + std::to_string(temperature) +
            ", expected a number above 0");
  }
}

std::vector<Translation::Events> sample_customers(
    const runtime::Engine& engine, Real real, const SyntheticOptions& options,
    const ProgressFn& progress) {
  options.check();
  const Habits habits(real, engine.items());
  std::vector<Translation::Events> out(static_cast<std::size_t>(options.users));
  std::mutex guard;
  std::size_t done = 0;
  parallel_for(out.size(), 16, [&](std::size_t begin, std::size_t end) {
    Sampler sampler(engine, habits, options);
    for (std::size_t u = begin; u < end; ++u) out[u] = sampler.customer(u);
    const std::lock_guard lock(guard);
    done += end - begin;
    if (progress) {
      progress({"sampling", static_cast<double>(done),
                static_cast<double>(out.size()), ""});
    }
  });
  return out;
}

}  // namespace ensue::tasks
