// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/search_judge.h"

#include <algorithm>
#include <limits>

#include "ensue/base/threads.h"
#include "ensue/metrics/ranking.h"

namespace ensue::classic {
namespace {

using runtime::Search;
using runtime::SearchHit;
using runtime::SearchRanking;

constexpr std::size_t kCut = 10;

// The middle of the places of all hits that tie with the target's.
double rank_of(const std::vector<SearchHit>& hits, std::string_view target,
               const events::Vocabulary& names) {
  for (const SearchHit& hit : hits) {
    if (names.name(hit.item) != target) continue;
    double better = 0, ties = 0;
    for (const SearchHit& other : hits) {
      better += other.score > hit.score ? 1 : 0;
      ties += other.score == hit.score ? 1 : 0;
    }
    return better + (ties + 1) / 2;
  }
  return std::numeric_limits<double>::infinity();
}

// What was taken before the question, in the search's ids.
std::vector<events::ItemId> known_items(const events::Log& log,
                                        const events::Vocabulary& names,
                                        const SearchQuestion& question) {
  std::vector<events::ItemId> out;
  const auto past = log.history(question.user).first(question.history);
  for (const events::ItemId item : past.items) {
    if (item == events::kNoItem) continue;
    const auto found = names.find(log.item_names().name(index(item)));
    if (found) out.push_back(events::ItemId{*found});
  }
  return out;
}

void judge(const events::Log& log, const Search& search,
           std::span<const SearchQuestion> questions, SearchJudged& out) {
  const events::Vocabulary& names = search.artifact().description().items;
  out.ndcg.resize(questions.size());
  out.hit.resize(questions.size());
  parallel_for(questions.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t q = begin; q < end; ++q) {
      const SearchQuestion& asked = questions[q];
      const auto items = known_items(log, names, asked);
      events::History past;
      past.items = items;
      const double rank =
          rank_of(search.top({.query = asked.query, .history = past},
                             Search::kMostCandidates, out.ranking),
                  log.item_names().name(index(asked.target)), names);
      const metrics::Outcome outcome{{&rank, 1}, {}};
      out.ndcg[q] = metrics::ndcg(outcome, kCut);
      out.hit[q] = metrics::hit(outcome, kCut);
    }
  });
}

}  // namespace

std::vector<SearchJudged> judge_search(
    const events::Log& log, const Search& search,
    std::span<const SearchQuestion> questions) {
  std::vector<SearchJudged> out = {
      {"BM25", SearchRanking::kWords, {}, {}},
      {"BM25 + popularity", SearchRanking::kPopular, {}, {}},
      {"blend", SearchRanking::kBlend, {}, {}}};
  for (SearchJudged& one : out) judge(log, search, questions, one);
  return out;
}

}  // namespace ensue::classic
