// SPDX-License-Identifier: Apache-2.0
// From a shop to its log: in memory, or as files.
#pragma once

#include <cstdint>
#include <filesystem>

#include "ensue/base/progress.h"
#include "ensue/events/log.h"
#include "ensue/simulate/shop.h"

namespace ensue::simulate {

/// The log that importing events.csv and items.csv would give, made in memory:
/// about 32 bytes an event and no files. The same on any number of threads.
/// @throws Error(kInvalidArgument) when nobody did anything.
events::Log simulate_log(const Shop& shop);

/// The same with the context column "query": what was typed before a view, on
/// the event of that view; nothing on all others.
events::Log simulate_log_with_queries(const Shop& shop);

/// The same events with their items dealt out anew at random: users, times,
/// actions and popularities stay, every order is gone. A model that beats
/// popularity on it has been told the answer. The item table stays.
events::Log shuffle_items(const events::Log& log, std::uint64_t seed);

/// What write_shop() wrote.
struct Written {
  std::uint64_t users = 0, events = 0, sessions = 0, bytes = 0;
  std::uint64_t views = 0, carts = 0, purchases = 0;
};

/// Writes the shop as a folder that is whole or absent:
///   events.csv       user_id,item_id,action,timestamp,price,query,dwell_s,
///                    session_id; by user, then time
///   items.csv        item_id,title,title_zh,category,price,available_from
///   users.csv        user_id,signup,region,campaign
///   promotions.csv   promotion_id,category,from,to,discount (`to` excluded)
///   campaign.csv     campaign_id,user_id,from,to,treated
///   truth/users_truth.csv     segment, taste, bot, response, leaving, effect
///   truth/sessions_truth.csv  the mission of every session
///   truth/items_truth.csv     product line, place in it, entry weight
///   truth/truth.json          every parameter
/// Every customer has at least one event. Memory does not grow with users.
/// @throws Error(kUnavailable) when the disk is full; nothing is left then.
Written write_shop(const Shop& shop, const std::filesystem::path& folder,
                   const ProgressFn& progress = {});

}  // namespace ensue::simulate
