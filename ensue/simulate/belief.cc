// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/internal/belief.h"

#include <cmath>
#include <numeric>

namespace ensue::simulate {

Outlook::Outlook(const Shop& shop) : shop_(&shop) {
  const int days = shop.calendar().days();
  for (int k = 0; k <= kKinds; ++k) {
    double sum = 0;
    log_away_.push_back(0);
    for (int d = 0; d < days; ++d) {
      log_away_.push_back(sum += std::log1p(-visit(k, d)));
    }
  }
  const Catalogue& items = shop.catalogue();
  const auto weeks = static_cast<std::size_t>(shop.calendar().weeks());
  week_begin_.assign(weeks + 1, 0);
  for (std::size_t w = 0; w < weeks; ++w) {
    week_begin_[w + 1] = items.available_items(static_cast<int>(w));
  }
  by_arrival_.resize(items.items());
  auto next = week_begin_;
  for (std::uint32_t i = 0; i < items.items(); ++i) {
    by_arrival_[next[static_cast<std::size_t>(items.arrival_week(i))]++] = i;
  }
}

double Outlook::away(int kind, int from, int to) const noexcept {
  const double* sums = &log_away_[static_cast<std::size_t>(
      kind * (shop_->calendar().days() + 1))];
  return std::exp(sums[to] - sums[from]);
}

double Outlook::visit(int kind, int day) const noexcept {
  return kind == kBot ? shop_->bot_visit(day) : shop_->visit(kind, day);
}

std::span<const std::uint32_t> Outlook::arrivals(int week) const noexcept {
  const auto w = static_cast<std::size_t>(week);
  return std::span(by_arrival_)
      .subspan(week_begin_[w], week_begin_[w + 1] - week_begin_[w]);
}

Belief::Belief(const Outlook& outlook)
    : outlook_(&outlook),
      shop_(&outlook.shop()),
      items_(&shop_->catalogue()),
      bot_(shop_->options().bots) {
  const auto tastes = static_cast<std::size_t>(shop_->options().tastes);
  const double pair = shop_->options().pair_sessions;
  single_.assign(tastes, (1 - pair) / static_cast<double>(tastes));
  pair_.assign(tastes, pair / static_cast<double>(tastes));
}

Belief::Belief(const Outlook& outlook, const Person& person) : Belief(outlook) {
  known_ = true;
  bot_ = person.bot ? 1 : 0;
  kinds_[static_cast<std::size_t>(person.kind())] = 1;
  for (std::size_t g = 0; g < single_.size(); ++g) {
    const bool is = g == static_cast<std::size_t>(person.taste);
    single_[g] = is ? 1 - shop_->options().pair_sessions : 0;
    pair_[g] = is ? shop_->options().pair_sessions : 0;
  }
}

// Who signed up before the campaign may have been treated.
void Belief::start_prior(int day) {
  if (known_) return;
  const bool early = day < shop_->campaign().first;
  const double treated = early ? shop_->options().campaign_share : 0;
  for (std::size_t s = 0; s < kSegments.size(); ++s) {
    for (std::size_t r = 0; r < kResponses.size(); ++r) {
      kinds_[s * 3 + r] =
          kSegments[s].share *
          (treated * kSegments[s].response[r] + (r == 0 ? 1 - treated : 0));
    }
  }
}

bool Belief::see(std::uint32_t item, ActionKind action, std::int64_t second) {
  bool possible = false;
  if (last_second_ < 0) {
    day_ = shop_->calendar().day_of(second);
    if (day_ < 0 || day_ >= shop_->calendar().days()) return false;
    start_prior(day_);
    possible = new_session(item, action, day_);
  } else if (second - last_second_ <= kLongestGap) {
    possible = in_session(item, action, second - last_second_);
  } else {
    possible = new_session(item, action, shop_->calendar().day_of(second));
  }
  note(item, action, second);
  return possible;
}

double Belief::funnel(int kind) const noexcept {
  switch (last_action_) {
    case ActionKind::kView:
      return refilling_ ? kRefillCart : Shop::cart(kind);
    case ActionKind::kCart:
      return refilling_ ? kRefillBuy : shop_->buy(kind, day_);
    case ActionKind::kPurchase:
      return 0;
  }
  return 0;
}

double Belief::more() const noexcept {
  return views_ < kMostViews ? shop_->options().more : 0;
}

double Belief::bot_more() const noexcept {
  return views_ < kMostBotViews ? kBotMore : 0;
}

bool Belief::in_session(std::uint32_t item, ActionKind action,
                        std::int64_t gap) {
  const bool view = action == ActionKind::kView;
  const bool deeper =
      item == last_item_ &&
      static_cast<int>(action) == static_cast<int>(last_action_) + 1;
  ++event_;
  if (gap < 1 || (!view && !deeper)) return false;
  double person = 0, bot = 0;
  if (gap <= kBotGap) {
    if (view) bot = bot_more() / items_->available_items(week_);
    return settle(0, items_->available(item, week_) ? bot : 0);
  }
  for (int k = 0; k < kKinds; ++k) {
    const double p = funnel(k);
    person += kinds_[static_cast<std::size_t>(k)] *=
        view ? (1 - p) * more() : p;
  }
  if (view && person > 0) person *= see_move(item);
  return settle(person, 0);
}

bool Belief::new_session(std::uint32_t item, ActionKind action, int day) {
  const bool first = last_second_ < 0;
  if (action != ActionKind::kView || day >= shop_->calendar().days() ||
      (!first && day <= day_)) {
    return false;
  }
  double person = 0, bot = 1;
  for (int k = 0; k < kKinds; ++k) {
    double& p = kinds_[static_cast<std::size_t>(k)];
    if (!first) {
      p *= (1 - funnel(k)) * (1 - more()) * (1 - Shop::leave(k)) *
           outlook_->away(k, day_ + 1, day) * outlook_->visit(k, day);
    }
    person += p;
  }
  if (!first) {
    bot = (1 - bot_more()) * outlook_->away(Outlook::kBot, day_ + 1, day) *
          outlook_->visit(Outlook::kBot, day);
  }
  day_ = day;
  week_ = Calendar::week(day);
  event_ = views_ = 0;
  told_ = kUntold;
  if (!items_->available(item, week_)) return false;
  const double start = see_start(item);
  return settle(person * start, bot / items_->available_items(week_));
}

// Bayes for person against bot, and the person's tables to sums of 1.
bool Belief::settle(double person, double bot) {
  person *= 1 - bot_;
  bot *= bot_;
  if (!(person + bot > 0)) return false;
  bot_ = bot / (person + bot);
  if (person <= 0) return true;  // a bot: the tables are not read again
  const double sum = std::accumulate(kinds_.begin(), kinds_.end(), 0.0);
  for (double& p : kinds_) p /= sum;
  return true;
}

void Belief::note(std::uint32_t item, ActionKind action, std::int64_t second) {
  if (action == ActionKind::kView) {
    ++views_;
    const int category = items_->category(item);
    refilling_ = event_ == 0 && bought_ >= 0 && item == refill_item_ &&
                 shop_->refill_due(category, day_ - bought_);
  } else if (action == ActionKind::kPurchase &&
             shop_->cycle(items_->category(item)) > 0) {
    refill_item_ = item;
    bought_ = day_;
  }
  last_item_ = item;
  last_action_ = action;
  last_second_ = second;
}

double Belief::entry(std::uint32_t item) const noexcept {
  return items_->entry_weight(item) /
         items_->entry_total(items_->line(item), week_);
}

double Belief::entry(int taste, std::uint32_t item) const noexcept {
  const auto style = static_cast<std::size_t>(items_->style(item));
  return shop_->styles(taste, items_->category(item))[style] * entry(item);
}

// P(second category | taste, first category).
double Belief::second(int taste, int category) const noexcept {
  if (told_ != kUntold) return told_ == category ? 1 : 0;
  const auto p = shop_->missions(taste, week_);
  return p[static_cast<std::size_t>(category)] /
         (1 - p[static_cast<std::size_t>(category_[0])]);
}

double Belief::along(std::uint32_t from, std::uint32_t to) const noexcept {
  double out = 0;
  for (std::size_t s = 0; s < kSteps.size(); ++s) {
    from = items_->along(from, 1, week_);
    if (from == to) out += kSteps[s];
  }
  return out;
}

// Brings the taste tables to a sum of 1 and returns what it was.
double Belief::scale_tastes() {
  double sum = 0;
  for (std::size_t g = 0; g < single_.size(); ++g) sum += single_[g] + pair_[g];
  if (sum <= 0) return 0;
  for (std::size_t g = 0; g < single_.size(); ++g) {
    single_[g] /= sum;
    pair_[g] /= sum;
  }
  return sum;
}

double Belief::see_start(std::uint32_t item) {
  const int category = items_->category(item);
  double refill = 0;
  if (bought_ >= 0) {
    refill = shop_->refill(items_->category(refill_item_), day_ - bought_);
  }
  const double pair = shop_->options().pair_sessions;
  for (std::size_t g = 0; g < single_.size(); ++g) {
    const int taste = static_cast<int>(g);
    const double p =
        (1 - refill) *
            shop_->missions(taste, week_)[static_cast<std::size_t>(category)] *
            entry(taste, item) +
        (item == refill_item_ ? refill : 0);
    const double both = (single_[g] + pair_[g]) * p;
    single_[g] = both * (1 - pair);
    pair_[g] = both * pair;
  }
  category_[0] = category;
  category_[1] = -1;
  at_[0] = item;
  thread_ = 0;
  return scale_tastes();
}

// P(the next view is of `item` | it goes on in that category's thread).
double Belief::moved(int taste, int thread, std::uint32_t item) const noexcept {
  const double wandering = shop_->options().wandering;
  return (1 - wandering) * along(at_[thread], item) +
         wandering * entry(taste, item);
}

double Belief::see_move(std::uint32_t item) {
  if (!items_->available(item, week_)) return 0;
  const int category = items_->category(item);
  const double switches = shop_->options().alternation;
  const bool second_seen = category_[1] >= 0;
  int to = thread_;
  if (category != category_[thread_]) to = 1 - thread_;
  if (second_seen && category != category_[to]) return 0;
  for (std::size_t g = 0; g < single_.size(); ++g) {
    const int taste = static_cast<int>(g);
    if (to == thread_) {
      const double p = moved(taste, to, item);
      single_[g] *= p;
      pair_[g] *= (1 - switches) * p;
    } else {
      single_[g] = 0;
      pair_[g] *= switches *
                  (second_seen ? moved(taste, to, item)
                               : second(taste, category) * entry(taste, item));
    }
  }
  category_[to] = category;
  at_[to] = item;
  thread_ = to;
  return scale_tastes();
}

Belief::Since Belief::since(int day) const {
  Since out;
  double sum = 0;
  for (int k = 0; k < kKinds; ++k) {
    const auto at = static_cast<std::size_t>(k);
    const double ended =
        (1 - bot_) * kinds_[at] * (1 - funnel(k)) * (1 - more());
    out.gone[at] = ended * Shop::leave(k);
    out.there[at] =
        ended * (1 - Shop::leave(k)) * outlook_->away(k, day_ + 1, day);
    sum += out.gone[at] + out.there[at];
  }
  out.bot =
      bot_ * (1 - bot_more()) * outlook_->away(Outlook::kBot, day_ + 1, day);
  sum += out.bot;
  for (double& p : out.gone) p /= sum;
  for (double& p : out.there) p /= sum;
  out.bot /= sum;
  return out;
}

std::vector<double> Belief::tastes() const {
  std::vector<double> out;
  for (std::size_t g = 0; g < single_.size(); ++g) {
    out.push_back(single_[g] + pair_[g]);
  }
  return out;
}

void Belief::tell_second_category(int category) {
  told_ = category;
  for (std::size_t g = 0; g < single_.size(); ++g) {
    const double both = single_[g] + pair_[g];
    single_[g] = category < 0 ? both : 0;
    pair_[g] = category < 0 ? 0 : both;
  }
}

}  // namespace ensue::simulate
