// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/profile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/tasks/next_item.h"

namespace ensue::tasks {
namespace {

constexpr double kOwnDays = 10;  // topics that draw lately to everybody's
constexpr std::size_t kFewestDays = 3;
constexpr std::array<const char*, 7> kWeekdays = {
    "Thursday", "Friday",  "Saturday", "Sunday",
    "Monday",   "Tuesday", "Wednesday"};  // 1 January 1970 was the first

const Json& setting(const artifact::Description& about, std::string_view name) {
  const Json* found = about.training.if_contains(name);
  if (found != nullptr) return *found;
  throw Error(Code::kCorrupt,
              "profile: training." + std::string(name) + " is missing");
}

std::string text_in(const artifact::Description& about, std::string_view name) {
  const Json& found = setting(about, name);
  if (found.is_string()) return std::string(found.get_string());
  throw Error(Code::kCorrupt,
              "profile: training." + std::string(name) + " is no text");
}

// Nothing in a model that does not know of money off.
std::optional<runtime::Discounts> discounts_in(
    const artifact::Description& about, const std::string& buying) {
  const Json* columns = about.training.if_contains("discount");
  if (columns == nullptr || !columns->is_array()) return std::nullopt;
  runtime::DiscountSource source{.buying = buying};
  for (const Json& name : columns->get_array()) {
    if (name.is_string()) source.columns.emplace_back(name.get_string());
  }
  if (source.columns.empty()) return std::nullopt;
  source.empty_is_none = setting(about, "discount_empty_is_none") == Json(true);
  return runtime::Discounts(about.context, about.actions, source);
}

std::int64_t day_of(events::Millis time) {
  const std::int64_t millis = events::count(time);
  return (millis -
          (millis % events::kDayMs + events::kDayMs) % events::kDayMs) /
         events::kDayMs;
}

double sum_of(std::span<const double> values) {
  double out = 0;
  for (const double v : values) out += v;
  return out;
}

double quantile(std::vector<double> values, double at) {
  std::ranges::sort(values);
  const double place = at * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  const double share = place - static_cast<double>(low);
  return values[low] + share * (values[high] - values[low]);
}

// The topics counted more often than expected, by evidence.
template <class Expected>
std::vector<Interest> more_than(const runtime::Tastes& tastes,
                                std::span<const double> counts,
                                const Expected& expected) {
  const double all = sum_of(counts);
  std::vector<std::pair<double, Interest>> found;
  for (std::size_t t = 0; t < counts.size(); ++t) {
    const double share = expected(t), e = all * share;
    if (counts[t] < 2 || counts[t] <= e) continue;
    const double worth = counts[t] * std::log((counts[t] + 1) / (e + 1));
    found.push_back(
        {-worth,
         {std::string(tastes.name(t)), static_cast<std::size_t>(counts[t]),
          counts[t] / all, share > 0 ? counts[t] / e : 0}});
  }
  std::ranges::stable_sort(found, {},
                           [](const auto& one) { return one.first; });
  std::vector<Interest> out;
  for (const auto& [worth, interest] : found) {
    if (out.size() < ProfileModel::kInterests) out.push_back(interest);
  }
  return out;
}

std::vector<Interest> largest(const runtime::Tastes& tastes,
                              std::span<const double> counts) {
  const double all = sum_of(counts);
  std::vector<Interest> out;
  for (std::size_t t = 0; t < counts.size(); ++t) {
    if (counts[t] == 0) continue;
    const double share = counts[t] / all;
    out.push_back({std::string(tastes.name(t)),
                   static_cast<std::size_t>(counts[t]), share,
                   tastes.share(t) > 0 ? share / tastes.share(t) : 0});
  }
  std::ranges::stable_sort(out, std::greater<>(), &Interest::events);
  if (out.size() > ProfileModel::kInterests) {
    out.resize(ProfileModel::kInterests);
  }
  return out;
}

// The most frequent value and its share; ties by the lower one.
template <std::size_t N>
std::pair<std::size_t, double> mode_of(const std::array<double, N>& counts) {
  const auto best = std::ranges::max_element(counts);
  return {static_cast<std::size_t>(best - counts.begin()),
          *best / sum_of(counts)};
}

std::string words(const char* format, double a, double b) {
  char out[120];
  std::snprintf(out, sizeof out, format, a, b);
  return out;
}

}  // namespace

bool ProfileModel::is_one(const artifact::Description& about) {
  return about.model.name == "profile";
}

ProfileModel::ProfileModel(std::shared_ptr<const artifact::Artifact> artifact)
    : tastes_(std::move(artifact)),
      topics_(text_in(about(), "topics")),
      buying_(text_in(about(), "buying")),
      prices_(about().item_table.find(text_in(about(), "price"))),
      thirds_(tastes_.artifact().tensor("price_thirds").as<double>()),
      gaps_(tastes_.artifact().tensor("gap_days").as<double>()),
      discounts_(discounts_in(about(), buying_)) {
  const Json& days = setting(about(), "recent_days");
  if (!days.is_number() || thirds_.size() != 2 || gaps_.empty() ||
      !std::ranges::is_sorted(gaps_)) {
    throw Error(Code::kCorrupt, "profile: usual prices and gaps do not fit");
  }
  recent_ms_ = days.to_number<std::int64_t>() * events::kDayMs;
  if (prices_ != nullptr && prices_->is_text()) prices_ = nullptr;
  if (!discounts_) return;
  spread_ = tastes_.artifact().tensor("discount_spread").as<double>();
  if (spread_.size() != 2 || !(spread_[0] > 0) || !(spread_[1] > 0)) {
    throw Error(Code::kCorrupt, "profile: shares with money off do not fit");
  }
}

std::optional<double> ProfileModel::discounted_share() const noexcept {
  if (!discounts_) return std::nullopt;
  return spread_[0] / (spread_[0] + spread_[1]);
}

bool ProfileModel::is_purchase(const events::History& history,
                               std::size_t e) const {
  const auto action = events::index(history.actions[e]);
  const events::Vocabulary& names = about().actions;
  return action < names.size() &&
         (names.size() == 1 || names.name(action) == buying_);
}

double ProfileModel::price(const events::History& history,
                           std::size_t e) const {
  if (prices_ == nullptr) return history.values[e];
  const auto item = events::index(history.items[e]);
  return item < prices_->size() ? prices_->number(item) : std::nan("");
}

std::optional<PriceBand> ProfileModel::price_of(
    const events::History& bought) const {
  std::vector<double> paid;
  for (std::size_t e = 0; e < bought.size(); ++e) {
    const double one = price(bought, e);
    if (!std::isnan(one)) paid.push_back(one);
  }
  if (paid.empty()) return std::nullopt;
  PriceBand out{
      quantile(paid, 0.1), quantile(paid, 0.5), quantile(paid, 0.9), {}};
  out.name = out.middle <= thirds_[0]   ? "low"
             : out.middle <= thirds_[1] ? "middle"
                                        : "high";
  return out;
}

void ProfileModel::add_interests(const events::History& past,
                                 const events::History& bought,
                                 events::Millis at, Profile& out) const {
  out.favourites =
      largest(tastes_, tastes_.count(bought.empty() ? past : bought));
  const auto counts = tastes_.count(past);
  out.long_term = more_than(tastes_, counts,
                            [&](std::size_t t) { return tastes_.share(t); });
  if (!about().schema.has_clock) return;
  const auto since = static_cast<std::size_t>(
      std::ranges::lower_bound(past.times,
                               events::Millis{events::count(at) - recent_ms_}) -
      past.times.begin());
  const auto lately = tastes_.count(past.slice(since, past.size())),
             before = tastes_.count(past.first(since));
  const double all = sum_of(before);
  out.short_term = more_than(tastes_, lately, [&](std::size_t t) {
    return (before[t] + kOwnDays * tastes_.share(t)) / (all + kOwnDays);
  });
}

void ProfileModel::add_rhythm(const events::History& bought, events::Millis at,
                              Profile& out) const {
  if (!about().schema.has_clock || bought.empty()) return;
  std::vector<double> gaps;
  std::array<double, 7> weekdays{};
  std::array<double, 24> hours{};
  Rhythm rhythm;
  std::int64_t last = 0;
  for (const events::Millis time : bought.times) {
    const std::int64_t day = day_of(time);
    const std::int64_t of_day = events::count(time) - day * events::kDayMs;
    hours[static_cast<std::size_t>(of_day / events::kHourMs)] += 1;
    if (rhythm.days > 0 && day == last) continue;
    if (rhythm.days > 0) gaps.push_back(static_cast<double>(day - last));
    ++rhythm.days;
    weekdays[static_cast<std::size_t>((day % 7 + 7) % 7)] += 1;
    last = day;
  }
  const auto [weekday, weekday_share] = mode_of(weekdays);
  const auto [hour, hour_share] = mode_of(hours);
  rhythm.weekday = kWeekdays[weekday];
  rhythm.weekday_share = weekday_share;
  rhythm.hour = static_cast<int>(hour);
  rhythm.hour_share = hour_share;
  rhythm.silence = static_cast<double>(day_of(at) - last);
  if (!gaps.empty()) {
    rhythm.gap = quantile(gaps, 0.5);
    rhythm.due = events::Millis{
        (last + static_cast<std::int64_t>(std::ceil(rhythm.gap))) *
        events::kDayMs};
  }
  out.risk = risk_of(rhythm, gaps);
  out.rhythm = std::move(rhythm);
}

std::optional<Risk> ProfileModel::risk_of(const Rhythm& rhythm,
                                          std::span<const double> gaps) const {
  const bool own = rhythm.days >= kFewestDays;
  const std::span<const double> compared = own ? gaps : gaps_;
  const auto shorter = static_cast<double>(std::ranges::count_if(
      compared, [&](double gap) { return gap < rhythm.silence; }));
  Risk out{.value = shorter / (static_cast<double>(compared.size()) + 1),
           .by = own ? "own rhythm" : "everybody's rhythm",
           .words = {}};
  const double usual =
      own ? rhythm.gap : quantile({gaps_.begin(), gaps_.end()}, 0.5);
  out.words = words(own ? "silent for %.0f days, usually %.3g"
                        : "silent for %.0f days, others usually %.3g",
                    rhythm.silence, usual);
  return out;
}

void ProfileModel::add_discount(const events::History& past,
                                Profile& out) const {
  if (!discounts_) return;
  const runtime::DiscountCount own = discounts_->count(past);
  if (own.purchases > 0)
    out.discount = discount_use(own, spread_[0], spread_[1]);
}

Profile ProfileModel::describe(const events::History& history,
                               events::Millis at) const {
  const auto known = static_cast<std::size_t>(
      std::ranges::lower_bound(history.times, at) - history.times.begin());
  const events::History past = history.first(known);
  Profile out;
  out.events = past.size();
  std::vector<events::ItemId> items;
  std::vector<events::ActionId> actions;
  std::vector<events::Millis> times;
  std::vector<float> values;
  for (std::size_t e = 0; e < past.size(); ++e) {
    if (!is_purchase(past, e)) continue;
    items.push_back(past.items[e]);
    actions.push_back(past.actions[e]);
    times.push_back(past.times[e]);
    values.push_back(past.values[e]);
    if (!std::isnan(past.values[e])) out.spend += past.values[e];
  }
  const events::History bought{items, actions, times, values};
  out.purchases = bought.size();
  if (!past.empty()) {
    out.first = past.times.front();
    out.last = past.times.back();
  }
  add_interests(past, bought, at, out);
  out.price = price_of(bought);
  add_rhythm(bought, at, out);
  add_discount(past, out);
  for (const runtime::SuitingItem& one : tastes_.suiting(past, kOffers)) {
    out.offers.push_back({std::string(about().items.name(one.item)),
                          title_of(about(), one.item), one.score});
  }
  out.offered_by = "lift";
  return out;
}

Risk risk_from(double retention, int horizon_days) {
  return {1 - retention, "retention",
          words("buys again within %.0f days with chance %.3f",
                static_cast<double>(horizon_days), retention)};
}

}  // namespace ensue::tasks
