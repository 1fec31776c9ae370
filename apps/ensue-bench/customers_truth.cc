// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/customers_truth.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "ensue/base/threads.h"
#include "ensue/classic/table_fit.h"
#include "ensue/classic/uplift_contest.h"
#include "ensue/features/past.h"
#include "ensue/metrics/binary.h"
#include "ensue/runtime/behaviour.h"
#include "ensue/runtime/table_model.h"
#include "ensue/simulate/oracle.h"

namespace ensue::apps {
namespace {

using simulate::Shop;
using simulate::SimEvent;
using simulate::Trace;

constexpr int kHorizon = 45;

events::Vocabulary action_names() {
  const std::vector<std::string> names = {"view", "cart", "purchase"};
  return events::Vocabulary::from_names(std::span<const std::string>(names));
}

// A customer's events as a history.
struct Past {
  std::vector<events::ItemId> items;
  std::vector<events::ActionId> actions;
  std::vector<events::Millis> times;
  std::vector<float> values;

  explicit Past(std::span<const SimEvent> events) {
    for (const SimEvent& e : events) {
      items.push_back(events::ItemId{e.item});
      actions.push_back(static_cast<events::ActionId>(e.action));
      times.push_back(events::Millis{e.second * 1000});
      values.push_back(static_cast<float>(e.price_cents / 100.0));
    }
  }
  events::History view() const { return {items, actions, times, values, {}}; }
};

std::span<const SimEvent> before(const Shop& shop, const Trace& trace,
                                 int day) {
  const auto end = std::ranges::lower_bound(
      trace.events, shop.calendar().midnight(day), {}, &SimEvent::second);
  return {trace.events.begin(), end};
}

std::span<const SimEvent> between(const Shop& shop, const Trace& trace,
                                  int from, int to) {
  return before(shop, trace, to).subspan(before(shop, trace, from).size());
}

double count_of(std::span<const SimEvent> events, simulate::ActionKind action) {
  return static_cast<double>(
      std::ranges::count(events, action, &SimEvent::action));
}

double sessions_of(std::span<const SimEvent> events) {
  constexpr std::int64_t kSilence = features::kSessionGapMs / 1000;
  double out = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const bool first =
        i == 0 || events[i].second - events[i - 1].second > kSilence;
    out += first ? 1 : 0;
  }
  return out;
}

// A row per customer who has events before the day.
struct Known {
  events::Table rows;
  std::vector<std::uint32_t> users;
};

// What divides people: rates are drawn to their mean by ten events.
void add_ratios(events::Table& table) {
  const auto cells = [&](const char* name) {
    return std::get<std::vector<double>>(table.find(name)->cells);
  };
  const auto events = cells("events"), recency = cells("recency_days"),
             age = cells("age_days"), sessions = cells("sessions"),
             cart = cells("share_cart"), buy = cells("share_purchase");
  std::vector<double> silence, carts, buys;
  for (std::size_t i = 0; i < events.size(); ++i) {
    silence.push_back(recency[i] * sessions[i] / std::max(age[i], 7.0));
    const double views = events[i] * (1 - cart[i] - buy[i]);
    carts.push_back((events[i] * cart[i] + 1.2) / (views + 10));
    buys.push_back((events[i] * buy[i] + 1.2) / (events[i] * cart[i] + 3));
  }
  for (const char* name : {"recency_days", "age_days", "sessions",
                           "sessions_per_month", "events"}) {
    auto logs = cells(name);
    for (double& v : logs) v = std::log1p(v);
    table.columns.push_back({std::string("log_") + name, std::move(logs)});
  }
  table.columns.push_back({"silence", std::move(silence)});
  table.columns.push_back({"carts_per_view", std::move(carts)});
  table.columns.push_back({"purchases_per_cart", std::move(buys)});
}

template <class Take>
Known known_before(const Shop& shop, int day, const Take& take) {
  const runtime::Behaviour behaviour(action_names(), /*clock=*/true);
  const auto users = static_cast<std::size_t>(shop.options().users);
  const std::size_t width = behaviour.names().size();
  std::vector<double> all(users * width);
  std::vector<std::uint8_t> kept(users, 0);
  parallel_for(users, 256, [&](std::size_t begin, std::size_t end) {
    Trace trace;
    for (std::size_t u = begin; u < end; ++u) {
      simulate_customer(shop, static_cast<std::uint32_t>(u), trace);
      const auto events = before(shop, trace, day);
      if (events.empty() || !take(trace)) continue;
      kept[u] = 1;
      behaviour.measure(Past(events).view(),
                        events::Millis{shop.calendar().midnight(day) * 1000},
                        std::span(all).subspan(u * width, width));
    }
  });
  Known out;
  for (std::uint32_t u = 0; u < users; ++u) {
    if (kept[u] != 0) out.users.push_back(u);
  }
  for (std::size_t c = 0; c < width; ++c) {
    std::vector<double> column;
    for (const auto u : out.users) column.push_back(all[u * width + c]);
    out.rows.columns.push_back({behaviour.names()[c], std::move(column)});
  }
  add_ratios(out.rows);
  return out;
}

// Of each customer, in parallel.
template <class Of>
std::vector<double> each(const Shop& shop, std::span<const std::uint32_t> users,
                         const Of& of) {
  std::vector<double> out(users.size());
  parallel_for(users.size(), 256, [&](std::size_t begin, std::size_t end) {
    Trace trace;
    for (std::size_t i = begin; i < end; ++i) {
      simulate_customer(shop, users[i], trace);
      out[i] = of(trace);
    }
  });
  return out;
}

struct Cut {
  Known known;
  std::vector<double> active;
};

Cut cut_at(const Shop& shop, int day) {
  Cut out{known_before(shop, day, [](const Trace&) { return true; }), {}};
  out.active = each(shop, out.known.users, [&](const Trace& trace) {
    return before(shop, trace, day + kHorizon).size() >
                   before(shop, trace, day).size()
               ? 1.0
               : 0.0;
  });
  return out;
}

void append(Cut& to, const Cut& from) {
  for (std::size_t c = 0; c < to.known.rows.columns.size(); ++c) {
    auto& cells = std::get<std::vector<double>>(to.known.rows.columns[c].cells);
    const auto& more =
        std::get<std::vector<double>>(from.known.rows.columns[c].cells);
    cells.insert(cells.end(), more.begin(), more.end());
  }
  to.active.insert(to.active.end(), from.active.begin(), from.active.end());
}

// Mean height over random of the curve of true effects, best first; customers
// of one score are addressed evenly, as metrics::qini() has it.
double height(const std::vector<double>& scores,
              const std::vector<double>& effects) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return scores[a] > scores[b];
  });
  const auto n = static_cast<double>(order.size());
  double gained = 0, area = 0;
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    double sum = 0;
    while (end < order.size() && scores[order[end]] == scores[order[i]]) {
      sum += effects[order[end++]];
    }
    area += (gained + sum / 2) * static_cast<double>(end - i);
    gained += sum;
    i = end;
  }
  return (area / n - gained / 2) / n;
}

}  // namespace

