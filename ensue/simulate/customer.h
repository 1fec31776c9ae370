// SPDX-License-Identifier: Apache-2.0
// One customer: who they are and everything they do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/simulate/shop.h"

namespace ensue::simulate {

/// What is true of a customer and stands in no log.
struct Person {
  int taste = 0, segment = 0;
  int response = 0;  // index into kResponses; matters when treated
  bool bot = false;
  bool in_campaign = false;  // signed up before the campaign and no bot
  bool treated = false;      // drawn at random among those
  int signup = 0;            // day of the first session
  int region = 0;            // index into kRegions

  /// Segment and the response in effect, see kind_of().
  int kind() const noexcept { return kind_of(segment, treated ? response : 0); }
};

inline constexpr std::string_view kRegions[] = {"north", "south", "east",
                                                "west", "china"};
inline constexpr int kChina = 4;  // customers there search in Chinese

struct SimEvent {
  std::int64_t second;  // since 1970, UTC; rises strictly within a customer
  std::uint32_t item, price_cents;
  std::uint32_t session;  // number of the session of this customer
  std::uint16_t dwell;    // seconds
  ActionKind action;
  std::uint8_t query;  // 0: none, else which wording (query_text)
};

/// The mission of one session.
struct SessionTruth {
  int day, first_category;
  int second_category;  // -1: a session with one category
  bool refill;          // began with the refill on purpose
};

struct Trace {
  Person person;
  bool left = false;  // for good; nothing follows the last event
  std::vector<SessionTruth> sessions;
  std::vector<SimEvent> events;
};

/// Everything customer `user` does, from their own random stream: the same
/// whoever is simulated beside them. `out` is overwritten; its memory reused.
void simulate_customer(const Shop& shop, std::uint32_t user, Trace& out);

/// The same customer up to their first `kept` events; what follows is drawn
/// anew from `seed`: another future of the same present. Fewer events than
/// `kept`: the customer as they are.
void simulate_branch(const Shop& shop, std::uint32_t user, std::size_t kept,
                     std::uint64_t seed, Trace& out);

std::string user_id(std::uint32_t user);  // "u0000017"

/// What was typed before the item was viewed. `query` is not 0.
std::string query_text(const Catalogue& catalogue, std::uint32_t item,
                       int query);

/// What the campaign does to a customer: P(at least one purchase between the
/// campaign's first and last day) if treated, less the same if not. Exact,
/// for somebody who is still there on the first day and has no refill due.
double campaign_effect(const Shop& shop, int segment, int response);

/// P(at least one purchase on days [from, to)) of a kind, as above.
double purchase_probability(const Shop& shop, int kind, int from, int to);

}  // namespace ensue::simulate
