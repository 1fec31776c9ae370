// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/customer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace ensue::simulate {
namespace {

constexpr double kSearches = 0.4;  // share of line entries that were searched

int draw_index(std::span<const double> shares, Rng& rng) {
  double u = rng.uniform();
  std::size_t at = 0;
  while (at + 1 < shares.size() && u >= shares[at]) u -= shares[at++];
  return static_cast<int>(at);
}

int draw_signup(const Shop& shop, Rng& rng) {
  const int days = shop.calendar().days(), opening = std::max(1, days / 10);
  const int range = rng.chance(0.5) ? opening : days;
  return static_cast<int>(rng.below(static_cast<std::uint64_t>(range)));
}

Person draw_person(const Shop& shop, Rng& rng) {
  const SimulateOptions& options = shop.options();
  std::array<double, kSegments.size()> shares{};
  for (std::size_t s = 0; s < shares.size(); ++s)
    shares[s] = kSegments[s].share;
  Person out;
  out.bot = rng.chance(options.bots);
  out.taste = static_cast<int>(rng.below(std::uint64_t(options.tastes)));
  out.segment = draw_index(shares, rng);
  out.response = draw_index(
      kSegments[static_cast<std::size_t>(out.segment)].response, rng);
  out.signup = draw_signup(shop, rng);
  out.in_campaign = !out.bot && out.signup < shop.campaign().first;
  out.treated = out.in_campaign && rng.chance(options.campaign_share);
  out.region = static_cast<int>(rng.below(std::size(kRegions)));
  return out;
}

// Seconds somebody looks at an item: longer at dear ones.
int draw_dwell(std::uint32_t price_cents, Rng& rng) {
  const double level = 2.2 + 0.12 * std::log(price_cents);
  return std::clamp(static_cast<int>(std::exp(level + 0.5 * rng.normal())),
                    kBotGap + 1, kLongestGap - 10);
}

class Life {
 public:
  Life(const Shop& shop, std::uint32_t user, Trace& out)
      : shop_(shop),
        items_(shop.catalogue()),
        rng_(shop.options().seed, user),
        out_(out) {
    out_.events.clear();
    out_.sessions.clear();
    out_.left = false;
    out_.person = draw_person(shop, rng_);
    kind_ = out_.person.kind();
  }

  /// After `kept` events chance begins anew.
  void branch(std::size_t kept, std::uint64_t seed) {
    kept_ = kept;
    branch_ = Rng(seed, static_cast<std::uint64_t>(kept));
    if (kept == 0) rng_ = branch_;
  }

  void run() {
    const bool bot = out_.person.bot;
    for (int day = out_.person.signup; day < shop_.calendar().days(); ++day) {
      const double p = bot ? shop_.bot_visit(day) : shop_.visit(kind_, day);
      if (day > out_.person.signup && !rng_.chance(p)) continue;
      open(day);
      if (bot) {
        bot_session();
      } else {
        session();
        out_.left = rng_.chance(Shop::leave(kind_));
      }
      if (out_.left) break;
    }
  }

 private:
  // Sessions begin between 7:00 and 22:00, most of them around 14:30.
  void open(int day) {
    day_ = day;
    week_ = Calendar::week(day);
    now_ = shop_.calendar().midnight(day) + 7 * 3600 +
           static_cast<std::int64_t>(27000 * (rng_.uniform() + rng_.uniform()));
  }

  void add(ActionKind action, std::uint32_t item, int dwell, int query) {
    const double full = items_.price_cents(item);
    const double off = shop_.discount(items_.category(item), week_);
    out_.events.push_back(
        {now_, item, static_cast<std::uint32_t>(std::lround(full * (1 - off))),
         static_cast<std::uint32_t>(out_.sessions.size() - 1),
         static_cast<std::uint16_t>(dwell), action,
         static_cast<std::uint8_t>(query)});
    if (out_.events.size() == kept_) rng_ = branch_;
  }

  void bot_session() {
    out_.sessions.push_back({day_, -1, -1, false});
    int views = 0;
    do {
      const int gap = 1 + static_cast<int>(rng_.below(kBotGap));
      add(ActionKind::kView, items_.draw_any(week_, rng_), gap, 0);
      now_ += gap;
    } while (++views < kMostBotViews && rng_.chance(kBotMore));
  }

  void session() {
    begin();
    int views = 0;
    while (true) {
      view(views == 0);
      if (++views == kMostViews || !rng_.chance(shop_.options().more)) break;
      move();
    }
  }

  void begin() {
    const int due = bought_ < 0 ? -1 : items_.category(refill_item());
    const bool refill =
        due >= 0 && rng_.chance(shop_.refill(due, day_ - bought_));
    const int first =
        refill ? due : shop_.draw_mission(out_.person.taste, week_, rng_);
    int second = -1;
    if (rng_.chance(shop_.options().pair_sessions)) {
      do {
        second = shop_.draw_mission(out_.person.taste, week_, rng_);
      } while (second == first);
    }
    out_.sessions.push_back({day_, first, second, refill});
    category_[0] = first;
    category_[1] = second;
    seen_[1] = false;
    thread_ = 0;
    if (refill) {
      at_[0] = refill_item();
      entered_ = false;
    } else {
      enter();
    }
    seen_[0] = true;
  }

