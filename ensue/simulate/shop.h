// SPDX-License-Identifier: Apache-2.0
// A shop whose truth is known: the rules that its customers follow.
//
// Every customer has a segment (how often they come, how readily they buy,
// whether they stay), a taste (which categories and which product line of a
// category they like) and a response to campaigns: a finite set of kinds, so
// that what a log tells of them can be computed exactly (belief.h).
//
// A day brings at most one session. It has a first category, and in most
// sessions a second one to compare with; the customer alternates between the
// two, each time going on in the ring of items where that category was left.
// So the next item hangs on the item before the last, not on the last. A view
// may lead to a cart, a cart to a purchase. What is bought from a refillable
// category is often fetched again after its cycle. After a session a customer
// may leave for good.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/simulate/calendar.h"
#include "ensue/simulate/catalogue.h"
#include "ensue/simulate/kinds.h"
#include "ensue/simulate/options.h"

namespace ensue::simulate {

struct Promotion {
  int category, first_week, weeks;
  double lift, discount;
};

/// Days [first, last) in which treated customers respond.
struct Campaign {
  int first, last;
};

/// The rules with all their numbers. Immutable and thread-safe.
class Shop {
 public:
  /// @throws Error(kInvalidArgument) from SimulateOptions::check().
  explicit Shop(SimulateOptions options);

  const SimulateOptions& options() const noexcept { return options_; }
  const Calendar& calendar() const noexcept { return calendar_; }
  const Catalogue& catalogue() const noexcept { return catalogue_; }
  const Campaign& campaign() const noexcept { return campaign_; }
  std::span<const Promotion> promotions() const noexcept { return promotions_; }

  /// P(first category) of a taste in a week: [categories], sums to 1.
  std::span<const double> missions(int taste, int week) const noexcept {
    return {&missions_[mission_at(taste, week)], categories()};
  }
  int draw_mission(int taste, int week, Rng& rng) const noexcept;
  /// P(product line) of a taste in a category: [styles], sums to 1.
  std::span<const double> styles(int taste, int category) const noexcept {
    const std::size_t s = static_cast<std::size_t>(options_.styles);
    return {&styles_[(static_cast<std::size_t>(taste) * categories() +
                      static_cast<std::size_t>(category)) *
                     s],
            s};
  }
  int draw_style(int taste, int category, Rng& rng) const noexcept;

  /// P(a session on that day) of somebody who has not left.
  double visit(int kind, int day) const noexcept;
  double bot_visit(int day) const noexcept;
  /// P(purchase | cart) on a session's day.
  double buy(int kind, int day) const noexcept;
  static double cart(int kind) noexcept { return kSegments[kind / 3].cart; }
  static double leave(int kind) noexcept { return kSegments[kind / 3].leave; }

  /// Days after which an item of the category is used up; 0: never.
  int cycle(int category) const noexcept;
  /// P(a session begins with the refill), so many days after the purchase.
  double refill(int category, int days_since) const noexcept;
  bool refill_due(int category, int days_since) const noexcept;

  /// Chance that a signup happens on the day; sums to 1 over the days.
  double signup(int day) const noexcept { return signup_[day]; }

  /// Category weight of taste and season, before promotions.
  double base_mission(int taste, int category, int week) const noexcept;
  double promotion_lift(int category, int week) const noexcept;
  double discount(int category, int week) const noexcept;

 private:
  std::size_t categories() const noexcept {
    return static_cast<std::size_t>(catalogue_.categories());
  }
  std::size_t mission_at(int taste, int week) const noexcept {
    return (static_cast<std::size_t>(taste) *
                static_cast<std::size_t>(calendar_.weeks()) +
            static_cast<std::size_t>(week)) *
           categories();
  }
  void make_tastes(Rng& rng);
  void make_promotions(Rng& rng);
  void make_missions();
  void make_days();

  SimulateOptions options_;
  Calendar calendar_;
  Catalogue catalogue_;
  Campaign campaign_;
  std::vector<Promotion> promotions_;
  std::vector<std::int32_t> promoted_;          // [weeks, categories], or -1
  std::vector<double> taste_;                   // [tastes, categories]
  std::vector<double> phase_;                   // [categories], turns
  std::vector<double> missions_, mission_cum_;  // [tastes, weeks, categories]
  std::vector<double> styles_;                  // [tastes, categories, styles]
  std::vector<double> season_, signup_;         // [days]
};

}  // namespace ensue::simulate
