// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/anomaly.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"
#include "ensue/runtime/anomaly.h"

namespace ensue::classic {
namespace {

using events::History;
using events::Millis;

constexpr std::size_t kFewest = 20, kTailPoints = 2000;

// Log-probabilities of the rows of a table of counts, one more each.
std::vector<double> log_rates(std::vector<double> counts, std::size_t width) {
  for (std::size_t begin = 0; begin < counts.size(); begin += width) {
    double sum = 0;
    for (std::size_t i = begin; i < begin + width; ++i) sum += counts[i] += 1;
    for (std::size_t i = begin; i < begin + width; ++i) {
      counts[i] = std::log(counts[i] / sum);
    }
  }
  return counts;
}

struct Rates {
  std::vector<double> action, gap, item;
  std::size_t actions;
  bool clock;

  Rates(const events::Log& log, std::span<const History> histories)
      : actions(log.action_names().size()), clock(log.schema().has_clock) {
    std::vector<double> a((actions + 1) * actions),
        g(actions * runtime::kGapBins), i(log.items());
    for (const History& h : histories) {
      std::size_t before = actions;
      for (std::size_t e = 0; e < h.size(); ++e) {
        const std::size_t now = events::index(h.actions[e]);
        a[before * actions + now] += 1;
        if (e > 0) {
          g[before * runtime::kGapBins +
            runtime::gap_bin(events::count(h.times[e]) -
                             events::count(h.times[e - 1]))] += 1;
        }
        if (h.items[e] != events::kNoItem) i[events::index(h.items[e])] += 1;
        before = now;
      }
    }
    action = log_rates(std::move(a), actions);
    gap = log_rates(std::move(g), runtime::kGapBins);
    item = log_rates(std::move(i), log.items());
  }
  runtime::EventRates view() const {
    return {actions, action, gap, item, clock};
  }
};

struct Customer {
  std::vector<double> row;
  double events;
};

double quantile(const std::vector<double>& sorted, double at) {
  const double place = at * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  const double share = place - static_cast<double>(low);
  return sorted[low] + share * (sorted[high] - sorted[low]);
}

// 10 %, 50 %, 90 % of a column; where nine tenths are the same on one side, its
// standard deviation takes the place of the distance.
void add_quantiles(std::vector<double> values, std::vector<double>& out) {
  if (values.empty()) {
    out.insert(out.end(), {0, 0, 0});
    return;
  }
  std::ranges::sort(values);
  double mean = 0, square = 0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  for (const double v : values) square += (v - mean) * (v - mean);
  const double deviation =
      1.28 * std::sqrt(square / static_cast<double>(values.size()));
  const double middle = quantile(values, 0.5);
  double low = quantile(values, 0.1), high = quantile(values, 0.9);
  if (!(middle > low)) low = middle - deviation;
  if (!(high > middle)) high = middle + deviation;
  out.insert(out.end(), {low, middle, high});
}

// Classes by number of events, each of `least` customers or more.
struct Classes {
  std::vector<double> from, quantiles;

  Classes(std::vector<const Customer*> all, std::size_t least) {
    std::ranges::stable_sort(all, {},
                             [](const Customer* c) { return c->events; });
    std::size_t begin = 0;
    while (begin < all.size()) {
      std::size_t end = std::min(all.size(), begin + least);
      // Twice as many events are another class, and equal ones the same.
      while (end < all.size() && (all[end]->events < 2 * all[begin]->events ||
                                  all[end]->events == all[end - 1]->events)) {
        ++end;
      }
      if (all.size() - end < least) end = all.size();
      from.push_back(all[begin]->events);
      add(std::span(all).subspan(begin, end - begin));
      begin = end;
    }
  }

  std::span<const double> of(double events, std::size_t columns) const {
    const auto next = std::ranges::upper_bound(from, events);
    const auto at = next == from.begin()
                        ? 0
                        : static_cast<std::size_t>(next - from.begin() - 1);
    return std::span(quantiles).subspan(at * columns * 3, columns * 3);
  }

 private:
  void add(std::span<const Customer* const> members) {
    for (std::size_t c = 0; c < members[0]->row.size(); ++c) {
      std::vector<double> values;
      for (const Customer* one : members) {
        if (!std::isnan(one->row[c])) values.push_back(one->row[c]);
      }
      add_quantiles(std::move(values), quantiles);
    }
  }
};

std::vector<History> histories_until(const events::Log& log, Millis until) {
  std::vector<History> out;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const History all = log.history(events::UserId{u});
    const auto kept = static_cast<std::size_t>(
        std::ranges::lower_bound(all.times, until) - all.times.begin());
    if (kept > 0) out.push_back(all.first(kept));
  }
  return out;
}

std::vector<Customer> measured(const runtime::Behaviour& behaviour,
                               const runtime::EventRates& rates,
                               std::span<const History> histories,
                               Millis until) {
  std::vector<Customer> out(histories.size());
  parallel_for(out.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t u = begin; u < end; ++u) {
      out[u] = {runtime::anomaly_row(behaviour, rates, histories[u], until),
                static_cast<double>(histories[u].size())};
    }
  });
  return out;
}

std::vector<double> tail_of(std::span<const Customer* const> half,
                            const Classes& classes) {
  std::vector<double> all;
  for (const Customer* one : half) {
    all.push_back(runtime::oddness_of(
        one->row, classes.of(one->events, one->row.size()), nullptr));
  }
  std::ranges::sort(all);
  if (all.size() <= kTailPoints) return all;
  std::vector<double> out;
  for (std::size_t i = 0; i < kTailPoints; ++i) {
    out.push_back(quantile(all, (static_cast<double>(i) + 0.5) / kTailPoints));
  }
  return out;
}

void add_doubles(artifact::Draft& draft, const std::string& name,
                 const std::vector<double>& values) {
  draft.add<double>(name, {static_cast<std::int64_t>(values.size())}, values);
}

}  // namespace

artifact::Draft fit_anomaly(const events::Log& log, Millis until,
                            const AnomalyOptions& options) {
  const auto histories = histories_until(log, until);
  if (histories.size() < kFewest || options.least_customers < 1) {
    invalid("anomaly: " + std::to_string(histories.size()) +
            " customers with events, expected " + std::to_string(kFewest) +
            " at least");
  }
  const Rates rates(log, histories);
  const runtime::Behaviour behaviour(log.action_names(), log.schema().has_clock,
                                     options.buying);
  const auto customers = measured(behaviour, rates.view(), histories, until);
  std::vector<const Customer*> halves[2];
  Rng rng(options.seed);
  for (const Customer& one : customers) halves[rng.below(2)].push_back(&one);
  if (halves[0].empty() || halves[1].empty()) {
    invalid("anomaly: all customers fell into one half; use another seed");
  }
  const Classes classes(halves[0],
                        static_cast<std::size_t>(options.least_customers));

  artifact::Description about;
  about.model.name = "anomaly";
  about.schema = log.schema();
  about.items = log.item_names();
  about.actions = log.action_names();
  about.training = write_fields(options);
  about.data = {{"until_ms", events::count(until)},
                {"customers", customers.size()}};
  artifact::Draft out(std::move(about));
  add_doubles(out, "action_rates", rates.action);
  add_doubles(out, "gap_rates", rates.gap);
  add_doubles(out, "item_rates", rates.item);
  add_doubles(out, "class_from", classes.from);
  add_doubles(out, "column_quantiles", classes.quantiles);
  add_doubles(out, "tail", tail_of(halves[1], classes));
  return out;
}

}  // namespace ensue::classic
