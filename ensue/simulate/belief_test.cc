// SPDX-License-Identifier: Apache-2.0
// The filter against adding up every hidden path that could have made the
// same events: the shop's rules once more, as plainly as they can be said.
#include "ensue/simulate/internal/belief.h"

#include <gtest/gtest.h>

#include <functional>
#include <numeric>
#include <utility>
#include <vector>

namespace ensue::simulate {
namespace {

constexpr int kUntold = -2;

// Everything about a customer that decides what can happen next.
struct Moment {
  int day = -1, views = 0, thread = 0, bought = -1;
  int category[2] = {-1, -1};
  bool second_seen = false, refilling = false;
  std::uint32_t at[2] = {0, 0}, last = 0, refill_item = 0;
  ActionKind action = ActionKind::kView;
};

class EveryPath {
 public:
  EveryPath(const Shop& shop, const Person& person)
      : shop_(shop), items_(shop.catalogue()), person_(person) {}

  // Adds weight * P(events, then an event about item i) to out[i]. `told`: the
  // second category of each session, or kUntold.
  void add(std::span<const SimEvent> events, std::span<const int> told,
           double weight, std::vector<double>& out) const {
    walk(Moment{}, events, told, weight, out);
  }

 private:
  using Found = std::function<void(double p, const Moment&)>;

  void walk(const Moment& now, std::span<const SimEvent> events,
            std::span<const int> told, double weight,
            std::vector<double>& out) const {
    if (events.empty()) {
      each_next(now,
                [&](double p, const Moment& m) { out[m.last] += weight * p; });
      return;
    }
    const SimEvent& e = events[0];
    const int day = now.day;
    const bool fresh = day < 0 || now_session_ != e.session;
    each_next(now, [&](double p, const Moment& m) {
      if (p <= 0 || m.last != e.item || m.action != e.action) return;
      if ((m.day != day) != fresh) return;
      if (fresh && m.day != shop_.calendar().day_of(e.second)) return;
      const int second = told[e.session];
      if (fresh && !person_.bot && second != kUntold &&
          second != m.category[1]) {
        return;
      }
      const auto before = std::exchange(now_session_, e.session);
      walk(m, events.subspan(1), told, weight * p, out);
      now_session_ = before;
    });
  }

  void each_next(const Moment& m, const Found& found) const {
    if (m.day < 0) {
      for (int d = 0; d < shop_.calendar().days(); ++d) {
        sessions(m, d, shop_.signup(d), found);
      }
      return;
    }
    const double funnel = person_.bot ? 0 : deeper(m);
    if (funnel > 0) {
      Moment next = m;
      next.action = static_cast<ActionKind>(static_cast<int>(m.action) + 1);
      if (next.action == ActionKind::kPurchase &&
          shop_.cycle(items_.category(m.last)) > 0) {
        next.bought = m.day;
        next.refill_item = m.last;
      }
      found(funnel, next);
    }
    const int most = person_.bot ? kMostBotViews : kMostViews;
    double more = person_.bot ? kBotMore : shop_.options().more;
    if (m.views == most) more = 0;
    moves(m, (1 - funnel) * more, found);
    double away = (1 - funnel) * (1 - more);
    if (!person_.bot) away *= 1 - Shop::leave(person_.kind());
    for (int d = m.day + 1; d < shop_.calendar().days(); ++d) {
      const double p =
          person_.bot ? shop_.bot_visit(d) : shop_.visit(person_.kind(), d);
      sessions(m, d, away * p, found);
      away *= 1 - p;
    }
  }

  double deeper(const Moment& m) const {
    if (m.action == ActionKind::kPurchase) return 0;
    if (m.action == ActionKind::kCart) {
      return m.refilling ? kRefillBuy : shop_.buy(person_.kind(), m.day);
    }
    return m.refilling ? kRefillCart : Shop::cart(person_.kind());
  }

  void view(Moment m, int thread, std::uint32_t item, double p,
            const Found& found) const {
    m.thread = thread;
    if (thread == 1) m.second_seen = true;
    m.at[thread] = m.last = item;
    m.action = ActionKind::kView;
    const int c = items_.category(item);
    m.refilling = m.views == 0 && m.bought >= 0 && item == m.refill_item &&
                  shop_.refill_due(c, m.day - m.bought);
    ++m.views;
    found(p, m);
  }

  void anything(const Moment& m, double p, const Found& found) const {
    const int week = Calendar::week(m.day);
    for (std::uint32_t i = 0; i < items_.items(); ++i) {
      if (items_.available(i, week)) {
        view(m, 0, i, p / items_.available_items(week), found);
      }
    }
  }

