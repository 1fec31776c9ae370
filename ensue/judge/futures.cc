// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/futures.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"
#include "ensue/runtime/next_event.h"
#include "ensue/runtime/top_k.h"
#include "ensue/tasks/futures.h"

namespace ensue::judge {
namespace {

using artifact::kGapBuckets;
using events::Event, events::Log;
using runtime::Engine, runtime::NextEvent, runtime::State;

constexpr double kFloor = 1e-12;  // no probability costs more

double nats(double probability) {
  return -std::log(std::max(probability, kFloor));
}

// Cost of one whole second of the bucket.
double second_nats(double bucket_probability, std::size_t bucket) {
  const auto within = artifact::bucket_seconds(bucket);
  return nats(bucket_probability) +
         std::log(static_cast<double>(within.end - within.first));
}

std::size_t bucket_between(events::Millis from, events::Millis to) {
  return artifact::time_bucket(count(to) - count(from), kGapBuckets);
}

// Where the coming events of a question stand, those without an item left out.
std::vector<std::size_t> coming_places(const Log& log,
                                       const FuturesQuery& query, int steps) {
  const events::History history = log.history(query.user);
  std::vector<std::size_t> out;
  for (std::size_t i = query.history;
       i < history.size() && out.size() < static_cast<std::size_t>(steps);
       ++i) {
    if (history.items[i] != events::kNoItem) out.push_back(i);
  }
  return out;
}

std::vector<Event> coming_events(const Log& log, const FuturesQuery& query,
                                 int steps) {
  const events::History history = log.history(query.user);
  std::vector<Event> out;
  for (const std::size_t place : coming_places(log, query, steps)) {
    out.push_back(history[place]);
  }
  return out;
}

std::set<std::uint32_t> distinct(std::span<const std::uint32_t> items) {
  return {items.begin(), items.end()};
}

double share_found(std::span<const std::uint32_t> coming,
                   const std::set<std::uint32_t>& answer) {
  const auto wanted = distinct(coming);
  std::size_t found = 0;
  for (const std::uint32_t item : wanted) found += answer.count(item);
  return static_cast<double>(found) / static_cast<double>(wanted.size());
}

using Values = std::map<std::string, double>;

// One question; ids that the engine does not know stand behind its items.
class Judge {
 public:
  Judge(const Log& log, const Engine& engine, const FuturesOptions& options)
      : log_(log),
        engine_(engine),
        next_(NextEvent::of(engine)),
        translation_(log, engine),
        options_(options) {}

  Values operator()(const FuturesQuery& query) const {
    const auto past =
        translation_.translate(log_.history(query.user).first(query.history));
    const auto coming = coming_events(log_, query, options_.steps);
    Values out;
    const State state = engine_.encode(past.view());
    add_losses(state, query, out);
    add_recalls(state, past.view(), coming, out);
    return out;
  }

 private:
  events::Millis last_time(const FuturesQuery& query) const {
    return query.history == 0
               ? events::Millis{0}
               : log_.history(query.user).times[query.history - 1];
  }
  std::uint32_t place(const Event& event) const {
    const auto found = translation_.item(event.item);
    return found ? *found : static_cast<std::uint32_t>(engine_.items());
  }
  // The event in the engine's ids.
  Event translated(const Event& event) const {
    Event out = event;
    const auto item = translation_.item(event.item);
    out.item = item ? events::ItemId{*item} : events::kNoItem;
    out.action = translation_.action(event.action);
    return out;
  }
  double item_nats(std::vector<float>& logits, std::uint32_t item) const {
    if (item >= logits.size()) {
      return std::log(static_cast<double>(logits.size() + 1));
    }
    runtime::softmax(logits);
    return nats(logits[item]);
  }

