// SPDX-License-Identifier: Apache-2.0
#include "ensue/explain/leave_one_out.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/log_sum_exp.h"
#include "ensue/explain/internal/without.h"

namespace ensue::explain {
namespace {

using events::History;
using internal::Columns, internal::Without;
using runtime::Engine, runtime::State;

// One event stepped costs about as much as this many encoded together.
constexpr std::size_t kStepCost = 3;
// Scores of a batch stay in the second-level cache or little beyond it.
constexpr std::size_t kScoresAtOnce = std::size_t{1} << 18, kMostAtOnce = 32;

bool same_events(const History& history, std::size_t a, std::size_t b) {
  const auto bits = [&](std::size_t i) {
    return std::bit_cast<std::uint32_t>(history.values[i]);
  };
  return history.items[a] == history.items[b] &&
         history.actions[a] == history.actions[b] &&
         history.times[a] == history.times[b] && bits(a) == bits(b) &&
         (history.context.columns == 0 ||
          std::ranges::equal(history.context.row(a), history.context.row(b)));
}

// Scores states together and keeps what they say of the items asked for.
class Scores {
 public:
  Scores(const Engine& engine, std::span<const events::ItemId> items)
      : engine_(engine),
        items_(items),
        batch_(std::clamp<std::size_t>(
            kScoresAtOnce / std::max<std::size_t>(1, engine.items()), 1,
            kMostAtOnce)) {}

  /// The place of the state's scores in of().
  std::size_t add(State state) {
    waiting_.push_back(std::move(state));
    if (waiting_.size() == batch_) finish();
    return states_++;
  }
  void finish() {
    const std::size_t width = engine_.items();
    logits_.resize(waiting_.size() * width);
    std::vector<const State*> pointers;
    for (const State& state : waiting_) pointers.push_back(&state);
    engine_.score(pointers, logits_);
    for (std::size_t s = 0; s < waiting_.size(); ++s) {
      keep(std::span<const float>(logits_).subspan(s * width, width));
    }
    waiting_.clear();
  }
  /// Of all states, once finished.
  const Score& of(std::size_t state, std::size_t item) const {
    return kept_[state * items_.size() + item];
  }

 private:
  void keep(std::span<const float> logits) {
    const std::size_t begin = kept_.size();
    for (const events::ItemId item : items_) {
      kept_.push_back({logits[events::index(item)], 0});
    }
    const double all = log_sum_exp(logits);
    for (std::size_t k = begin; k < kept_.size(); ++k) {
      kept_[k].log_probability = kept_[k].logit - all;
    }
  }

  const Engine& engine_;
  std::span<const events::ItemId> items_;
  std::size_t batch_, states_ = 0;
  std::vector<State> waiting_;
  std::vector<float> logits_;
  std::vector<Score> kept_;
};

// States after all of a history but one event, which comes later each time.
class Branches {
 public:
  Branches(const Engine& engine, const History& all)
      : engine_(engine), all_(all), without_(all) {
    const std::size_t rest = all.size() - std::min<std::size_t>(all.size(), 1);
    alike_ = engine.first_read(rest);
    read_ = rest - alike_;
  }

  /// Whether leaving out event `i` is the same as leaving out the one before.
  bool as_before(std::size_t i) const {
    return i <= alike_ || same_events(all_, i - 1, i);
  }
  State without(std::size_t i) {
    const std::size_t steps = all_.size() - 1 - i;
    if (!engine_.cheap_steps() || steps * kStepCost > read_) {
      return engine_.encode(without_.event(i));
    }
    State out = before(i);
    for (std::size_t k = i + 1; k < all_.size(); ++k) step(out, k);
    return out;
  }

