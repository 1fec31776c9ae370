// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/search.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/runtime/internal/csr.h"
#include "ensue/runtime/internal/text_list.h"
#include "ensue/runtime/popularity.h"
#include "ensue/runtime/search_words.h"

namespace ensue::runtime {
namespace {

enum Signal { kWords, kPopularity, kEarlier, kAlike, kOwn };

constexpr double kPrior = 0.5;  // of a candidate that a query never led to

// Rows of items with a number each.
struct WeightedRows {
  Csr rows;
  std::span<const float> weights;

  WeightedRows(const artifact::Artifact& artifact, const std::string& name,
               const std::string& weight, std::size_t count) {
    rows = {artifact.tensor(name + "_offsets").as<std::uint64_t>(),
            artifact.tensor(name + "_items").as<std::uint32_t>()};
    check_rows(rows, static_cast<std::ptrdiff_t>(count),
               artifact.description().items.size(), name);
    weights =
        artifact.floats(weight, {static_cast<std::int64_t>(rows.ids.size())});
  }
  template <class Body>
  void each(std::size_t row, const Body& body) const {
    for (std::uint64_t i = rows.offsets[row]; i < rows.offsets[row + 1]; ++i) {
      body(rows.ids[i], weights[i]);
    }
  }
};

SearchSignals weights_of(const artifact::Artifact& artifact,
                         std::string_view name) {
  const auto values = artifact.tensor(name).as<double>();
  SearchSignals out{};
  if (values.size() != out.size()) {
    throw Error(Code::kCorrupt, "tensor " + std::string(name) + ": " +
                                    std::to_string(values.size()) +
                                    " weights, expected " +
                                    std::to_string(out.size()));
  }
  std::ranges::copy(values, out.begin());
  return out;
}

// The columns that training names, or else all texts.
std::vector<std::string> text_columns_of(const artifact::Description& about) {
  std::vector<std::string> out;
  const Json* said = about.training.if_contains("text");
  if (said != nullptr && internal::read(*said, out) && !out.empty()) return out;
  for (const events::Column& column : about.item_table.columns) {
    const bool since = column.name == about.item_table.known_since;
    if (column.is_text() && !since) out.push_back(column.name);
  }
  return out;
}

double number_of(const artifact::Description& about, std::string_view name,
                 double usual) {
  const Json* said = about.training.if_contains(name);
  return said != nullptr && said->is_number() ? said->to_number<double>()
                                              : usual;
}

// BM25 of words by the texts of an artifact.
struct WordWeights {
  double k1, b, texts, mean_length = 0;

  WordWeights(const artifact::Description& about,
              const std::vector<std::string>& columns)
      : k1(number_of(about, "k1", 1.2)),
        b(number_of(about, "b", 0.75)),
        texts(static_cast<double>(about.items.size())) {
    double words = 0;
    for (const std::string& name : columns) {
      const events::Column* column = about.item_table.find(name);
      if (column == nullptr || !column->is_text()) continue;
      for (std::size_t i = 0; i < column->size(); ++i) {
        words += static_cast<double>(search_words(column->text(i)).size());
      }
    }
    if (texts > 0) mean_length = words / texts;
  }
  double of(double holding, double count, double length) const {
    const double rare = std::log1p((texts - holding + 0.5) / (holding + 0.5));
    const double scale = mean_length > 0 ? length / mean_length : 1;
    return rare * count * (k1 + 1) / (count + k1 * (1 - b + b * scale));
  }
};

}  // namespace

struct Search::Impl {
  std::shared_ptr<const artifact::Artifact> artifact;
  std::size_t items;
  TextList words, queries;
  WeightedRows postings, earlier, lifts;
  std::span<const float> log_popularity;
  SearchSignals words_alone{}, popular, blend;
  std::vector<std::string> columns;
  WordWeights weights;
  float least_popular;  // of log_popularity