  void add_losses(State state, const FuturesQuery& query, Values& out) const {
    const events::History history = log_.history(query.user);
    const auto places = coming_places(log_, query, options_.steps);
    const double share = 1 / static_cast<double>(places.size());
    events::Millis last = last_time(query);
    std::vector<float> items(engine_.items()), gaps(kGapBuckets);
    std::vector<events::Cell> context;
    for (const std::size_t at : places) {
      const Event event = history[at];
      const Event known = translated(event);
      engine_.score(state, items);
      out["item_logloss"] += share * item_nats(items, place(event));
      if (next_ != nullptr) {
        std::vector<float> actions(next_->actions());
        const auto action = events::index(known.action);
        const std::size_t gap = bucket_between(last, event.time);
        next_->actions(state, actions);
        next_->gaps(state, action, gaps);
        next_->items(state, action, gap, items);
        const double parts[] = {nats(actions[action]),
                                second_nats(gaps[gap], gap),
                                item_nats(items, place(event))};
        out["action_logloss"] += share * parts[0];
        out["time_logloss"] += share * parts[1];
        out["event_item_logloss"] += share * parts[2];
        out["logloss"] += share * (parts[0] + parts[1] + parts[2]);
        const auto best = std::max_element(actions.begin(), actions.end());
        out["action_accuracy"] +=
            share * (best - actions.begin() == static_cast<long>(action));
      }
      context.clear();
      translation_.translate(history.context.row(at), context);
      engine_.step(state, known, context);
      last = event.time;
    }
  }

  void add_recalls(const State& state, const events::History& past,
                   const std::vector<Event>& coming, Values& out) const {
    std::vector<std::uint32_t> wanted;
    for (const Event& event : coming) wanted.push_back(place(event));
    const auto futures = tasks::roll_out(engine_, past,
                                         {.steps = options_.steps,
                                          .samples = options_.samples,
                                          .seed = options_.seed});
    std::vector<std::vector<std::uint32_t>> drawn(futures.samples());
    std::vector<double> ends;
    for (std::size_t s = 0; s < futures.samples(); ++s) {
      for (std::size_t i = 0; i < futures.steps; ++i) {
        drawn[s].push_back(events::index(futures.at(s, i).item));
      }
      ends.push_back(
          static_cast<double>(count(futures.at(s, futures.steps - 1).time)));
    }
    out["set_recall"] = set_recall(wanted, drawn, options_.k);
    std::vector<float> scores(engine_.items());
    engine_.score(state, scores);
    std::set<std::uint32_t> top;
    for (const auto& best :
         runtime::top_k(scores, static_cast<std::size_t>(options_.k))) {
      top.insert(best.item);
    }
    out["top_recall"] = share_found(wanted, top);
    if (!futures.whole) return;
    std::sort(ends.begin(), ends.end());
    const auto quantile = [&ends](double q) {
      return ends[static_cast<std::size_t>(
          std::lround(q * static_cast<double>(ends.size() - 1)))];
    };
    const auto end = static_cast<double>(count(coming.back().time));
    out["time_inside"] = quantile(0.1) <= end && end <= quantile(0.9);
  }

  const Log& log_;
  const Engine& engine_;
  std::unique_ptr<const NextEvent> next_;
  runtime::Translation translation_;
  const FuturesOptions& options_;
};

void check(std::span<const FuturesQuery> queries,
           const FuturesOptions& options) {
  if (queries.empty()) invalid("futures: no question");
  if (options.k < 1 || options.steps < 1 || options.samples < 1) {
    invalid("futures: steps " + std::to_string(options.steps) + ", samples " +
            std::to_string(options.samples) + ", k " +
            std::to_string(options.k) + ", expected at least 1 each");
  }
}

std::map<std::string, metrics::Interval> means_of(
    const std::vector<Values>& users, const FuturesOptions& options) {
  std::map<std::string, metrics::Interval> out;
  for (const auto& [name, first] : users.front()) {
    std::vector<double> column;
    for (const Values& user : users) column.push_back(user.at(name));
    out[name] = metrics::bootstrap(column, options.bootstrap, options.seed);
  }
  return out;
}

// Counts of what follows what, each cell begun with a share of a count.
class Counts {
 public:
  Counts(const Log& log, const Split& split)
      : actions_(log.action_names().size()),
        next_(actions_ * actions_, 1),
        gaps_(actions_ * actions_ * kGapBuckets, 0.1) {
    for (std::uint32_t u = 0; u < log.users(); ++u) {
      const events::History history = log.history(events::UserId{u});
      const Range range = split.train[u];
      for (std::uint32_t i = range.begin + 1; i < range.end; ++i) {
        add(history[i - 1], history[i]);
      }
    }
  }
  double action_nats(const Event& a, const Event& b) const {
    return nats(share(next_, index(a.action), actions_, index(b.action)));
  }
  double time_nats(const Event& a, const Event& b) const {
    const std::size_t bucket = bucket_between(a.time, b.time);
    return second_nats(share(gaps_, pair(a, b), kGapBuckets, bucket), bucket);
  }

