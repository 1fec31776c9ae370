// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/profile.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/classic/discounts.h"
#include "ensue/classic/internal/search_index.h"
#include "ensue/runtime/search_words.h"
#include "ensue/runtime/text_terms.h"

namespace ensue::classic {
namespace {

using events::History;
using events::Millis;

constexpr std::size_t kLeastValues = 2, kMostValues = 1000, kItemsOfValue = 5,
                      kTitlesOfWord = 3, kShortestWord = 3, kTwoLetters = 6;
constexpr double kMostTitles = 0.2;
constexpr std::size_t kMostItems = 300;  // of one customer, for lifts
constexpr int kPercentiles = 101;

using Topics = std::map<std::string, std::set<std::uint32_t>, std::less<>>;

Topics values_of(const events::Column& column, std::size_t items) {
  Topics out;
  for (std::uint32_t i = 0; i < std::min(items, column.size()); ++i) {
    if (!column.text(i).empty()) out[column.text(i)].insert(i);
  }
  return out;
}

bool parts_items(const Topics& values) {
  std::size_t items = 0;
  for (const auto& [value, of] : values) items += of.size();
  return values.size() >= kLeastValues && values.size() <= kMostValues &&
         items >= kItemsOfValue * values.size();
}

// Words of three letters or more; pairs of characters where words are not
// parted.
std::vector<std::string> words_in(const std::string& title) {
  std::vector<std::string> out;
  runtime::each_word_term(title, /*longest=*/1, [&](std::string_view word) {
    const bool plain = std::ranges::all_of(
        word, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const bool number =
        std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
    if (plain && !number && word.size() >= kShortestWord) {
      out.emplace_back(word);
    }
    if (plain) return;
    for (std::string& pair : runtime::search_words(word)) {
      if (pair.size() >= kTwoLetters) out.push_back(std::move(pair));
    }
  });
  return out;
}

Topics words_of(const events::Table& table, std::size_t items) {
  Topics out;
  for (const char* name : {"title", "name", "description"}) {
    const events::Column* titles = table.find(name);
    if (titles == nullptr || !titles->is_text()) continue;
    for (std::uint32_t i = 0; i < std::min(items, titles->size()); ++i) {
      for (const std::string& word : words_in(titles->text(i))) {
        out[word].insert(i);
      }
    }
    break;
  }
  std::erase_if(out, [&](const auto& word) {
    return word.second.size() < kTitlesOfWord ||
           static_cast<double>(word.second.size()) >
               kMostTitles * static_cast<double>(items);
  });
  return out;
}

// What items are about, and what that is called.
std::pair<Topics, std::string> topics_of(const events::Log& log,
                                         const std::string& said) {
  const events::Table& table = log.item_table();
  if (!said.empty()) {
    const events::Column* column = table.find(said);
    if (column == nullptr || !column->is_text()) {
      throw Error(Code::kNotFound, "profile.category: the items have no " +
                                       std::string("column of texts '") + said +
                                       "'");
    }
    return {values_of(*column, log.items()), said};
  }
  for (const events::Column& column : table.columns) {
    if (!column.is_text() || column.name == table.known_since) continue;
    Topics values = values_of(column, log.items());
    if (parts_items(values)) return {std::move(values), column.name};
  }
  return {words_of(table, log.items()), "words"};
}

// The histories before the time, of those who have one.
std::vector<History> histories_of(const events::Log& log, Millis until) {
  std::vector<History> out;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const History all = log.history(events::UserId{u});
    const auto kept = static_cast<std::size_t>(
        std::ranges::lower_bound(all.times, until) - all.times.begin());
    if (kept > 0) out.push_back(all.first(kept));
  }
  if (out.empty()) invalid("profile: no event to learn from");
  return out;
}

// Events of each item.
std::vector<double> counts_of(std::span<const History> histories,
                              std::size_t items) {
  std::vector<double> out(items, 0);
  for (const History& history : histories) {
    for (const auto item : history.items) {
      if (item != events::kNoItem) out[events::index(item)] += 1;
    }
  }
  return out;
}

void add_topics(artifact::Draft& draft, const Topics& topics,
                std::span<const double> counts) {
  ItemRows rows;
  std::vector<double> share;
  double all = 0;
  for (const auto& [topic, items] : topics) {
    rows.keys.push_back(topic);
    share.push_back(0);
    for (const std::uint32_t item : items) {
      rows.items.push_back(item);
      rows.weights.push_back(1);
      share.back() += counts[item];
    }
    all += share.back();
    rows.offsets.push_back(rows.items.size());
  }
  for (double& s : share) s = all > 0 ? s / all : 0;
  add_rows(rows, "topic", "topic_weights", "topics", draft);
  draft.add<double>("topic_share", {static_cast<std::int64_t>(share.size())},
                    share);
}

void add_popularity(artifact::Draft& draft, std::span<const double> counts) {
  double all = static_cast<double>(counts.size()) + 1;
  for (const double count : counts) all += count;
  std::vector<float> out;
  for (const double count : counts) {
    out.push_back(static_cast<float>(std::log((count + 1) / all)));
  }
  draft.add<float>("log_popularity", {static_cast<std::int64_t>(out.size())},
                   out);
}

void add_lifts(artifact::Draft& draft, std::span<const History> histories,
               std::size_t items, int neighbours) {
  std::vector<std::vector<std::uint32_t>> sets;
  for (const History& history : histories) {
    std::vector<std::uint32_t> set;
    for (std::size_t e = history.size(); e-- > 0 && set.size() < kMostItems;) {
      const auto item = history.items[e];
      if (item == events::kNoItem) continue;
      if (std::ranges::count(set, events::index(item)) > 0) continue;
      set.push_back(events::index(item));
    }
    if (!set.empty()) sets.push_back(std::move(set));
  }
  add_rows(pair_lifts(sets, items, static_cast<std::size_t>(neighbours)),
           "lift", "lifts", "", draft);
}

double quantile(const std::vector<double>& sorted, double at) {
  if (sorted.empty()) return 0;
  const double place = at * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  const double share = place - static_cast<double>(low);
  return sorted[low] + share * (sorted[high] - sorted[low]);
}

bool is_purchase(const events::Log& log, const std::string& buying,
                 events::ActionId action) {
  return log.action_names().size() == 1 ||
         log.action_names().name(events::index(action)) == buying;
}

// Two thirds of the prices paid, and the days between purchases.
void add_usual(artifact::Draft& draft, const events::Log& log,
               std::span<const History> histories,
               const ProfileOptions& options) {
  const events::Column* prices = log.item_table().find(options.price);
  if (prices != nullptr && prices->is_text()) prices = nullptr;
  std::vector<double> paid, gaps;
  for (const History& history : histories) {
    std::optional<std::int64_t> last_day;
    for (std::size_t e = 0; e < history.size(); ++e) {
      if (!is_purchase(log, options.buying, history.actions[e])) continue;
      const auto item = events::index(history.items[e]);
      const double price = prices != nullptr && item < prices->size()
                               ? prices->number(item)
                           : prices == nullptr ? history.values[e]
                                               : std::nan("");
      if (!std::isnan(price)) paid.push_back(price);
      const std::int64_t day = events::count(history.times[e]) / events::kDayMs;
      if (last_day && day > *last_day) {
        gaps.push_back(static_cast<double>(day - *last_day));
      }
      last_day = day;
    }
  }
  std::ranges::sort(paid);
  std::ranges::sort(gaps);
  const std::vector<double> thirds = {quantile(paid, 1.0 / 3),
                                      quantile(paid, 2.0 / 3)};
  std::vector<double> days;
  for (int p = 0; p < kPercentiles; ++p) {
    days.push_back(quantile(gaps, p / (kPercentiles - 1.0)));
  }
  draft.add<double>("price_thirds", {2}, thirds);
  draft.add<double>("gap_days", {kPercentiles}, days);
}

// Columns of money off, which the profile reads of later events, too.
void add_discounts(artifact::Draft& draft, const events::Log& log,
                   const std::optional<DiscountFit>& fit) {
  artifact::Description& about = draft.description();
  JsonArray columns;
  for (const events::ContextColumn& column : log.context()) {
    if (!fit || std::ranges::count(fit->source.columns, column.name) == 0) {
      continue;
    }
    columns.push_back(Json(column.name));
    about.context.push_back(column);
    about.schema.context.push_back(column.name);
  }
  about.training["discount"] = std::move(columns);
  if (!fit) return;
  about.training["discount_empty_is_none"] = fit->source.empty_is_none;
  draft.add<double>("discount_spread", {2},
                    std::vector{fit->spread.offer, fit->spread.full});
}

}  // namespace

artifact::Draft fit_profile(const events::Log& log, Millis until,
                            const ProfileOptions& options) {
  if (options.recent_days < 1 || options.neighbours < 1) {
    invalid("profile: expected recent_days and neighbours of 1 or more");
  }
  const auto histories = histories_of(log, until);
  const auto counts = counts_of(histories, log.items());
  const auto [topics, called] = topics_of(log, options.category);
  artifact::Description about;
  about.model.name = "profile";
  about.schema = log.schema();
  about.schema.context.clear();
  about.items = log.item_names();
  about.actions = log.action_names();
  about.item_table = log.item_table();
  about.training = write_fields(options);
  about.training["topics"] = called;
  about.data = {{"until_ms", events::count(until)},
                {"customers", histories.size()}};
  artifact::Draft out(std::move(about));
  add_topics(out, topics, counts);
  add_popularity(out, counts);
  add_lifts(out, histories, log.items(), options.neighbours);
  add_usual(out, log, histories, options);
  add_discounts(out, log,
                fit_discounts(log, until, options.buying, options.discount));
  return out;
}

}  // namespace ensue::classic