ChurnFigures judge_churn(const Shop& shop) {
  const int last = shop.calendar().days() - kHorizon;
  // The campaign changes visits; its days are no answers.
  Cut train = cut_at(shop, shop.campaign().first - kHorizon);
  append(train, cut_at(shop, shop.campaign().last));
  const Cut validation = cut_at(shop, last - kHorizon),
            test = cut_at(shop, last);
  classic::TableFitOptions options;
  options.depth = 5;
  const runtime::TableModel model(artifact::Artifact::from_bytes(
      classic::fit_table(train.known.rows, {.values = train.active},
                         validation.known.rows, {.values = validation.active},
                         options)
          .bytes(),
      "churn"));
  const simulate::Oracle oracle(shop);
  const auto best = each(shop, test.known.users, [&](const Trace& trace) {
    return oracle.standing(before(shop, trace, last), last, kHorizon).active;
  });
  auto recency = std::get<std::vector<double>>(
      test.known.rows.find("recency_days")->cells);
  for (double& days : recency) days = -days;
  return {.auc = metrics::auc(model.predict(test.known.rows), test.active),
          .best_auc = metrics::auc(best, test.active),
          .recency_auc = metrics::auc(recency, test.active),
          .customers = test.active.size()};
}

UpliftFigures judge_uplift(const Shop& shop) {
  const auto [first, last] = shop.campaign();
  const Known all = known_before(
      shop, first, [](const Trace& trace) { return trace.person.in_campaign; });
  classic::CampaignRows campaign{all.rows, {}, {}, {}};
  const auto in_campaign = [&](const auto& of) {
    return each(shop, all.users, [&, f = first, l = last](const Trace& trace) {
      return of(between(shop, trace, f, l));
    });
  };
  using simulate::ActionKind;
  const auto counted = [&](ActionKind action) {
    return in_campaign([action](std::span<const SimEvent> events) {
      return count_of(events, action);
    });
  };
  const auto purchases = counted(ActionKind::kPurchase);
  for (const double n : purchases) campaign.outcome.push_back(n > 0 ? 1 : 0);
  campaign.others = {in_campaign(sessions_of), counted(ActionKind::kCart),
                     purchases};
  for (const double treated : each(shop, all.users, [](const Trace& trace) {
         return trace.person.treated ? 1.0 : 0.0;
       })) {
    campaign.treated.push_back(treated > 0 ? 1 : 0);
  }
  std::vector<std::size_t> learnt, asked;
  for (std::size_t i = 0; i < campaign.size(); ++i) {
    (i % 2 == 0 ? learnt : asked).push_back(i);
  }
  const auto contest =
      classic::hold_uplift_contest(campaign.at(learnt), campaign.at(asked));
  for (const auto& one : contest.learners) {
    std::printf("  %-14s qini %.5f by folds%s\n", one.name.c_str(),
                one.folds.mean, one.in_mean ? ", in the mean" : "");
  }
  const auto& scores = contest.test_effects;
  std::vector<std::uint32_t> users;
  for (const std::size_t i : asked) users.push_back(all.users[i]);
  const simulate::Oracle oracle(shop);
  const auto effects = each(shop, users, [&](const Trace& trace) {
    return oracle.true_effect(trace);
  });
  const auto best = each(shop, users, [&, f = first](const Trace& trace) {
    return oracle.standing(before(shop, trace, f), f, kHorizon).effect;
  });
  return {.height = height(scores, effects),
          .best_height = height(best, effects),
          .customers = users.size()};
}

}  // namespace ensue::apps
