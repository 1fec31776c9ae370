// SPDX-License-Identifier: Apache-2.0
// The kinds of customers and the fixed numbers of what they do.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ensue::simulate {

enum class ActionKind : std::uint8_t { kView, kCart, kPurchase };
constexpr std::string_view name_of(ActionKind action) {
  constexpr std::array<std::string_view, 3> names = {"view", "cart",
                                                     "purchase"};
  return names[static_cast<std::size_t>(action)];
}

/// How a group of customers shops.
struct Segment {
  std::string_view name;
  double share, visits_per_day, leave, cart, buy;
  std::array<double, 3> response;  // P(indifferent, persuadable, averse)
};

/// What a treated customer of a response class does in the campaign's window.
struct Response {
  std::string_view name;
  double visits;  // multiplies the visit rate
  double buy;     // added to P(purchase | cart)
};

inline constexpr std::array<Segment, 4> kSegments = {{
    {"window-shopper", 0.30, 0.045, 0.030, 0.06, 0.25, {0.5, 0.4, 0.1}},
    {"occasional", 0.35, 0.015, 0.060, 0.14, 0.40, {0.4, 0.5, 0.1}},
    {"regular", 0.25, 0.040, 0.020, 0.16, 0.45, {0.6, 0.3, 0.1}},
    {"loyal", 0.10, 0.090, 0.010, 0.20, 0.55, {0.6, 0.1, 0.3}},
}};
inline constexpr std::array<Response, 3> kResponses = {
    {{"indifferent", 1, 0},
     {"persuadable", 1.6, 0.25},
     {"averse", 0.6, -0.15}}};
inline constexpr int kKinds = 12;  // segment * 3 + response in effect

constexpr int kind_of(int segment, int response) {
  return segment * 3 + response;
}

inline constexpr int kMostViews = 64, kMostBotViews = 400;
inline constexpr double kBotVisits = 0.05, kBotMore = 0.96;
/// Chance of 1 and 2 steps along the ring of a product line.
inline constexpr std::array<double, 2> kSteps = {0.7, 0.3};
/// A refill that is due and viewed first is carted and bought with these.
inline constexpr double kRefillCart = 0.8, kRefillBuy = 0.9;
/// Gaps inside a session, in seconds: bots at most kBotGap, people above it
/// and at most kLongestGap. A longer gap is a new session.
inline constexpr int kBotGap = 3, kLongestGap = 180;

}  // namespace ensue::simulate
