// SPDX-License-Identifier: Apache-2.0
// What a simulated shop is made from.
#pragma once

#include <cstdint>
#include <string>

namespace ensue::simulate {

/// Everything that shapes the shop; the same options give the same bytes.
struct SimulateOptions {
  int users = 2000, items = 500, days = 365;
  std::uint64_t seed = 1;
  std::string start = "2025-01-06";  // first day, ISO 8601
  int tastes = 5;                    // latent kinds of taste
  int styles = 5;                    // product lines of one category
  int line_length = 6;               // items of one product line, about
  double visits = 1;                 // multiplies everybody's visit rate
  double pair_sessions = 0.85;       // share that compares two categories
  double alternation = 0.9;          // chance that a pair session switches
  double wandering = 0.04;           // chance of leaving the product line
  double more = 0.94;                // chance of one more view
  double refill = 0.6;               // chance that a due refill is fetched
  double bots = 0.005;               // share of users
  double late_items = 0.1;           // share that arrives after the start
  double arrivals_end = 0.85;        // share of the weeks in which they do
  int promotions = 12;
  double promotion_lift = 3;  // multiplies the odds of a category
  double campaign_share = 0.5;
  void visit(auto&& field) {
    field("users", users, "customers, bots included; at most 10 million");
    field("items", items, "items; at most 10 million");
    field("days", days, "length of the log");
    field("seed", seed, "seed of everything random");
    field("start", start, "first day, such as 2025-01-06");
    field("tastes", tastes, "latent kinds of taste");
    field("styles", styles, "product lines of one category");
    field("line_length", line_length, "items of one product line, about");
    field("visits", visits, "multiplies everybody's visit rate");
    field("pair_sessions", pair_sessions,
          "share of sessions that compare two categories");
    field("alternation", alternation,
          "chance that such a session switches category");
    field("wandering", wandering, "chance that a view leaves its product line");
    field("more", more, "chance of one more view in a session");
    field("refill", refill, "chance that a due refill is fetched");
    field("bots", bots, "share of users that are bots");
    field("late_items", late_items, "share of items that arrive later");
    field("arrivals_end", arrivals_end,
          "share of the log after which no item arrives");
    field("promotions", promotions, "promotions of one category for two weeks");
    field("promotion_lift", promotion_lift,
          "what a promotion multiplies its category's odds with");
    field("campaign_share", campaign_share, "share of users treated");
  }

  /// @throws Error(kInvalidArgument) naming the option and what was expected.
  void check() const;
};

}  // namespace ensue::simulate