  explicit Impl(std::shared_ptr<const artifact::Artifact> made)
      : artifact(std::move(made)),
        items(artifact->description().items.size()),
        words(*artifact, "words"),
        queries(*artifact, "queries"),
        postings(*artifact, "word", "word_weights", words.size()),
        earlier(*artifact, "query", "query_counts", queries.size()),
        lifts(*artifact, "lift", "lifts", items),
        log_popularity(artifact->floats("log_popularity",
                                        {static_cast<std::int64_t>(items)})),
        popular(weights_of(*artifact, "popular_weights")),
        blend(weights_of(*artifact, "blend_weights")),
        columns(text_columns_of(artifact->description())),
        weights(artifact->description(), columns),
        least_popular(log_popularity.empty()
                          ? 0
                          : *std::ranges::min_element(log_popularity)) {
    check_log_prior(log_popularity, "search");
    words_alone[kWords] = 1;
  }

  // Items and additions.
  std::size_t total(const SearchRequest& request) const {
    return items +
           (request.additions == nullptr ? 0 : request.additions->size());
  }
  double popularity(std::uint32_t item) const {
    return item < items ? log_popularity[item] : least_popular;
  }

  // BM25 of every item.
  std::vector<double> bm25(const SearchRequest& request) const {
    std::vector<double> out(total(request), 0);
    for (const std::string& word : search_words(request.query)) {
      if (request.additions != nullptr) {
        request.additions->add_matches(word, std::span(out).subspan(items));
      }
      const auto row = words.find(word);
      if (!row) continue;
      postings.each(*row, [&](std::uint32_t item, float w) { out[item] += w; });
    }
    return out;
  }

