// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/next_action.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/threads.h"
#include "ensue/metrics/classes.h"
#include "ensue/runtime/next_event.h"
#include "ensue/tasks/next_action.h"

namespace ensue::judge {
namespace {

using events::Log, events::History;

constexpr double kDaySeconds = 86400;
constexpr std::size_t kGrain = 16;  // questions that a thread takes at once

double seconds_between(events::Millis from, events::Millis to) {
  return static_cast<double>(count(to) - count(from)) / 1000;
}

std::size_t gap_bucket(events::Millis from, events::Millis to) {
  return artifact::time_bucket(count(to) - count(from), artifact::kGapBuckets);
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle =
      values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Ids of an engine in terms of a log, and the other way round.
class Names {
 public:
  Names(const runtime::Engine& engine, const Log& log)
      : to_engine_(log, engine) {
    const artifact::Description& about = engine.artifact().description();
    for (std::size_t i = 0; i < about.items.size(); ++i) {
      items_.push_back(
          log.item_names().find(about.items.name(i)).value_or(UINT32_MAX));
    }
    for (std::size_t a = 0; a < about.actions.size(); ++a) {
      actions_.push_back(
          log.action_names().find(about.actions.name(a)).value_or(UINT32_MAX));
    }
  }
  runtime::State state(const runtime::Engine& engine,
                       const History& past) const {
    return engine.encode(to_engine_.translate(past).view());
  }
  std::uint32_t item(std::uint32_t id) const { return items_[id]; }
  std::uint32_t action(std::uint32_t id) const { return actions_[id]; }

 private:
  runtime::Translation to_engine_;
  std::vector<std::uint32_t> items_, actions_;
};

struct Truth {
  Query query;
  std::size_t event;  // of the user's history
};

// Of each question the first target with an item.
std::vector<Truth> find_truths(const Log& log, std::span<const Query> queries) {
  std::vector<Truth> out;
  for (const Query& query : queries) {
    if (query.history == 0) continue;
    const History all = log.history(query.user);
    for (std::size_t i = query.targets.begin; i < query.targets.end; ++i) {
      if (all.items[i] == events::kNoItem) continue;
      out.push_back({query, i});
      break;
    }
  }
  return out;
}

std::vector<Truth> asked(const Log& log, std::span<const Query> queries) {
  std::vector<Truth> out = find_truths(log, queries);
  if (out.empty()) invalid("next_action: no question with a history");
  return out;
}

// Of each action of the log; none: the engine does not know it.
std::vector<std::optional<std::uint32_t>> engine_actions(
    const Log& log, const runtime::Engine& engine) {
  const auto& known = engine.artifact().description().actions;
  std::vector<std::optional<std::uint32_t>> out;
  for (std::size_t a = 0; a < log.action_names().size(); ++a) {
    out.push_back(known.find(log.action_names().name(a)));
  }
  return out;
}

void to_shares(std::vector<std::vector<double>>& counts) {
  for (auto& row : counts) {
    double all = 0;
    for (const double count : row) all += count;
    for (double& count : row) count /= all;
  }
}

// Probabilities of what came, a question each.
struct OfTruth {
  std::vector<double> head, counted;

  explicit OfTruth(std::size_t questions)
      : head(questions), counted(questions) {}

  double loss(double share) const {
    constexpr double kLeast = 1e-12;
    double out = 0;
    for (std::size_t i = 0; i < head.size(); ++i) {
      const double p = (1 - share) * head[i] + share * counted[i];
      out -= std::log(std::max(kLeast, p)) / static_cast<double>(head.size());
    }
    return out;
  }

  double best_share() const {
    constexpr int kSteps = 20;
    int best = 0;
    for (int step = 1; step <= kSteps; ++step) {
      if (loss(double(step) / kSteps) < loss(double(best) / kSteps)) {
        best = step;
      }
    }
    return double(best) / kSteps;
  }
};

}  // namespace

NextGuesser engine_guesser(std::shared_ptr<const runtime::Engine> engine,
                           const Log& log, std::size_t k, bool blended) {
  const auto names = std::make_shared<const Names>(*engine, log);
  const auto head =
      std::make_shared<const tasks::NextActions>(*engine, blended);
  const std::size_t actions = log.action_names().size();
  return [engine, names, head, actions, k](const History& past) {
    const tasks::NextAction said =
        head->answer(names->state(*engine, past), {.items = k, .actions = 1});
    NextGuess out{std::vector<double>(actions), said.days[1] * kDaySeconds, {}};
    for (const auto& action : said.actions) {
      const std::uint32_t id = names->action(action.id);
      if (id < actions) out.actions[id] += action.probability;
    }
    for (const auto& item : said.actions[0].items) {
      out.items.push_back(names->item(item.id));
    }
    return out;
  };
}

NextGuesser counting_guesser(const Log& log, const Split& split,
                             std::shared_ptr<const runtime::Engine> engine,
                             std::size_t k) {
  const std::size_t actions = log.action_names().size();
  std::vector<std::vector<double>> shares(actions,
                                          std::vector<double>(actions, 1)),
      times(actions);
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const History all = log.history(events::UserId{u});
    const Range range = split.train[u];
    for (std::size_t i = range.begin + 1; i < range.end; ++i) {
      const std::size_t last = events::index(all.actions[i - 1]);
      ++shares[last][events::index(all.actions[i])];
      times[last].push_back(seconds_between(all.times[i - 1], all.times[i]));
    }
  }
  to_shares(shares);
  std::vector<double> medians;
  for (auto& behind : times) medians.push_back(median(std::move(behind)));
  const auto names =
      engine == nullptr ? nullptr : std::make_shared<const Names>(*engine, log);
  return [shares, medians, engine, names, k](const History& past) {
    const std::size_t last = events::index(past.actions.back());
    NextGuess out{shares[last], medians[last], {}};
    if (engine == nullptr) return out;
    for (const auto& best : engine->top(names->state(*engine, past), k)) {
      out.items.push_back(names->item(best.item));
    }
    return out;
  };
}

artifact::ActionCounts count_actions(const Log& log, const Split& split,
                                     const runtime::Engine& engine) {
  constexpr double kFirst = 1, kFirstGap = 0.1;
  const std::size_t actions = engine.artifact().description().actions.size();
  const auto id = engine_actions(log, engine);
  artifact::ActionCounts out;
  out.actions.assign(actions, std::vector<double>(actions, kFirst));
  out.gaps.assign(actions,
                  std::vector<double>(artifact::kGapBuckets, kFirstGap));
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const History all = log.history(events::UserId{u});
    const Range range = split.train[u];
    for (std::size_t i = range.begin + 1; i < range.end; ++i) {
      const auto last = id[events::index(all.actions[i - 1])],
                 next = id[events::index(all.actions[i])];
      if (!last || !next) continue;
      ++out.actions[*last][*next];
      ++out.gaps[*last][gap_bucket(all.times[i - 1], all.times[i])];
    }
  }
  to_shares(out.actions);
  to_shares(out.gaps);
  return out;
}

