// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "ensue/simulate/internal/belief.h"

namespace ensue::simulate {

// Probability not yet dealt to items.
struct Belief::Mass {
  std::span<double> out;  // [items]: what belongs to single items
  double view = 0;        // a person looks at something more now
  double bot_view = 0;
  std::vector<double> entries;         // [lines]: entered in this session
  std::vector<double> sessions, bots;  // [weeks]: sessions that begin then
  double refill = 0;                   // a session begins with the refill
};

void Belief::predict(std::span<double> out) const {
  std::fill(out.begin(), out.end(), 0);
  const auto weeks = static_cast<std::size_t>(shop_->calendar().weeks());
  Mass mass;
  mass.out = out;
  mass.entries.assign(static_cast<std::size_t>(items_->lines()), 0);
  mass.sessions.assign(weeks, 0);
  mass.bots.assign(weeks, 0);
  if (last_second_ < 0) {
    for (int d = 0; d < shop_->calendar().days(); ++d) {
      const auto w = static_cast<std::size_t>(Calendar::week(d));
      mass.sessions[w] += (1 - bot_) * shop_->signup(d);
      mass.bots[w] += bot_ * shop_->signup(d);
    }
  } else {
    add_funnel_and_days(mass);
    add_moves(mass);
  }
  spread(mass);
  double sum = 0;
  for (const double p : out) sum += p;
  if (sum > 0) {
    for (double& p : out) p /= sum;
  }
}

// The funnel's next step, one more view, or a session on a later day.
void Belief::add_funnel_and_days(Mass& mass) const {
  std::array<double, kKinds + 1> later{};
  for (int k = 0; k < kKinds; ++k) {
    const double p = funnel(k),
                 who = (1 - bot_) * kinds_[static_cast<std::size_t>(k)];
    mass.out[last_item_] += who * p;
    mass.view += who * (1 - p) * more();
    later[static_cast<std::size_t>(k)] =
        who * (1 - p) * (1 - more()) * (1 - Shop::leave(k));
  }
  mass.bot_view = bot_ * bot_more();
  later[Outlook::kBot] = bot_ * (1 - bot_more());

  const int due = bought_ < 0 ? -1 : items_->category(refill_item_);
  for (int d = day_ + 1; d < shop_->calendar().days(); ++d) {
    const auto w = static_cast<std::size_t>(Calendar::week(d));
    double begins = 0;
    for (int k = 0; k <= kKinds; ++k) {
      double& left = later[static_cast<std::size_t>(k)];
      const double p = left * outlook_->visit(k, d);
      left -= p;
      (k == Outlook::kBot ? mass.bots[w] : begins) += p;
    }
    const double refill = due < 0 ? 0 : shop_->refill(due, d - bought_);
    mass.refill += begins * refill;
    mass.sessions[w] += begins * (1 - refill);
  }
  if (due >= 0) mass.out[refill_item_] += mass.refill;
}

// Entering the category as this taste does, in the running session.
void Belief::add_entries(Mass& mass, int taste, int category, double p) const {
  const auto styles = shop_->styles(taste, category);
  double* lines =
      &mass.entries[static_cast<std::size_t>(category) * styles.size()];
  for (std::size_t s = 0; s < styles.size(); ++s) lines[s] += p * styles[s];
}

void Belief::add_ring(Mass& mass, int thread, double p) const {
  std::uint32_t item = at_[thread];
  for (const double step : kSteps) {
    item = items_->along(item, 1, week_);
    mass.out[item] += p * step;
  }
}

// One more view of the running session.
void Belief::add_moves(Mass& mass) const {
  if (mass.view <= 0) return;
  const double wandering = shop_->options().wandering,
               switches = shop_->options().alternation;
  const bool second_seen = category_[1] >= 0;
  double on[2] = {0, 0};  // goes on in a thread that was seen
  for (std::size_t g = 0; g < single_.size(); ++g) {
    const int taste = static_cast<int>(g);
    const double stay = single_[g] + (1 - switches) * pair_[g],
                 go = switches * pair_[g];
    on[thread_] += stay;
    add_entries(mass, taste, category_[thread_], mass.view * stay * wandering);
    if (second_seen) {
      on[1 - thread_] += go;
      add_entries(mass, taste, category_[1 - thread_],
                  mass.view * go * wandering);
      continue;
    }
    for (int c = 0; go > 0 && c < items_->categories(); ++c) {
      if (c == category_[0]) continue;
      add_entries(mass, taste, c, mass.view * go * second(taste, c));
    }
  }
  for (const int thread : {0, 1}) {
    if (on[thread] > 0) {
      add_ring(mass, thread, mass.view * on[thread] * (1 - wandering));
    }
  }
}

// Deals what hangs on the week to items: from the last week back to this one,
// so that an item that arrives in a week shares in that week and later ones.
void Belief::spread(Mass& mass) const {
  const int styles = items_->styles(), lines = items_->lines();
  std::vector<double> per_weight(static_cast<std::size_t>(lines), 0);
  double per_item = 0;
  for (int w = shop_->calendar().weeks() - 1; w >= week_; --w) {
    const auto week = static_cast<std::size_t>(w);
    const bool now = w == week_;
    per_item += (mass.bots[week] + (now ? mass.bot_view : 0)) /
                items_->available_items(w);
    for (int l = 0; now && l < lines; ++l) {
      const auto line = static_cast<std::size_t>(l);
      per_weight[line] += mass.entries[line] / items_->entry_total(l, w);
    }
    for (std::size_t g = 0; g < single_.size() && mass.sessions[week] > 0;
         ++g) {
      const int taste = static_cast<int>(g);
      const double p = (single_[g] + pair_[g]) * mass.sessions[week];
      if (p <= 0) continue;
      const auto missions = shop_->missions(taste, w);
      for (int c = 0; c < items_->categories(); ++c) {
        const auto share = shop_->styles(taste, c);
        const double here = p * missions[static_cast<std::size_t>(c)];
        for (int s = 0; s < styles; ++s) {
          const int l = c * styles + s;
          per_weight[static_cast<std::size_t>(l)] +=
              here * share[static_cast<std::size_t>(s)] /
              items_->entry_total(l, w);
        }
      }
    }
    for (int v = now ? 0 : w; v <= w; ++v) {
      for (const std::uint32_t item : outlook_->arrivals(v)) {
        const auto line = static_cast<std::size_t>(items_->line(item));
        mass.out[item] +=
            items_->entry_weight(item) * per_weight[line] + per_item;
      }
    }
  }
}

}  // namespace ensue::simulate
