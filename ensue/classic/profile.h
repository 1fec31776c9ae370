// SPDX-License-Identifier: Apache-2.0
// Learns what is usual among customers, so that one of them can be described.
#pragma once

#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/log.h"

namespace ensue::classic {

struct ProfileOptions {
  std::string buying = "purchase";  // action that is a purchase
  std::string category = {};    // item column; "": found, else words of titles
  std::string price = "price";  // item column of numbers
  int recent_days = 28;         // what counts as lately
  int neighbours = 100;         // kept lifts of an item
  std::vector<std::string> discount = {};  // as fit_discounts()
  void visit(auto&& field) {
    field("buying", buying, "the action that is a purchase");
    field("category", category,
          "item column of categories; empty: one that parts the items, or else "
          "the words of their titles");
    field("price", price, "item column of prices; else the events' values");
    field("recent_days", recent_days, "days that count as lately");
    field("neighbours", neighbours, "kept lifts of an item");
    field("discount", discount,
          "event columns of money off; none said: those plainly named so");
  }
};

/// From the events before `until`: topics of items (runtime/tastes.h) with
/// their shares, lifts and popularity; thirds of the prices paid; percentiles
/// of the days between purchases; how customers differ in what they buy with
/// money off, where that is known. A category column has from 2 to 1000 values
/// of 5 items or more, on average; a word stands in 3 titles or more and in a
/// fifth of them at most. Answers through tasks/profile.h.
/// @throws Error(kInvalidArgument) without an event, Error(kNotFound) for a
///   column that is not there, and as fit_discounts().
artifact::Draft fit_profile(const events::Log& log, events::Millis until,
                            const ProfileOptions& options);

}  // namespace ensue::classic