CountsWeighed weigh_counts(const Log& log, std::span<const Query> queries,
                           const runtime::Engine& engine,
                           artifact::ActionCounts& counts) {
  const auto head = runtime::NextEvent::of(engine, /*blended=*/false);
  if (head == nullptr) invalid("next_action: the model predicts items alone");
  const Names names(engine, log);
  const auto id = engine_actions(log, engine);
  std::vector<Truth> truths = find_truths(log, queries);
  std::erase_if(truths, [&](const Truth& truth) {
    const auto came = log.history(truth.query.user).actions[truth.event];
    return !id[events::index(came)];
  });
  OfTruth action(truths.size()), gap(truths.size());
  parallel_for(truths.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    std::vector<float> actions(head->actions()), gaps(artifact::kGapBuckets);
    for (std::size_t i = begin; i < end; ++i) {
      const History all = log.history(truths[i].query.user);
      const History past = all.first(truths[i].query.history);
      const events::Event came = all[truths[i].event];
      const auto state = names.state(engine, past);
      const std::uint32_t is = *id[events::index(came.action)];
      const std::size_t bucket = gap_bucket(past.times.back(), came.time);
      head->actions(state, actions);
      head->gaps(state, is, gaps);
      action.head[i] = action.counted[i] = actions[is];
      gap.head[i] = gap.counted[i] = gaps[bucket];
      if (state.events() == 0) continue;  // nothing to count from
      const std::size_t last = events::index(state.last_action());
      action.counted[i] = counts.actions[last][is];
      gap.counted[i] = counts.gaps[last][bucket];
    }
  });
  CountsWeighed out{.questions = truths.size()};
  if (truths.empty()) return out;
  out.share = counts.share = action.best_share();
  out.gap_share = counts.gap_share = gap.best_share();
  out.head = action.loss(0);
  out.counted = action.loss(1);
  out.blend = action.loss(counts.share);
  out.head_gap = gap.loss(0);
  out.counted_gap = gap.loss(1);
  out.blend_gap = gap.loss(counts.gap_share);
  return out;
}

NextActionEvaluation evaluate_next_action(const Log& log,
                                          std::span<const Query> queries,
                                          const NextGuesser& guesser) {
  const std::vector<Truth> truths = asked(log, queries);
  const std::size_t actions = log.action_names().size();
  std::vector<double> shares(truths.size() * actions), off(truths.size()),
      hits(truths.size());
  std::vector<std::uint32_t> truth(truths.size());
  parallel_for(truths.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const History all = log.history(truths[i].query.user);
      const History past = all.first(truths[i].query.history);
      const events::Event came = all[truths[i].event];
      const NextGuess said = guesser(past);
      std::ranges::copy(
          said.actions,
          shares.begin() + static_cast<std::ptrdiff_t>(i * actions));
      truth[i] = events::index(came.action);
      const double seconds = seconds_between(past.times.back(), came.time);
      off[i] = std::abs(std::log1p(said.seconds) - std::log1p(seconds));
      hits[i] = std::ranges::count(said.items, events::index(came.item)) > 0;
    }
  });
  const auto named = metrics::most_probable(shares, actions);
  double found = 0;
  for (const double hit : hits) found += hit;
  return {truths.size(),
          {{"accuracy", metrics::class_accuracy(named, truth)},
           {"macro_f1", metrics::macro_f1(named, truth)},
           {"logloss", metrics::class_logloss(shares, actions, truth)},
           {"time_error", median(off)},
           {"hit", found / static_cast<double>(truths.size())}}};
}

}  // namespace ensue::judge
