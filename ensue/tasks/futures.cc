// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/futures.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <string>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/json.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"
#include "ensue/runtime/decoder.h"
#include "ensue/runtime/next_event.h"

namespace ensue::tasks {
namespace {

using events::Event, events::Millis;
using runtime::Decoder, runtime::Engine, runtime::NextEvent, runtime::State;

void check(const FuturesOptions& options) {
  const auto at_least_one = [](const char* name, int value) {
    if (value >= 1) return;
    invalid(std::string(name) + ": " + std::to_string(value) +
            ", expected at least 1");
  };
  at_least_one("steps", options.steps);
  at_least_one("samples", options.samples);
  if (!(options.temperature > 0)) {
    invalid("temperature: " + to_text(Json(options.temperature)) +
            ", expected a number above 0");
  }
}

std::size_t draw(std::span<const float> probabilities, Rng& rng) {
  double left = rng.uniform();
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    left -= probabilities[i];
    if (left < 0) return i;
  }
  // Rounding: the likeliest one.
  return static_cast<std::size_t>(
      std::max_element(probabilities.begin(), probabilities.end()) -
      probabilities.begin());
}

// One future at a time; one per thread.
class Drawer {
 public:
  Drawer(const Engine& engine, const NextEvent* next, const Decoder* decoder,
         double temperature, std::span<const events::Cell> context)
      : engine_(engine),
        context_(context),
        next_(next),
        decoder_(decoder),
        cold_(static_cast<float>(1 / temperature)),
        actions_(next == nullptr ? 0 : next->actions()),
        gaps_(artifact::kGapBuckets),
        items_(engine.items()) {}

  void run(State state, Event last, Rng rng, std::span<Event> out) {
    if (decoder_ != nullptr) return write(state, last, rng, out);
    for (Event& event : out) {
      event = next_ == nullptr ? item_alone(state, last, rng)
                               : whole(state, last, rng);
      engine_.step(state, event, context_);
      last = event;
    }
  }

 private:
  // The decoder goes on from the state alone.
  void write(const State& state, const Event& last, Rng& rng,
             std::span<Event> out) {
    std::vector<float> h = decoder_->start(state);
    for (Event& event : out) {
      engine_.score_as(state, h, items_);
      event.item = draw_item(rng);
      event.action = last.action;
      event.time = last.time;
      decoder_->write(events::index(event.item), h);
    }
  }

  Event item_alone(const State& state, const Event& last, Rng& rng) {
    engine_.score(state, items_);
    Event out;
    out.item = draw_item(rng);
    out.action = last.action;
    out.time = last.time;
    return out;
  }

  Event whole(const State& state, const Event& last, Rng& rng) {
    next_->actions(state, actions_);
    const std::size_t action = draw(actions_, rng);
    next_->gaps(state, action, gaps_);
    const std::size_t gap = draw(gaps_, rng);
    const auto within = artifact::bucket_seconds(gap);
    const std::uint64_t seconds =
        within.first + rng.below(within.end - within.first);
    next_->items(state, action, gap, items_);
    Event out;
    out.item = draw_item(rng);
    out.action = static_cast<events::ActionId>(action);
    out.time =
        Millis{count(last.time) + 1000 * static_cast<std::int64_t>(seconds)};
    out.value = static_cast<float>(
        next_->value(state, action, events::index(out.item)).expected());
    return out;
  }

  events::ItemId draw_item(Rng& rng) {
    for (float& score : items_) score *= cold_;
    runtime::softmax(items_);
    return events::ItemId{static_cast<std::uint32_t>(draw(items_, rng))};
  }

  const Engine& engine_;
  std::span<const events::Cell> context_;  // of the last event
  const NextEvent* next_;
  const Decoder* decoder_;
  float cold_;
  std::vector<float> actions_, gaps_, items_;
};

// Shares of a count per id, most often first, ties by id.
std::vector<Outlook::Share> shares_of(
    const std::map<std::uint32_t, std::size_t>& counts, std::size_t all) {
  std::vector<Outlook::Share> out;
  for (const auto& [id, count] : counts) {
    out.push_back({id, static_cast<double>(count) / static_cast<double>(all)});
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.share > b.share;
  });
  return out;
}

Outlook::Step summarise_step(const Futures& futures, std::size_t step,
                             Millis from) {
  constexpr double kDay = 86400.0 * 1000;
  std::map<std::uint32_t, std::size_t> actions, items;
  std::vector<double> days;
  double value = 0;
  for (std::size_t s = 0; s < futures.samples(); ++s) {
    const Event& event = futures.at(s, step);
    ++actions[events::index(event.action)];
    ++items[events::index(event.item)];
    days.push_back(static_cast<double>(count(event.time) - count(from)) / kDay);
    value += double{event.value};
  }
  const std::size_t all = futures.samples();
  Outlook::Step out;
  out.actions = shares_of(actions, all);
  out.items = shares_of(items, all);
  std::sort(days.begin(), days.end());
  for (std::size_t q = 0; q < 3; ++q) {
    const double place = (0.1 + 0.4 * static_cast<double>(q)) *
                         static_cast<double>(days.size() - 1);
    out.days[q] = days[static_cast<std::size_t>(std::lround(place))];
  }
  out.value = value / static_cast<double>(all);
  return out;
}

}  // namespace

Futures roll_out(const Engine& engine, const events::History& history,
                 const FuturesOptions& options) {
  check(options);
  const auto next = NextEvent::of(engine);
  const auto decoder = Decoder::of(engine);
  const State state = engine.encode(history);
  Event last;
  std::span<const events::Cell> context;
  if (!history.empty()) {
    last = history[history.size() - 1];
    context = history.context.row(history.size() - 1);
  }
  const auto samples = static_cast<std::size_t>(options.samples);
  Futures out;
  out.whole = next != nullptr;
  out.steps = static_cast<std::size_t>(options.steps);
  out.events.resize(samples * out.steps);
  constexpr std::size_t kAtOnce = 8;
  parallel_for(samples, kAtOnce, [&](std::size_t begin, std::size_t end) {
    Drawer drawer(engine, next.get(), decoder.get(), options.temperature,
                  context);
    for (std::size_t s = begin; s < end; ++s) {
      drawer.run(state, last, Rng(options.seed, s),
                 std::span(out.events).subspan(s * out.steps, out.steps));
    }
  });
  return out;
}

Outlook summarise(const Futures& futures, Millis from) {
  Outlook out;
  for (std::size_t i = 0; i < futures.steps; ++i) {
    out.steps.push_back(summarise_step(futures, i, from));
  }
  std::map<std::uint32_t, std::size_t> counts;
  for (std::size_t s = 0; s < futures.samples(); ++s) {
    std::set<std::uint32_t> held;
    for (std::size_t i = 0; i < futures.steps; ++i) {
      held.insert(events::index(futures.at(s, i).item));
    }
    for (const std::uint32_t item : held) ++counts[item];
  }
  out.items = shares_of(counts, std::max<std::size_t>(1, futures.samples()));
  return out;
}

}  // namespace ensue::tasks