  void enter(const Moment& m, int thread, double p, const Found& found) const {
    const int c = m.category[thread], week = Calendar::week(m.day);
    for (int s = 0; s < items_.styles(); ++s) {
      const int line = c * items_.styles() + s;
      double total = 0;
      for (auto i = items_.line_begin(line); i < items_.line_end(line); ++i) {
        if (items_.available(i, week)) total += items_.entry_weight(i);
      }
      const double style =
          shop_.styles(person_.taste, c)[static_cast<std::size_t>(s)];
      for (auto i = items_.line_begin(line); i < items_.line_end(line); ++i) {
        if (!items_.available(i, week)) continue;
        view(m, thread, i, p * style * items_.entry_weight(i) / total, found);
      }
    }
  }

  void moves(const Moment& m, double p, const Found& found) const {
    if (p <= 0) return;
    if (person_.bot) return anything(m, p, found);
    const double alternation =
        m.category[1] < 0 ? 0 : shop_.options().alternation;
    go(m, m.thread, p * (1 - alternation), found);
    if (alternation > 0) go(m, 1 - m.thread, p * alternation, found);
  }

  void go(const Moment& m, int thread, double p, const Found& found) const {
    const bool seen = thread == 0 || m.second_seen;
    const double wanders = seen ? shop_.options().wandering : 1;
    enter(m, thread, p * wanders, found);
    for (std::size_t s = 0; seen && s < kSteps.size(); ++s) {
      const auto item = items_.along(m.at[thread], static_cast<int>(s) + 1,
                                     Calendar::week(m.day));
      view(m, thread, item, p * (1 - wanders) * kSteps[s], found);
    }
  }

  void sessions(Moment m, int day, double p, const Found& found) const {
    if (p <= 0) return;
    m.day = day;
    m.views = m.thread = 0;
    m.second_seen = false;
    m.category[0] = m.category[1] = -1;
    if (person_.bot) return anything(m, p, found);
    double refill = 0;
    if (m.bought >= 0) {
      const int c = items_.category(m.refill_item);
      refill = shop_.refill(c, day - m.bought);
      missions(m, c, /*entering=*/false, p * refill, found);
    }
    const auto first = shop_.missions(person_.taste, Calendar::week(day));
    for (int c = 0; c < items_.categories(); ++c) {
      missions(m, c, /*entering=*/true,
               p * (1 - refill) * first[static_cast<std::size_t>(c)], found);
    }
  }

  void missions(Moment m, int first, bool entering, double p,
                const Found& found) const {
    if (p <= 0) return;
    const auto chance = shop_.missions(person_.taste, Calendar::week(m.day));
    const double pair = shop_.options().pair_sessions;
    m.category[0] = first;
    for (int c = -1; c < items_.categories(); ++c) {
      if (c == first) continue;
      m.category[1] = c;
      const double q = c < 0
                           ? 1 - pair
                           : pair * chance[static_cast<std::size_t>(c)] /
                                 (1 - chance[static_cast<std::size_t>(first)]);
      if (entering) {
        enter(m, 0, p * q, found);
      } else {
        view(m, 0, m.refill_item, p * q, found);
      }
    }
  }

  const Shop& shop_;
  const Catalogue& items_;
  Person person_;
  mutable std::uint32_t now_session_ = 0;
};

// Everybody the customer could be who signed up on that day, with the chance.
std::vector<std::pair<double, Person>> everybody(const Shop& shop, int signup) {
  const SimulateOptions& o = shop.options();
  const bool early = signup < shop.campaign().first;
  std::vector<std::pair<double, Person>> out;
  Person bot;
  bot.bot = true;
  out.emplace_back(o.bots, bot);
  for (int g = 0; g < o.tastes; ++g) {
    for (int s = 0; s < 4; ++s) {
      // Without treatment the response shows in nothing: it is one kind.
      const Segment& segment = kSegments[static_cast<std::size_t>(s)];
      const double share = early ? o.campaign_share : 0,
                   p = (1 - o.bots) / o.tastes * segment.share;
      Person person{.taste = g, .segment = s};
      out.emplace_back(p * (1 - share), person);
      person.treated = true;
      for (int r = 0; share > 0 && r < 3; ++r) {
        person.response = r;
        out.emplace_back(
            p * share * segment.response[static_cast<std::size_t>(r)], person);
      }
    }
  }
  return out;
}

void normalise(std::vector<double>& p) {
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& x : p) x /= sum;
}

// Small enough to enumerate, with everything in it: bots, late items, a
// promotion, the campaign from day 12, refills, lines of one and two items.
const Shop& tiny_shop() {
  static const Shop shop({.users = 150,
                          .items = 11,
                          .days = 21,
                          .seed = 5,
                          .tastes = 2,
                          .styles = 2,
                          .line_length = 2,
                          .visits = 4,
                          .pair_sessions = 0.6,
                          .alternation = 0.7,
                          .wandering = 0.2,
                          .more = 0.6,
                          .refill = 0.5,
                          .bots = 0.2,
                          .late_items = 0.5,
                          .arrivals_end = 1,
                          .promotions = 2});
  return shop;
}

constexpr std::size_t kLongest = 8;  // events enumerated

void expect_same(std::span<const double> filter, std::vector<double> paths,
                 std::uint32_t user, std::size_t history) {
  normalise(paths);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    ASSERT_NEAR(filter[i], paths[i], 1e-12)
        << "user " << user << " after " << history << " events, item " << i;
  }
}

