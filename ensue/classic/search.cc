// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/threads.h"
#include "ensue/base/time_text.h"
#include "ensue/classic/internal/choice.h"
#include "ensue/classic/internal/search_index.h"
#include "ensue/runtime/search.h"

namespace ensue::classic {
namespace {

using events::ItemId;
using events::Millis;
using runtime::Search;

constexpr std::int64_t kAnswerMs = 600'000;
constexpr std::size_t kMostItems = 300;  // of one customer, for lifts
constexpr double kMatch = 5;  // weight of words that nobody has typed yet
constexpr std::uint32_t kUnknown = std::numeric_limits<std::uint32_t>::max();

std::size_t column_of(const events::Log& log, std::string_view name) {
  std::string known;
  for (std::size_t c = 0; c < log.context().size(); ++c) {
    const auto& column = log.context()[c];
    if (column.name == name && column.kind == events::ContextKind::kCategory) {
      return c;
    }
    known += (known.empty() ? "" : ", ") + column.name;
  }
  throw Error(Code::kNotFound, "search.query: no column of texts '" +
                                   std::string(name) + "' among the events' (" +
                                   known + ")");
}

// The events of one user before a time.
std::size_t before(const events::History& history, Millis time) {
  return static_cast<std::size_t>(
      std::ranges::lower_bound(history.times, time) - history.times.begin());
}

std::optional<ItemId> answer(const events::History& history, std::size_t at,
                             Millis until) {
  if (history.items[at] != events::kNoItem) return history.items[at];
  if (at + 1 == history.size() || history.times[at + 1] >= until) {
    return std::nullopt;
  }
  const bool soon =
      events::count(history.times[at + 1]) - events::count(history.times[at]) <=
      kAnswerMs;
  if (!soon || history.items[at + 1] == events::kNoItem) return std::nullopt;
  return history.items[at + 1];
}

// The items that may be answered, and their places in the log.
class Catalogue {
 public:
  Catalogue(const events::Log& log, Millis until) : places_(log.items()) {
    std::vector<std::uint8_t> known(log.items(), 0);
    for (std::size_t e = 0; e < log.size(); ++e) {
      const auto item = log.columns().items[e];
      if (item != events::kNoItem && log.columns().times[e] < until) {
        known[events::index(item)] = 1;
      }
    }
    note_listed(log.item_table(), until, known);
    for (std::uint32_t i = 0; i < log.items(); ++i) {
      places_[i] =
          known[i] == 0 ? kUnknown : static_cast<std::uint32_t>(items_.size());
      if (known[i] != 0) items_.push_back(i);
    }
  }
  std::size_t size() const { return items_.size(); }
  std::uint32_t place(ItemId item) const {
    return item == events::kNoItem ? kUnknown : places_[events::index(item)];
  }
  const std::vector<std::uint32_t>& items() const { return items_; }

  events::Vocabulary names(const events::Log& log) const {
    std::vector<std::string_view> out;
    for (const std::uint32_t i : items_) {
      out.push_back(log.item_names().name(i));
    }
    return events::Vocabulary::from_names(
        std::span<const std::string_view>(out));
  }
  events::Table table(const events::Table& from) const {
    events::Table out;
    out.known_since = from.known_since;
    for (const events::Column& column : from.columns) {
      std::visit(
          [&](const auto& cells) {
            std::remove_cvref_t<decltype(cells)> kept;
            for (const std::uint32_t i : items_) kept.push_back(cells[i]);
            out.columns.push_back({column.name, std::move(kept)});
          },
          column.cells);
    }
    return out;
  }

 private:
  // Items without an event that the table says were there.
  static void note_listed(const events::Table& table, Millis until,
                          std::vector<std::uint8_t>& known) {
    const events::Column* since =
        table.known_since.empty() ? nullptr : table.find(table.known_since);
    if (since == nullptr || !since->is_text()) return;
    for (std::size_t i = 0; i < known.size() && i < since->size(); ++i) {
      const auto when = read_iso(since->text(i));
      if (when && *when < events::count(until)) known[i] = 1;
    }
  }