  std::uint32_t refill_item() const { return refill_item_; }

  // Goes to a product line of the thread's category, as taste has it.
  void enter() {
    const int c = category_[thread_];
    const int style = shop_.draw_style(out_.person.taste, c, rng_);
    at_[thread_] = items_.draw_entry(c * items_.styles() + style, week_, rng_);
    seen_[thread_] = entered_ = true;
  }

  void move() {
    if (category_[1] >= 0 && rng_.chance(shop_.options().alternation)) {
      thread_ = 1 - thread_;
    }
    if (!seen_[thread_] || rng_.chance(shop_.options().wandering)) {
      enter();
      return;
    }
    const int steps = 1 + draw_index(kSteps, rng_);
    at_[thread_] = items_.along(at_[thread_], steps, week_);
    entered_ = false;
  }

  void view(bool first) {
    const std::uint32_t item = at_[thread_];
    const int category = items_.category(item);
    const bool due = first && bought_ >= 0 && item == refill_item_ &&
                     shop_.refill_due(category, day_ - bought_);
    int query = 0;
    if (entered_ && rng_.chance(kSearches)) {
      query = 1 + static_cast<int>(rng_.below(3)) +
              (out_.person.region == kChina ? 3 : 0);
    }
    act(ActionKind::kView, item, query);
    if (!rng_.chance(due ? kRefillCart : Shop::cart(kind_))) return;
    act(ActionKind::kCart, item, 0);
    if (!rng_.chance(due ? kRefillBuy : shop_.buy(kind_, day_))) return;
    act(ActionKind::kPurchase, item, 0);
    if (shop_.cycle(category) > 0) {
      refill_item_ = item;
      bought_ = day_;
    }
  }

  void act(ActionKind action, std::uint32_t item, int query) {
    const int dwell = draw_dwell(items_.price_cents(item), rng_);
    add(action, item, dwell, query);
    now_ += dwell;
  }

  const Shop& shop_;
  const Catalogue& items_;
  Rng rng_, branch_{0};
  std::size_t kept_ = 0;
  Trace& out_;
  int kind_ = 0, day_ = 0, week_ = 0;
  std::int64_t now_ = 0;
  int category_[2] = {-1, -1};
  std::uint32_t at_[2] = {0, 0};  // where each category was left
  bool seen_[2] = {false, false};
  int thread_ = 0;
  bool entered_ = false;  // the view chose its line anew
  std::uint32_t refill_item_ = 0;
  int bought_ = -1;  // day of the last purchase that will be used up
};

// P(no purchase in one session): after each view it goes on with `more`.
double session_without_purchase(double per_view, double more) {
  double none = 0, alive = 1;
  for (int views = 1; views <= kMostViews; ++views) {
    alive *= 1 - per_view;
    none += alive * (views == kMostViews ? 1 : 1 - more);
    alive *= more;
  }
  return none;
}

}  // namespace

void simulate_customer(const Shop& shop, std::uint32_t user, Trace& out) {
  Life(shop, user, out).run();
}

void simulate_branch(const Shop& shop, std::uint32_t user, std::size_t kept,
                     std::uint64_t seed, Trace& out) {
  Life life(shop, user, out);
  life.branch(kept, seed);
  life.run();
}

std::string user_id(std::uint32_t user) {
  char text[16];
  std::snprintf(text, sizeof text, "u%07u", user);
  return text;
}

std::string query_text(const Catalogue& catalogue, std::uint32_t item,
                       int query) {
  const int c = catalogue.category(item), s = catalogue.style(item);
  switch (query) {
    case 1:
      return catalogue.category_name(c);
    case 2:
      return catalogue.style_name(s) + " " + catalogue.category_name(c);
    case 3:
      return catalogue.title(item);
    case 4:
      return catalogue.category_name_zh(c);
    case 5:
      return catalogue.style_name_zh(s) + catalogue.category_name_zh(c);
    default:
      return catalogue.title_zh(item);
  }
}

double purchase_probability(const Shop& shop, int kind, int from, int to) {
  double none = 1;  // P(no purchase from this day on | still there)
  for (int day = to - 1; day >= from; --day) {
    const double p = shop.visit(kind, day), stays = 1 - Shop::leave(kind);
    const double dry = session_without_purchase(
        Shop::cart(kind) * shop.buy(kind, day), shop.options().more);
    none = (1 - p) * none + p * dry * (stays * none + (1 - stays));
  }
  return 1 - none;
}

double campaign_effect(const Shop& shop, int segment, int response) {
  const auto [from, to] = shop.campaign();
  return purchase_probability(shop, kind_of(segment, response), from, to) -
         purchase_probability(shop, kind_of(segment, 0), from, to);
}

}  // namespace ensue::simulate