TEST(Belief, EqualsTheSumOverEveryHiddenPathWhenItKnowsOnlyTheLog) {
  const Shop& shop = tiny_shop();
  const Outlook outlook(shop);
  Trace trace;
  std::size_t sessions = 0, compared = 0;
  for (std::uint32_t user = 0; user < 40; ++user) {
    simulate_customer(shop, user, trace);
    Belief belief(outlook);
    bool gap_seen = false;
    std::vector<double> p(shop.catalogue().items());
    const std::vector<int> told(trace.sessions.size(), kUntold);
    const std::size_t n = std::min(trace.events.size(), kLongest);
    for (std::size_t k = 0; k < n; ++k) {
      const SimEvent& e = trace.events[k];
      ASSERT_TRUE(belief.see(e.item, e.action, e.second));
      sessions = std::max<std::size_t>(sessions, e.session + 1);
      // A gap inside a session tells bots from people; paths have no gaps.
      gap_seen |= k > 0 && e.session == trace.events[k - 1].session;
      std::vector<double> paths(p.size(), 0);
      for (const auto& [chance, person] :
           everybody(shop, trace.sessions[0].day)) {
        if (gap_seen && person.bot != trace.person.bot) continue;
        EveryPath(shop, person)
            .add(std::span(trace.events).first(k + 1), told, chance, paths);
      }
      if (std::accumulate(paths.begin(), paths.end(), 0.0) <= 0) continue;
      belief.predict(p);
      expect_same(p, paths, user, k + 1);
      ++compared;
    }
  }
  EXPECT_GE(sessions, 3U);
  EXPECT_GT(compared, 100U);
}

TEST(Belief, EqualsTheSumOverEveryHiddenPathWhenItKnowsTheTruth) {
  const Shop& shop = tiny_shop();
  const Outlook outlook(shop);
  Trace trace;
  std::size_t compared = 0;
  for (std::uint32_t user = 0; user < 40; ++user) {
    simulate_customer(shop, user, trace);
    Belief belief(outlook, trace.person);
    std::vector<double> p(shop.catalogue().items());
    std::vector<int> told;
    for (const auto& s : trace.sessions) told.push_back(s.second_category);
    const std::size_t n = std::min(trace.events.size(), kLongest);
    for (std::size_t k = 0; k < n; ++k) {
      const SimEvent& e = trace.events[k];
      ASSERT_TRUE(belief.see(e.item, e.action, e.second));
      if (belief.session_began()) belief.tell_second_category(told[e.session]);
      std::vector<double> paths(p.size(), 0);
      EveryPath(shop, trace.person)
          .add(std::span(trace.events).first(k + 1), told, 1, paths);
      if (std::accumulate(paths.begin(), paths.end(), 0.0) <= 0) continue;
      belief.predict(p);
      expect_same(p, paths, user, k + 1);
      ++compared;
    }
  }
  EXPECT_GT(compared, 100U);
}

TEST(Belief, BeforeTheFirstEventItMixesOverEverybody) {
  const Shop& shop = tiny_shop();
  const Outlook outlook(shop);
  std::vector<double> p(shop.catalogue().items()), paths(p.size(), 0);
  Belief(outlook).predict(p);
  // Who is treated makes no difference before there is an event.
  for (const auto& [chance, person] : everybody(shop, /*signup=*/0)) {
    EveryPath(shop, person).add({}, {}, chance, paths);
  }
  expect_same(p, paths, 0, 0);
}

TEST(Belief, RefusesWhatCannotHappen) {
  const Shop& shop = tiny_shop();
  const Outlook outlook(shop);
  const std::int64_t noon = shop.calendar().midnight(3) + 12 * 3600;
  Belief cart_first(outlook);
  EXPECT_FALSE(cart_first.see(0, ActionKind::kCart, noon));
  Belief other_cart(outlook);
  EXPECT_TRUE(other_cart.see(0, ActionKind::kView, noon));
  EXPECT_FALSE(other_cart.see(4, ActionKind::kCart, noon + 20));
  Belief before(outlook);
  EXPECT_FALSE(before.see(0, ActionKind::kView, shop.calendar().midnight(-1)));
}

}  // namespace
}  // namespace ensue::simulate
