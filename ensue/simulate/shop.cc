// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/shop.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace ensue::simulate {
namespace {

constexpr double kTasteSpread = 1.2;     // of the logarithm of a preference
constexpr double kFavouriteStyle = 0.7;  // share of a taste's favourite line
constexpr double kSeasonSpread = 0.5;    // of a category's yearly season
constexpr int kPromotionWeeks = 2;
constexpr double kDiscount = 0.2;
constexpr std::array<double, 7> kWeekdays = {0.9, 0.8, 0.85, 0.95,
                                             1.1, 1.3, 1.1};
constexpr std::array<int, 4> kCycles = {14, 21, 28, 42};

SimulateOptions checked(SimulateOptions options) {
  options.check();
  return options;
}

double wave(double turn) { return std::cos(2 * std::numbers::pi * turn); }

}  // namespace

Shop::Shop(SimulateOptions options)
    : options_(checked(std::move(options))),
      calendar_(options_.start, options_.days),
      catalogue_(options_, calendar_),
      campaign_{options_.days * 6 / 10,
                std::min(options_.days, options_.days * 6 / 10 + 28)} {
  Rng rng(options_.seed, /*stream=*/~1ULL);
  make_tastes(rng);
  make_promotions(rng);
  make_missions();
  make_days();
}

void Shop::make_tastes(Rng& rng) {
  const auto s = static_cast<std::size_t>(options_.styles);
  const double other =
      s == 1 ? 0 : (1 - kFavouriteStyle) / static_cast<double>(s - 1);
  for (std::size_t c = 0; c < categories(); ++c) {
    phase_.push_back(rng.uniform());
  }
  for (int g = 0; g < options_.tastes; ++g) {
    for (std::size_t c = 0; c < categories(); ++c) {
      taste_.push_back(std::exp(kTasteSpread * rng.normal()));
      const std::size_t favourite = rng.below(s);
      for (std::size_t k = 0; k < s; ++k) {
        styles_.push_back(s == 1           ? 1
                          : k == favourite ? kFavouriteStyle
                                           : other);
      }
    }
  }
}

void Shop::make_promotions(Rng& rng) {
  const int weeks = calendar_.weeks(), c = catalogue_.categories();
  promoted_.assign(static_cast<std::size_t>(weeks) * categories(), -1);
  for (int p = 0; p < options_.promotions && weeks > kPromotionWeeks; ++p) {
    const int category = static_cast<int>(rng.below(std::uint64_t(c)));
    const int first = static_cast<int>(
        rng.below(static_cast<std::uint64_t>(weeks - kPromotionWeeks + 1)));
    const auto at = [&](int week) -> std::int32_t& {
      return promoted_[static_cast<std::size_t>(week) * categories() +
                       static_cast<std::size_t>(category)];
    };
    // One promotion of a category at a time; a clash is simply not held.
    if (at(first) >= 0 || at(first + kPromotionWeeks - 1) >= 0) continue;
    for (int w = 0; w < kPromotionWeeks; ++w) {
      at(first + w) = static_cast<std::int32_t>(promotions_.size());
    }
    promotions_.push_back(
        {category, first, kPromotionWeeks, options_.promotion_lift, kDiscount});
  }
}

double Shop::base_mission(int taste, int category, int week) const noexcept {
  const auto c = static_cast<std::size_t>(category);
  const double turn = calendar_.turn(week * 7 + 3.5) - phase_[c];
  return taste_[static_cast<std::size_t>(taste) * categories() + c] *
         std::exp(kSeasonSpread * wave(turn));
}

double Shop::promotion_lift(int category, int week) const noexcept {
  const auto p = promoted_[static_cast<std::size_t>(week) * categories() +
                           static_cast<std::size_t>(category)];
  return p < 0 ? 1 : promotions_[static_cast<std::size_t>(p)].lift;
}

double Shop::discount(int category, int week) const noexcept {
  const auto p = promoted_[static_cast<std::size_t>(week) * categories() +
                           static_cast<std::size_t>(category)];
  return p < 0 ? 0 : promotions_[static_cast<std::size_t>(p)].discount;
}

void Shop::make_missions() {
  const int tastes = options_.tastes, weeks = calendar_.weeks();
  missions_.resize(mission_at(tastes, 0));
  mission_cum_.resize(missions_.size());
  for (int g = 0; g < tastes; ++g) {
    for (int w = 0; w < weeks; ++w) {
      double* row = &missions_[mission_at(g, w)];
      double sum = 0;
      for (int c = 0; c < catalogue_.categories(); ++c) {
        sum += row[c] = base_mission(g, c, w) * promotion_lift(c, w);
      }
      for (std::size_t c = 0; c < categories(); ++c) row[c] /= sum;
      std::partial_sum(row, row + categories(),
                       &mission_cum_[mission_at(g, w)]);
    }
  }
}

void Shop::make_days() {
  const int days = calendar_.days();
  const int opening = std::max(1, days / 10);
  for (int d = 0; d < days; ++d) {
    // Busiest in early December.
    const double year = 1 + 0.25 * wave(calendar_.turn(d) - 0.93);
    season_.push_back(
        year * kWeekdays[static_cast<std::size_t>(calendar_.weekday(d))]);
    signup_.push_back(0.5 / days + (d < opening ? 0.5 / opening : 0));
  }
}

int Shop::draw_mission(int taste, int week, Rng& rng) const noexcept {
  const double* row = &mission_cum_[mission_at(taste, week)];
  const double u = rng.uniform() * row[categories() - 1];
  return static_cast<int>(std::upper_bound(row, row + categories() - 1, u) -
                          row);
}

int Shop::draw_style(int taste, int category, Rng& rng) const noexcept {
  const auto p = styles(taste, category);
  double u = rng.uniform();
  std::size_t s = 0;
  while (s + 1 < p.size() && u >= p[s]) u -= p[s++];
  return static_cast<int>(s);
}

double Shop::visit(int kind, int day) const noexcept {
  const bool in_campaign = day >= campaign_.first && day < campaign_.last;
  const double response = in_campaign ? kResponses[kind % 3].visits : 1;
  return std::min(0.95, kSegments[kind / 3].visits_per_day * response *
                            options_.visits * season_[day]);
}

double Shop::bot_visit(int day) const noexcept {
  return std::min(0.95, kBotVisits * options_.visits * season_[day]);
}

double Shop::buy(int kind, int day) const noexcept {
  const bool in_campaign = day >= campaign_.first && day < campaign_.last;
  return kSegments[kind / 3].buy + (in_campaign ? kResponses[kind % 3].buy : 0);
}

int Shop::cycle(int category) const noexcept {
  // Every third category is used up: the names at those places fit that.
  return category % 3 == 0
             ? kCycles[static_cast<std::size_t>(category) / 3 % kCycles.size()]
             : 0;
}

bool Shop::refill_due(int category, int days_since) const noexcept {
  const int days = cycle(category);
  return days > 0 && 5 * days_since >= 4 * days && 5 * days_since <= 8 * days;
}

double Shop::refill(int category, int days_since) const noexcept {
  return refill_due(category, days_since) ? options_.refill : 0;
}

}  // namespace ensue::simulate
