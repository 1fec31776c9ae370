// SPDX-License-Identifier: Apache-2.0
// The features that suit a log when nobody says which.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "ensue/events/log.h"
#include "ensue/features/definition.h"

namespace ensue::features {

struct DefaultOptions {
  /// Events from here on are not looked at: neither for which actions and
  /// categories there are nor for medians and edges.
  events::Millis until{std::numeric_limits<std::int64_t>::max()};
  std::vector<double> windows = {7, 30, 90, 365};  // days
  std::size_t actions = 8;                         // the most frequent ones
  std::size_t categories = 8;  // values of a column that get a share
  std::size_t columns = 4;     // columns of categories, and as many of numbers
};

/// Recency, age, counts, baskets, active days, sessions, dwell, rhythm, trends,
/// hours and weekdays, diversity, sums and means, price level, category shares,
/// rates from action to action (view to cart, cart to purchase, purchase to
/// return, …) and RFM scores, as far as the log has what they need. Without a
/// clock: counts, shares and diversity alone. Two passes over the log.
std::vector<Definition> default_definitions(const events::Log& log,
                                            const DefaultOptions& options = {});

/// The action that is the shop's aim: purchase, buy, order, …; else the most
/// frequent one before `until`. "" in a log without actions.
std::string main_action(const events::Log& log,
                        events::Millis until = DefaultOptions{}.until);

/// Columns of text that part the events into categories (see
/// internal/survey.h), of events first, then of items.
std::vector<std::string> category_columns(
    const events::Log& log, events::Millis until = DefaultOptions{}.until);

/// Four edges that part the users who are known at `at` into fifths by the
/// feature's number; fewer where fifths coincide. Of more than 100,000 users
/// every so many-th is asked.
std::vector<double> fifths(const events::Log& log, const Definition& definition,
                           events::Millis at);

}  // namespace ensue::features
