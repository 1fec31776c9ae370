// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/market.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>

#include "ensue/base/error.h"
#include "ensue/features/columns.h"
#include "ensue/features/defaults.h"
#include "ensue/features/past.h"

namespace ensue::data {
namespace {

using events::History, events::Log, events::Millis, events::UserId;
using features::EventColumn;

constexpr double kMoved = 3;
constexpr std::uint64_t kSupport = 20;

template <class Take>
void each_event(const Log& log, const Take& take) {
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const History history = log.history(UserId{u});
    for (std::size_t i = 0; i < history.size(); ++i) take(history, i);
  }
}

// What was bought of one thing.
struct Tally {
  std::uint64_t bought = 0, earlier = 0, now = 0;
  std::array<std::uint64_t, 24> hours{};
  std::array<std::uint64_t, 7> weekdays{};
  std::string name;
};
using Tallies = std::unordered_map<std::uint32_t, Tally>;

class Counter {
 public:
  Counter(const Log& log, const Market& market)
      : log_(log),
        market_(market),
        action_(*log.action_names().find(market.action)) {}

  bool bought(const History& history, std::size_t i) const {
    return index(history.actions[i]) == action_;
  }

  Tallies count(const std::string& column) const {
    const EventColumn cells(column, features::names_of(log_));
    Tallies out;
    each_event(log_, [&](const History& history, std::size_t i) {
      if (!bought(history, i)) return;
      const std::uint32_t code = cells.code(history, i);
      if (code == EventColumn::kNothing) return;
      Tally& tally = out[code];
      if (tally.bought == 0) tally.name = name_of(column, history, i);
      add(history.times[i], tally);
    });
    return out;
  }

  void add(Millis time, Tally& tally) const {
    ++tally.bought;
    ++tally.hours[static_cast<std::size_t>(features::hour_of(time))];
    ++tally.weekdays[static_cast<std::size_t>(features::weekday_of(time))];
    if (time >= market_.now_from) {
      ++tally.now;
    } else if (time >= market_.earlier_from) {
      ++tally.earlier;
    }
  }

 private:
  std::string name_of(const std::string& column, const History& history,
                      std::size_t i) const {
    for (std::size_t c = 0; c < log_.context().size(); ++c) {
      const auto& [name, kind, values] = log_.context()[c];
      if (name != column) continue;
      const events::Cell cell = history.context.row(i)[c];
      return kind == events::ContextKind::kNumber
                 ? events::text_of(cell.number())
                 : std::string(values.name(cell.code()));
    }
    const std::size_t item = index(history.items[i]);
    if (column != "item") return log_.item_table().find(column)->show(item);
    for (const char* title : {"title", "name", "description"}) {
      const auto* found = log_.item_table().find(title);
      if (found != nullptr && !found->show(item).empty()) {
        return found->show(item);
      }
    }
    return std::string(log_.item_names().name(item));
  }

  const Log& log_;
  const Market& market_;
  std::uint32_t action_;
};

double ratio(std::uint64_t part, std::uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

MarketTrend trend(const Tally& tally, const Market& market) {
  MarketTrend out{tally.name, tally.bought, tally.earlier, tally.now};
  out.share_earlier = ratio(tally.earlier, market.earlier);
  out.share_now = ratio(tally.now, market.now);
  const double pooled =
      ratio(tally.earlier + tally.now, market.earlier + market.now);
  const double error =
      std::sqrt(pooled * (1 - pooled) *
                (1 / std::max(1.0, static_cast<double>(market.earlier)) +
                 1 / std::max(1.0, static_cast<double>(market.now))));
  out.moved = error > 0 ? (out.share_now - out.share_earlier) / error : 0;
  return out;
}

std::vector<MarketTrend> trends(const Tallies& tallies, const Market& market) {
  std::vector<MarketTrend> out;
  for (const auto& [code, tally] : tallies) {
    out.push_back(trend(tally, market));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.bought != b.bought ? a.bought > b.bought : a.name < b.name;
  });
  return out;
}

// The strongest movements upwards (+1) or downwards (-1).
std::vector<MarketTrend> movers(const std::vector<MarketTrend>& all, int sign,
                                std::size_t rows) {
  std::vector<MarketTrend> out;
  for (const MarketTrend& t : all) {
    if (sign * t.moved >= kMoved) out.push_back(t);
  }
  std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
    return sign * a.moved > sign * b.moved;
  });
  if (out.size() > rows) out.resize(rows);
  return out;
}

// What stands out among what was bought in one slot of the day or the week.
template <class Of>
MarketSlot slot(std::string name, const Tallies& tallies, const Tally& all,
                const Of& of) {
  MarketSlot out{std::move(name), of(all), "", 0};
  for (const auto& [code, tally] : tallies) {
    if (of(tally) < kSupport || 100 * of(tally) < out.bought) continue;
    const double lift =
        ratio(of(tally), out.bought) / ratio(tally.bought, all.bought);
    if (lift > out.lift || (lift == out.lift && tally.name < out.favourite)) {
      out.favourite = tally.name;
      out.lift = lift;
    }
  }
  return out;
}