  std::vector<std::uint32_t> chosen(const SearchRequest& request,
                                    std::span<const double> match) const;
  void add_earlier(const SearchRequest& request,
                   std::vector<SearchCandidate>& out) const;
  void add_history(const SearchRequest& request,
                   std::vector<SearchCandidate>& out) const;
};

std::vector<std::uint32_t> Search::Impl::chosen(
    const SearchRequest& request, std::span<const double> match) const {
  std::vector<std::uint8_t> taken(match.size(), 0);
  std::vector<std::uint32_t> out;
  const auto take = [&](std::uint32_t item) {
    if (taken[item] != 0) return;
    if (item >= items && !request.additions->holds(item - items)) return;
    if (!request.allowed.empty() && request.allowed[item] == 0) return;
    taken[item] = 1;
    out.push_back(item);
  };
  for (std::uint32_t i = 0; i < match.size(); ++i) {
    if (match[i] > 0) take(i);
  }
  if (const auto row = queries.find(request.query)) {
    earlier.each(*row, [&](std::uint32_t item, float) { take(item); });
  }
  if (out.empty()) {
    for (std::uint32_t i = 0; i < match.size(); ++i) take(i);
  }
  if (out.size() > kMostCandidates) {
    const auto better = [&](std::uint32_t a, std::uint32_t b) {
      return std::tuple(-match[a], -popularity(a), a) <
             std::tuple(-match[b], -popularity(b), b);
    };
    std::nth_element(out.begin(), out.begin() + kMostCandidates, out.end(),
                     better);
    out.resize(kMostCandidates);
  }
  std::ranges::sort(out);
  return out;
}

void Search::Impl::add_earlier(const SearchRequest& request,
                               std::vector<SearchCandidate>& out) const {
  const auto row = queries.find(request.query);
  if (!row) return;
  std::vector<double> counts(total(request), 0);
  double all = 0;
  earlier.each(*row, [&](std::uint32_t item, float count) {
    counts[item] = count;
    all += count;
  });
  const auto n = static_cast<double>(out.size());
  for (SearchCandidate& c : out) {
    const double share = (counts[c.item] + kPrior) / (all + kPrior * n);
    c.signals[kEarlier] = std::log(share * n);
  }
}

void Search::Impl::add_history(const SearchRequest& request,
                               std::vector<SearchCandidate>& out) const {
  std::map<std::uint32_t, double> past;
  std::size_t known = 0;
  for (std::size_t e = request.history.size(); e-- > 0 && known < kHistory;) {
    const auto item = events::index(request.history.items[e]);
    if (item >= items) continue;  // none, or one that it does not know
    past[item] += 1;
    ++known;
  }
  if (past.empty()) return;
  std::vector<double> lift(total(request), 0);
  for (const auto& [item, count] : past) {
    lifts.each(item, [&](std::uint32_t other, float value) {
      lift[other] += static_cast<double>(value);
    });
  }
  // A few items say little: the mean is drawn towards 0 by one.
  const double scale = 1 / (static_cast<double>(past.size()) + 1);
  for (SearchCandidate& c : out) {
    c.signals[kAlike] = lift[c.item] * scale;
    const auto own = past.find(c.item);
    if (own != past.end()) c.signals[kOwn] = std::log1p(own->second);
  }
}

std::shared_ptr<const Search> Search::load(const std::string& path) {
  return std::make_shared<const Search>(artifact::Artifact::load(path));
}

Search::Search(std::shared_ptr<const artifact::Artifact> artifact)
    : impl_(std::make_unique<const Impl>(std::move(artifact))) {}

Search::~Search() = default;

const artifact::Artifact& Search::artifact() const noexcept {
  return *impl_->artifact;
}

std::size_t Search::items() const noexcept { return impl_->items; }

const std::vector<std::string>& Search::text_columns() const noexcept {
  return impl_->columns;
}

double Search::bm25(std::string_view word, double count, double length) const {
  const auto row = impl_->words.find(word);
  const std::size_t holding = row ? impl_->postings.rows[*row].size() : 0;
  return impl_->weights.of(static_cast<double>(holding), count, length);
}

bool Search::knows(std::string_view query) const {
  const auto words = search_words(query);
  return impl_->queries.find(query).has_value() ||
         std::ranges::any_of(words, [&](const std::string& word) {
           return impl_->words.find(word).has_value();
         });
}

const SearchSignals& Search::weights(SearchRanking ranking) const noexcept {
  switch (ranking) {
    case SearchRanking::kWords:
      return impl_->words_alone;
    case SearchRanking::kPopular:
      return impl_->popular;
    case SearchRanking::kBlend:
      break;
  }
  return impl_->blend;
}

std::vector<SearchCandidate> Search::candidates(
    const SearchRequest& request) const {
  const auto match = impl_->bm25(request);
  std::vector<SearchCandidate> out;
  double best = 0;
  for (const std::uint32_t item : impl_->chosen(request, match)) {
    out.push_back({.item = item});
    best = std::max(best, match[item]);
  }
  for (SearchCandidate& c : out) {
    c.signals[kWords] = best > 0 ? match[c.item] / best : 0;
    c.signals[kPopularity] = impl_->popularity(c.item);
  }
  impl_->add_earlier(request, out);
  impl_->add_history(request, out);
  return out;
}

std::vector<SearchHit> Search::top(const SearchRequest& request, std::size_t k,
                                   SearchRanking ranking) const {
  const SearchSignals& weight = weights(ranking);
  std::vector<SearchHit> out;
  double peak = -HUGE_VAL, sum = 0;
  for (const SearchCandidate& c : candidates(request)) {
    SearchHit hit{.item = c.item};
    for (std::size_t s = 0; s < weight.size(); ++s) {
      hit.score += hit.parts[s] = weight[s] * c.signals[s];
    }
    peak = std::max(peak, hit.score);
    out.push_back(hit);
  }
  for (const SearchHit& hit : out) sum += std::exp(hit.score - peak);
  for (SearchHit& hit : out) hit.probability = std::exp(hit.score - peak) / sum;
  const std::size_t kept = std::min(k, out.size());
  std::partial_sort(
      out.begin(), out.begin() + static_cast<std::ptrdiff_t>(kept), out.end(),
      [](const SearchHit& a, const SearchHit& b) {
        return a.score != b.score ? a.score > b.score : a.item < b.item;
      });
  out.resize(kept);
  return out;
}

}  // namespace ensue::runtime