  std::vector<std::uint32_t> places_, items_;
};

std::vector<std::string> texts_of(const events::Table& table,
                                  const SearchOptions& options) {
  std::vector<const events::Column*> columns;
  for (const std::string& name : options.text) {
    columns.push_back(table.find(name));
    if (columns.back() == nullptr || !columns.back()->is_text()) {
      throw Error(
          Code::kNotFound,
          "search.text: the items have no column of texts '" + name + "'");
    }
  }
  for (const events::Column& column : table.columns) {
    if (options.text.empty() && column.is_text() &&
        column.name != table.known_since) {
      columns.push_back(&column);
    }
  }
  if (columns.empty()) invalid("search.text: the items have no texts");
  std::vector<std::string> out(table.rows());
  for (const events::Column* column : columns) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] += column->text(i) + "\n";
    }
  }
  return out;
}

std::vector<float> log_popularity(const events::Log& log,
                                  const Catalogue& catalogue, Millis until) {
  std::vector<double> counts(catalogue.size(), 1);
  double all = static_cast<double>(counts.size()) + 1;
  for (std::size_t e = 0; e < log.size(); ++e) {
    const auto place = catalogue.place(log.columns().items[e]);
    if (place == kUnknown || log.columns().times[e] >= until) continue;
    counts[place] += 1;
    all += 1;
  }
  std::vector<float> out;
  for (const double count : counts) {
    out.push_back(static_cast<float>(std::log(count / all)));
  }
  return out;
}

std::vector<std::vector<std::uint32_t>> taken_sets(const events::Log& log,
                                                   const Catalogue& catalogue,
                                                   Millis until) {
  std::vector<std::vector<std::uint32_t>> out;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto history = log.history(events::UserId{u});
    std::vector<std::uint32_t> set;
    for (std::size_t e = before(history, until); e-- > 0;) {
      const auto place = catalogue.place(history.items[e]);
      if (place == kUnknown || std::ranges::count(set, place) > 0) continue;
      set.push_back(place);
      if (set.size() == kMostItems) break;
    }
    if (!set.empty()) out.push_back(std::move(set));
  }
  return out;
}

using Weights = std::array<std::vector<double>, 2>;  // popular, blend

artifact::Draft draft_of(const events::Log& log, const Catalogue& catalogue,
                         Millis until, const SearchOptions& options,
                         const Weights& weights) {
  artifact::Description about;
  about.model.name = "search";
  about.schema = log.schema();
  about.items = catalogue.names(log);
  about.actions = log.action_names();
  about.item_table = catalogue.table(log.item_table());
  about.training = write_fields(options);
  about.data = {{"until_ms", events::count(until)}};
  const auto texts = texts_of(about.item_table, options);
  artifact::Draft out(std::move(about));
  add_rows(index_words(texts, options.k1, options.b), "word", "word_weights",
           "words", out);
  std::vector<Led> led;
  std::vector<SearchQuestion> asked;
  if (!options.query.empty()) {
    asked = search_questions(log, options.query, Millis{0}, until);
  }
  for (const SearchQuestion& q : asked) {
    const auto place = catalogue.place(q.target);
    if (place != kUnknown) led.push_back({q.query, place});
  }
  add_rows(count_queries(led), "query", "query_counts", "queries", out);
  add_rows(pair_lifts(taken_sets(log, catalogue, until), catalogue.size(),
                      static_cast<std::size_t>(options.neighbours)),
           "lift", "lifts", "", out);
  const auto popularity = log_popularity(log, catalogue, until);
  const auto n = static_cast<std::int64_t>(popularity.size());
  out.add<float>("log_popularity", {n}, popularity);
  const auto signals = static_cast<std::int64_t>(weights[0].size());
  out.add<double>("popular_weights", {signals}, weights[0]);
  out.add<double>("blend_weights", {signals}, weights[1]);
  return out;
}

// One question's candidates with their signals; none when what was chosen is
// not among them.
struct Asked {
  std::vector<runtime::SearchCandidate> options;
  std::size_t chosen = 0;
};

Asked ask(const events::Log& log, const Catalogue& catalogue,
          const Search& search, const SearchQuestion& question) {
  const auto history = log.history(question.user).first(question.history);
  std::vector<ItemId> items;
  for (const ItemId item : history.items) {
    const auto place = catalogue.place(item);
    if (place != kUnknown) items.push_back(ItemId{place});
  }
  events::History past;
  past.items = items;
  Asked out;
  out.options = search.candidates({.query = question.query, .history = past});
  const auto target = catalogue.place(question.target);
  const auto found =
      std::ranges::find(out.options, target, &runtime::SearchCandidate::item);
  if (found == out.options.end()) return {};
  out.chosen = static_cast<std::size_t>(found - out.options.begin());
  return out;
}

