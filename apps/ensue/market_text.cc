// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/market_text.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "apps/ensue/plot.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/time_text.h"

namespace ensue::apps {
namespace {

std::string date(events::Millis time) {
  return time_text(events::count(time)).substr(0, 10);
}

std::string title(const std::string& text) {
  return "\n" + styled(Style::kBold, text) + "\n";
}

std::string percent(double share, int digits = 2) {
  return fixed(100 * share, digits);
}

std::string change(const data::MarketTrend& t) {
  if (t.share_earlier == 0) return t.now > 0 ? "new" : "-";
  const double ratio = t.share_now / t.share_earlier - 1;
  return (ratio >= 0 ? "+" : "") + percent(ratio, 0) + " %";
}

std::string trends(const std::vector<data::MarketTrend>& list,
                   const std::string& name) {
  TextTable table({name, "in all", "earlier", "now", "share earlier %",
                   "share now %", "change", "st. errors"});
  for (const data::MarketTrend& t : list) {
    table.add({t.name, grouped(t.bought), grouped(t.earlier), grouped(t.now),
               percent(t.share_earlier), percent(t.share_now), change(t),
               fixed(t.moved, 1)});
  }
  return table.text();
}

std::string slots(const std::vector<data::MarketSlot>& list,
                  const data::Market& market, const std::string& name) {
  std::uint64_t most = 1;
  for (const data::MarketSlot& slot : list) {
    most = std::max(most, slot.bought);
  }
  TextTable table({name, market.action, "share %", "", "stands out", "times"});
  for (const data::MarketSlot& slot : list) {
    if (slot.bought == 0) continue;
    const double share =
        static_cast<double>(slot.bought) /
        static_cast<double>(std::max<std::uint64_t>(1, market.bought));
    const auto length = static_cast<std::size_t>(
        20 * static_cast<double>(slot.bought) / static_cast<double>(most));
    table.add({slot.name, grouped(slot.bought), percent(share, 1),
               std::string(length, '='), clip(slot.favourite, 32),
               slot.favourite.empty() ? "" : fixed(slot.lift, 2)});
  }
  return table.text();
}

std::string promotions(const data::Market& market) {
  TextTable table({market.promotion, "events", market.action,
                   market.action + " per event", "mean value"});
  for (const data::MarketPromotion& p : market.promotions) {
    const double rate = p.events == 0 ? 0
                                      : static_cast<double>(p.bought) /
                                            static_cast<double>(p.events);
    table.add({p.value, grouped(p.events), grouped(p.bought), fixed(rate, 4),
               fixed(p.value_mean, 2)});
  }
  return table.text();
}

}  // namespace

std::string market_text(const data::Market& m) {
  std::string out = "  " + grouped(m.bought) + " × " + m.action + " from " +
                    date(m.first) + " to " + date(m.last) + " UTC\n";
  out += "  earlier: " + date(m.earlier_from) + " to " + date(m.now_from) +
         ", " + grouped(m.earlier) + "; now: from " + date(m.now_from) + ", " +
         grouped(m.now) + "\n";
  const std::vector<double> weeks(m.weeks.begin(), m.weeks.end());
  out += title("By week") + "  " + sparkline(weeks) + "\n";
  if (!m.categories.empty()) {
    out += title("By " + m.by) + trends(m.categories, m.by);
  }
  out += title("What grows");
  out += m.growing.empty() ? "  nothing by more than chance\n"
                           : trends(m.growing, "item");
  out += title("What fades");
  out += m.fading.empty() ? "  nothing by more than chance\n"
                          : trends(m.fading, "item");
  out += title("What is bought when: hours, UTC") + slots(m.hours, m, "hour");
  out += title("Days of the week") + slots(m.weekdays, m, "day");
  if (!m.promotions.empty()) {
    out += title("By " + m.promotion) + promotions(m);
  }
  return out;
}

}  // namespace ensue::apps