 private:
  static std::size_t index(events::ActionId action) {
    return events::index(action);
  }
  std::size_t pair(const Event& a, const Event& b) const {
    return index(a.action) * actions_ + index(b.action);
  }
  void add(const Event& a, const Event& b) {
    ++next_[pair(a, b)];
    ++gaps_[pair(a, b) * kGapBuckets + bucket_between(a.time, b.time)];
  }
  static double share(const std::vector<double>& counts, std::size_t row,
                      std::size_t width, std::size_t at) {
    double all = 0;
    for (std::size_t i = 0; i < width; ++i) all += counts[row * width + i];
    return counts[row * width + at] / all;
  }
  std::size_t actions_;
  std::vector<double> next_, gaps_;
};

}  // namespace

std::vector<FuturesQuery> futures_queries(const Log& log,
                                          std::span<const Query> queries,
                                          int steps, std::uint64_t seed) {
  std::vector<FuturesQuery> out, possible;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const FuturesQuery asked{queries[i].user, queries[i].history};
    if (asked.history > 0 && coming_events(log, asked, steps).size() ==
                                 static_cast<std::size_t>(steps)) {
      possible.push_back(asked);
    }
    const bool last =
        i + 1 == queries.size() || queries[i + 1].user != asked.user;
    if (!last || possible.empty()) continue;
    Rng rng(seed, events::index(asked.user));
    out.push_back(possible[rng.below(possible.size())]);
    possible.clear();
  }
  return out;
}

FuturesEvaluation evaluate_futures(const Log& log,
                                   std::span<const FuturesQuery> queries,
                                   const Engine& engine,
                                   const FuturesOptions& options) {
  check(queries, options);
  const Judge judge(log, engine, options);
  std::vector<Values> users(queries.size());
  parallel_for(queries.size(), 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) users[i] = judge(queries[i]);
  });
  return {queries.size(), means_of(users, options)};
}

double set_recall(std::span<const std::uint32_t> coming,
                  std::span<const std::vector<std::uint32_t>> futures, int k) {
  std::map<std::uint32_t, std::size_t> counts;
  for (const auto& future : futures) {
    for (const std::uint32_t item : distinct(future)) ++counts[item];
  }
  std::vector<std::pair<std::uint32_t, std::size_t>> order(counts.begin(),
                                                           counts.end());
  std::stable_sort(
      order.begin(), order.end(),
      [](const auto& a, const auto& b) { return a.second > b.second; });
  std::set<std::uint32_t> answer;
  for (const auto& [item, times] : order) {
    if (answer.size() == static_cast<std::size_t>(k)) break;
    answer.insert(item);
  }
  return share_found(coming, answer);
}

std::map<std::string, metrics::Interval> count_futures(
    const Log& log, const Split& split, std::span<const FuturesQuery> queries,
    const FuturesOptions& options) {
  check(queries, options);
  const Counts counts(log, split);
  std::vector<Values> users;
  for (const FuturesQuery& query : queries) {
    const auto coming = coming_events(log, query, options.steps);
    const double share = 1 / static_cast<double>(coming.size());
    Event last = log.history(query.user)[query.history - 1];
    Values out;
    for (const Event& event : coming) {
      out["action_logloss"] += share * counts.action_nats(last, event);
      out["time_logloss"] += share * counts.time_nats(last, event);
      last = event;
    }
    users.push_back(std::move(out));
  }
  return means_of(users, options);
}

}  // namespace ensue::judge