void describe_slots(const Tallies& tallies, const Tally& all, Market& out) {
  constexpr std::array<const char*, 7> kDays = {
      "Monday", "Tuesday",  "Wednesday", "Thursday",
      "Friday", "Saturday", "Sunday"};
  for (std::size_t h = 0; h < 24; ++h) {
    const std::string hour = (h < 10 ? "0" : "") + std::to_string(h) + ":00";
    out.hours.push_back(slot(hour, tallies, all, [h](const Tally& tally) {
      return tally.hours[h];
    }));
  }
  for (std::size_t d = 0; d < 7; ++d) {
    out.weekdays.push_back(
        slot(kDays[d], tallies, all,
             [d](const Tally& tally) { return tally.weekdays[d]; }));
  }
}

std::string promotion_column(const Log& log, const std::string& named) {
  if (!named.empty()) return named;
  for (const auto& column : log.context()) {
    for (const char* word : {"promo", "coupon", "discount", "campaign"}) {
      if (column.name.find(word) != std::string::npos) return column.name;
    }
  }
  return "";
}

// A number above 0 is a promotion, whatever its size.
std::string promotion_of(const EventColumn& column,
                         const events::ContextColumn* context,
                         const History& history, std::size_t i) {
  if (column.is_number()) {
    return column.number(history, i) > 0 ? "yes" : "none";
  }
  const std::uint32_t code = column.code(history, i);
  if (code == EventColumn::kNothing) return "none";
  return context == nullptr ? "value " + std::to_string(code)
                            : std::string(context->values.name(code));
}

void describe_promotions(const Log& log, const Counter& counter,
                         std::size_t rows, Market& out) {
  if (out.promotion.empty()) return;
  const EventColumn column(out.promotion, features::names_of(log));
  const events::ContextColumn* context = nullptr;
  for (const auto& c : log.context()) {
    if (c.name == out.promotion) context = &c;
  }
  struct Sum {
    std::uint64_t events = 0, bought = 0, valued = 0;
    double value = 0;
  };
  std::map<std::string, Sum> sums;
  each_event(log, [&](const History& history, std::size_t i) {
    Sum& sum = sums[promotion_of(column, context, history, i)];
    ++sum.events;
    if (!counter.bought(history, i)) return;
    ++sum.bought;
    if (std::isnan(history.values[i])) return;
    ++sum.valued;
    sum.value += history.values[i];
  });
  for (const auto& [value, sum] : sums) {
    const double mean = sum.valued == 0
                            ? std::numeric_limits<double>::quiet_NaN()
                            : sum.value / static_cast<double>(sum.valued);
    out.promotions.push_back({value, sum.events, sum.bought, mean});
  }
  std::stable_sort(
      out.promotions.begin(), out.promotions.end(),
      [](const auto& a, const auto& b) { return a.events > b.events; });
  if (out.promotions.size() > rows) out.promotions.resize(rows);
}

Market frame(const Log& log, const MarketOptions& options) {
  if (!log.schema().has_clock || log.size() == 0) {
    invalid("market: the log has no clock, so nothing is known of when");
  }
  Market out;
  out.action =
      options.action.empty() ? features::main_action(log) : options.action;
  if (!log.action_names().find(out.action)) {
    invalid("market: nobody did '" + out.action + "' in this log");
  }
  const auto columns = features::category_columns(log);
  out.by = !options.by.empty() ? options.by
           : columns.empty()   ? "item"
                               : columns.front();
  out.promotion = promotion_column(log, options.promotion);
  const auto times = log.columns().times;
  const auto [low, high] = std::minmax_element(times.begin(), times.end());
  const std::int64_t quarter = (count(*high) - count(*low) + 4) / 4;
  out.first = *low, out.last = *high;
  out.now_from = Millis{count(*high) + 1 - quarter};
  out.earlier_from = Millis{count(out.now_from) - quarter};
  return out;
}

}  // namespace

Market describe_market(const Log& log, const MarketOptions& options) {
  Market out = frame(log, options);
  const Counter counter(log, out);
  Tally all;
  constexpr std::int64_t kWeek = 7 * events::kDayMs;
  out.weeks.assign(static_cast<std::size_t>(
                       (count(out.last) - count(out.first)) / kWeek + 1),
                   0);
  each_event(log, [&](const History& history, std::size_t i) {
    if (!counter.bought(history, i)) return;
    counter.add(history.times[i], all);
    ++out.weeks[static_cast<std::size_t>(
        (count(history.times[i]) - count(out.first)) / kWeek)];
  });
  out.bought = all.bought, out.earlier = all.earlier, out.now = all.now;
  const Tallies items = counter.count("item");
  const auto moved = trends(items, out);
  out.growing = movers(moved, 1, options.rows);
  out.fading = movers(moved, -1, options.rows);
  if (out.by == "item") {
    describe_slots(items, all, out);
  } else {
    const Tallies categories = counter.count(out.by);
    out.categories = trends(categories, out);
    if (out.categories.size() > options.rows) {
      out.categories.resize(options.rows);
    }
    describe_slots(categories, all, out);
  }
  describe_promotions(log, counter, options.rows, out);
  return out;
}

}  // namespace ensue::data