Weights fit_weights(const events::Log& log, const Catalogue& catalogue,
                    const Search& search,
                    std::span<const SearchQuestion> questions, double ridge) {
  std::vector<Asked> asked(questions.size());
  parallel_for(questions.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t q = begin; q < end; ++q) {
      asked[q] = ask(log, catalogue, search, questions[q]);
    }
  });
  Choices choices;
  choices.width = runtime::kSearchSignals.size();
  for (const Asked& one : asked) {
    if (one.options.size() < 2) continue;
    for (const auto& option : one.options) {
      choices.rows.insert(choices.rows.end(), option.signals.begin(),
                          option.signals.end());
    }
    choices.offsets.push_back(choices.rows.size() / choices.width);
    choices.chosen.push_back(one.chosen);
  }
  if (choices.size() == 0) {
    invalid("search: no question whose answer stands among its candidates");
  }
  const std::vector<std::uint8_t> popular = {1, 1, 0, 0, 0},
                                  blend = {1, 1, 1, 1, 1};
  return {fit_choice(choices, popular, ridge),
          fit_choice(choices, blend, ridge)};
}

}  // namespace

Millis last_share(const events::Log& log, Millis until, double share) {
  std::vector<Millis> times;
  for (const Millis time : log.columns().times) {
    if (time < until) times.push_back(time);
  }
  if (times.empty()) invalid("search: no event to learn from");
  const auto at = static_cast<std::ptrdiff_t>(
      (1 - share) * static_cast<double>(times.size() - 1));
  std::nth_element(times.begin(), times.begin() + at, times.end());
  return times[static_cast<std::size_t>(at)];
}

std::vector<SearchQuestion> search_questions(const events::Log& log,
                                             std::string_view column,
                                             Millis from, Millis until) {
  const std::size_t place = column_of(log, column);
  const events::Vocabulary& texts = log.context()[place].values;
  const auto review = log.action_names().find("review");
  std::vector<std::pair<Millis, SearchQuestion>> found;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto history = log.history(events::UserId{u});
    for (std::size_t e = 0; e < history.size(); ++e) {
      const Millis time = history.times[e];
      const events::Cell cell = history.context.row(e)[place];
      if (cell.empty() || time < from || time >= until) continue;
      if (review && events::index(history.actions[e]) == *review) continue;
      const auto item = answer(history, e, until);
      if (!item) continue;
      found.emplace_back(
          time, SearchQuestion{events::UserId{u}, before(history, time),
                               texts.name(cell.code()), *item});
    }
  }
  std::ranges::stable_sort(found, {},
                           [](const auto& one) { return one.first; });
  std::vector<SearchQuestion> out;
  for (auto& [time, question] : found) out.push_back(question);
  return out;
}

artifact::Draft fit_search(const events::Log& log, Millis until,
                           const SearchOptions& options) {
  if (!(options.weights_share > 0 && options.weights_share < 1)) {
    invalid("search.weights_share: " + std::to_string(options.weights_share) +
            ", expected between 0 and 1");
  }
  const Millis cut = last_share(log, until, options.weights_share);
  const Catalogue catalogue(log, until);
  if (options.query.empty()) {
    std::vector<double> prior(runtime::kSearchSignals.size(), 0);
    prior[0] = kMatch;
    prior[1] = 1;
    return draft_of(log, catalogue, until, options, {prior, prior});
  }
  auto questions = search_questions(log, options.query, cut, until);
  if (questions.empty()) {
    invalid("search." + options.query + ": nothing was typed after " +
            time_text(events::count(cut)));
  }
  const auto most = static_cast<std::size_t>(options.most_questions);
  if (questions.size() > most) {
    questions.erase(questions.begin(),
                    questions.end() - static_cast<std::ptrdiff_t>(most));
  }
  const std::vector<double> none(runtime::kSearchSignals.size(), 0);
  const Search earlier(artifact::Artifact::from_bytes(
      draft_of(log, catalogue, cut, options, {none, none}).bytes(), "search"));
  const Weights weights =
      fit_weights(log, catalogue, earlier, questions, options.ridge);
  return draft_of(log, catalogue, until, options, weights);
}

}  // namespace ensue::classic