 private:
  const State& before(std::size_t i) {
    if (stepped_ == 0) {
      prefix_ = engine_.encode(all_.first(i));
      stepped_ = i;
    }
    for (; stepped_ < i; ++stepped_) step(prefix_, stepped_);
    return prefix_;
  }
  void step(State& state, std::size_t i) const {
    engine_.step(state, all_[i],
                 all_.context.columns == 0 ? std::span<const events::Cell>()
                                           : all_.context.row(i));
  }

  const Engine& engine_;
  History all_;
  Without without_;
  std::size_t alike_, read_;
  State prefix_;
  std::size_t stepped_ = 0;
};

// Places of events in a history, and of their scores among Scores.
struct Looked {
  std::size_t event, scores;
};

std::vector<Looked> look(const Engine& engine, const History& all,
                         std::span<const std::size_t> places, std::size_t first,
                         Scores& scores) {
  std::vector<Looked> out;
  Branches branches(engine, all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (places[i] < first) continue;
    const bool again = !out.empty() && branches.as_before(i);
    out.push_back({places[i], again ? out.back().scores
                                    : scores.add(branches.without(i))});
  }
  return out;
}

void sort_by(Scale scale, std::vector<Effect>& effects) {
  const auto strength = [scale](const Effect& effect) {
    return std::abs(scale == Scale::kLogit ? effect.moved.logit
                                           : effect.moved.log_probability);
  };
  std::ranges::sort(effects, [&](const Effect& a, const Effect& b) {
    const double x = strength(a), y = strength(b);
    return x != y ? x > y : a.event > b.event;
  });
}

// Of events [not_looked_at, events), in order; those that nobody knows have 0.
void add_effects(std::span<const Looked> looked, const Scores& scores,
                 std::size_t item, std::size_t events, Explanation& one) {
  Score sum;
  auto next = looked.begin();
  for (std::size_t i = one.not_looked_at; i < events; ++i) {
    Effect effect{.event = i};
    if (next != looked.end() && next->event == i) {
      effect.moved = one.after_all - scores.of((next++)->scores, item);
    }
    sum += effect.moved;
    one.effects.push_back(effect);
  }
  one.together = one.after_all - one.after_none - sum;
}

void check(const Engine& engine, std::span<const events::ItemId> items) {
  for (const events::ItemId item : items) {
    if (events::index(item) < engine.items()) continue;
    invalid("explain: item " + std::to_string(events::index(item)) +
            ", expected one of the model's " + std::to_string(engine.items()));
  }
}

}  // namespace

Score operator-(const Score& a, const Score& b) noexcept {
  return {a.logit - b.logit, a.log_probability - b.log_probability};
}

Score& operator+=(Score& a, const Score& b) noexcept {
  a.logit += b.logit;
  a.log_probability += b.log_probability;
  return a;
}

std::vector<Explanation> leave_one_out(const Engine& engine,
                                       const History& history,
                                       std::span<const events::ItemId> items,
                                       const LeaveOneOutOptions& options) {
  check(engine, items);
  const std::size_t first =
      history.size() - std::min(history.size(), options.max_events);
  Columns known;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (events::index(history.items[i]) >= engine.items()) continue;
    known.add(history, i);
    places.push_back(i);
  }
  Scores scores(engine, items);
  const std::size_t all = scores.add(engine.encode(history));
  const std::size_t none = scores.add(engine.start());
  const auto looked = look(engine, known.view(), places, first, scores);
  scores.finish();

  std::vector<Explanation> out;
  for (std::size_t k = 0; k < items.size(); ++k) {
    Explanation one{.item = items[k],
                    .after_all = scores.of(all, k),
                    .after_none = scores.of(none, k),
                    .not_looked_at = first};
    add_effects(looked, scores, k, history.size(), one);
    sort_by(options.strongest, one.effects);
    out.push_back(std::move(one));
  }
  return out;
}

Explanation leave_one_out(const Engine& engine, const History& history,
                          events::ItemId item,
                          const LeaveOneOutOptions& options) {
  return leave_one_out(engine, history, {&item, 1}, options).front();
}

}  // namespace ensue::explain
