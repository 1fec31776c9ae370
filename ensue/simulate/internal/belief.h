// SPDX-License-Identifier: Apache-2.0
// What the events so far tell of one customer: an exact forward filter.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "ensue/simulate/customer.h"

namespace ensue::simulate {

/// Tables that every belief about a shop's customers needs, made once.
class Outlook {
 public:
  /// `shop` must outlive it.
  explicit Outlook(const Shop& shop);

  const Shop& shop() const noexcept { return *shop_; }
  /// P(no session on days [from, to)) of a kind; kBot stands for bots.
  double away(int kind, int from, int to) const noexcept;
  double visit(int kind, int day) const noexcept;
  /// Items that arrive in that week.
  std::span<const std::uint32_t> arrivals(int week) const noexcept;

  static constexpr int kBot = kKinds;

 private:
  const Shop* shop_;
  std::vector<double> log_away_;  // [kinds + 1, days + 1], running sums
  std::vector<std::uint32_t> by_arrival_, week_begin_;
};

/// The posterior over who a customer is and what their session is about.
///
/// Kind (segment and response), taste and mission are independent given that
/// the customer is no bot, a priori and after every event: visits and the
/// funnel tell of the kind alone, items tell of the taste and the mission. So
/// three small tables hold the whole posterior. One event costs O(tastes).
class Belief {
 public:
  /// Knows the shop's rules, and of the customer only what see() is told.
  explicit Belief(const Outlook& outlook);
  /// Knows who the customer is as well.
  Belief(const Outlook& outlook, const Person& person);

  /// One more event. False, and the belief is of no more use: it cannot
  /// happen in this shop.
  bool see(std::uint32_t item, ActionKind action, std::int64_t second);
  /// True after see() when that event began a session.
  bool session_began() const noexcept { return event_ == 0; }
  /// The second category of the running session; -1: there is none.
  void tell_second_category(int category);

  /// P(next event is about this item | events so far, there is a next event):
  /// [items of the shop], sums to 1. All zero when nothing can follow.
  /// O(items + weeks left * tastes * product lines).
  void predict(std::span<double> out) const;

  /// P(who it is, and what became of them | events so far, nothing more until
  /// the midnight of a later day); all together sum to 1.
  struct Since {
    std::array<double, kKinds> there{}, gone{};  // gone: left for good
    double bot = 0;
  };
  Since since(int day) const;
  /// P(taste | events so far, a person): [tastes].
  std::vector<double> tastes() const;

 private:
  struct Mass;  // what predict() adds up

  void start_prior(int day);
  bool in_session(std::uint32_t item, ActionKind action, std::int64_t gap);
  bool new_session(std::uint32_t item, ActionKind action, int day);
  void note(std::uint32_t item, ActionKind action, std::int64_t second);

  double funnel(int kind) const noexcept;  // P(cart or purchase comes next)
  double more() const noexcept;
  double bot_more() const noexcept;
  double entry(std::uint32_t item) const noexcept;
  double entry(int taste, std::uint32_t item) const noexcept;
  double second(int taste, int category) const noexcept;
  double along(std::uint32_t from, std::uint32_t to) const noexcept;

  double see_start(std::uint32_t item);
  double see_move(std::uint32_t item);
  double moved(int taste, int thread, std::uint32_t item) const noexcept;
  double scale_tastes();
  bool settle(double person, double bot);

  void add_funnel_and_days(Mass& mass) const;
  void add_moves(Mass& mass) const;
  void add_entries(Mass& mass, int taste, int category, double p) const;
  void add_ring(Mass& mass, int thread, double p) const;
  void spread(Mass& mass) const;

  static constexpr int kUntold = -2;

  const Outlook* outlook_;
  const Shop* shop_;
  const Catalogue* items_;
  bool known_ = false;  // who the customer is was told
  double bot_ = 0;
  std::array<double, kKinds> kinds_{};
  std::vector<double> single_, pair_;  // [tastes]: joint with the mission

  std::int64_t last_second_ = -1;  // -1: nothing seen
  std::uint32_t last_item_ = 0;
  ActionKind last_action_ = ActionKind::kView;
  int day_ = 0, week_ = 0;  // of the running session
  int event_ = 0, views_ = 0;
  int category_[2] = {-1, -1};
  std::uint32_t at_[2] = {0, 0};
  int thread_ = 0;
  int told_ = kUntold;
  bool refilling_ = false;  // the item now looked at is a refill that was due
  std::uint32_t refill_item_ = 0;
  int bought_ = -1;
};

}  // namespace ensue::simulate
