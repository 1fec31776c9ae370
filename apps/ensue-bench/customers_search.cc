// SPDX-License-Identifier: Apache-2.0
// What the customers of a simulated shop typed in its last tenth, and what
// they then chose: BM25, BM25 and popularity, and the blend with what the same
// query led to before and the customer's own history. Everything is fitted on
// what lies before; a history ends strictly before its query.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/threads.h"
#include "ensue/classic/search.h"
#include "ensue/metrics/intervals.h"
#include "ensue/metrics/ranking.h"
#include "ensue/runtime/search.h"
#include "ensue/simulate/simulate.h"

namespace ensue::apps {
namespace {

using runtime::Search;
using runtime::SearchRanking;

constexpr int kSeeds = 3;
constexpr double kTestShare = 0.1;

// Place of a ranking's target; where items tie, the middle of their places, so
// that BM25 alone is not punished for its many ties.
double rank_of(const std::vector<runtime::SearchHit>& hits,
               std::string_view target, const Search& search) {
  const auto& names = search.artifact().description().items;
  for (const auto& hit : hits) {
    if (names.name(hit.item) != target) continue;
    double better = 0, ties = 0;
    for (const auto& other : hits) {
      better += other.score > hit.score ? 1 : 0;
      ties += other.score == hit.score ? 1 : 0;
    }
    return better + (ties + 1) / 2;
  }
  return std::numeric_limits<double>::infinity();
}

struct Judged {
  std::vector<double> ndcg, hit;
};

Judged judge(const events::Log& log, const Search& search,
             const std::vector<classic::SearchQuestion>& questions,
             SearchRanking ranking) {
  Judged out{std::vector<double>(questions.size()),
             std::vector<double>(questions.size())};
  const auto& known = search.artifact().description().items;
  parallel_for(questions.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t q = begin; q < end; ++q) {
      const auto& asked = questions[q];
      std::vector<events::ItemId> items;
      for (const auto item :
           log.history(asked.user).first(asked.history).items) {
        const auto found = known.find(log.item_names().name(index(item)));
        if (found) items.push_back(events::ItemId{*found});
      }
      events::History past;
      past.items = items;
      const auto hits = search.top({.query = asked.query, .history = past},
                                   Search::kMostCandidates, ranking);
      const double rank =
          rank_of(hits, log.item_names().name(index(asked.target)), search);
      const metrics::Outcome outcome{{&rank, 1}, {}};
      out.ndcg[q] = metrics::ndcg(outcome, 10);
      out.hit[q] = metrics::hit(outcome, 10);
    }
  });
  return out;
}

events::Millis cut_of(const events::Log& log) {
  std::vector<events::Millis> times(log.columns().times.begin(),
                                    log.columns().times.end());
  const auto at = static_cast<std::ptrdiff_t>(
      (1 - kTestShare) * static_cast<double>(times.size()));
  std::nth_element(times.begin(), times.begin() + at, times.end());
  return times[static_cast<std::size_t>(at)];
}

struct Row {
  const char* name;
  SearchRanking ranking;
  std::vector<double> ndcg, hit;  // of all questions of all seeds
};

void print_weights(const Search& search) {
  std::printf("weights:");
  const auto& weights = search.weights(SearchRanking::kBlend);
  for (std::size_t s = 0; s < weights.size(); ++s) {
    std::printf("  %.*s %.2f",
                static_cast<int>(runtime::kSearchSignals[s].size()),
                runtime::kSearchSignals[s].data(), weights[s]);
  }
  std::printf("\n");
}

BenchFigures run(const BenchOptions&) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<Row> rows = {
      {"BM25", SearchRanking::kWords, {}, {}},
      {"BM25 + popularity", SearchRanking::kPopular, {}, {}},
      {"blend", SearchRanking::kBlend, {}, {}}};
  for (int seed = 1; seed <= kSeeds; ++seed) {
    simulate::SimulateOptions options;
    options.seed = static_cast<std::uint64_t>(seed);
    const auto log =
        simulate::simulate_log_with_queries(simulate::Shop(options));
    const auto cut = cut_of(log);
    const Search search(artifact::Artifact::from_bytes(
        classic::fit_search(log, cut, {}).bytes(), "search"));
    const auto questions = classic::search_questions(
        log, "query", cut,
        events::Millis{std::numeric_limits<std::int64_t>::max()});
    print_weights(search);
    for (Row& row : rows) {
      const Judged judged = judge(log, search, questions, row.ranking);
      row.ndcg.insert(row.ndcg.end(), judged.ndcg.begin(), judged.ndcg.end());
      row.hit.insert(row.hit.end(), judged.hit.begin(), judged.hit.end());
    }
  }
  TextTable table({"search", "ndcg@10", "hit@10"});
  BenchFigures out;
  for (const Row& row : rows) {
    const auto ndcg = metrics::bootstrap(row.ndcg, 200, 1),
               hit = metrics::bootstrap(row.hit, 200, 1);
    const auto cell = [](const metrics::Interval& i) {
      return fixed(i.mean, 4) + " [" + fixed(i.low, 4) + ", " +
             fixed(i.high, 4) + "]";
    };
    table.add({row.name, cell(ndcg), cell(hit)});
    const std::string prefix = row.ranking == SearchRanking::kWords ? "bm25_"
                               : row.ranking == SearchRanking::kPopular
                                   ? "popular_"
                                   : "";
    out.emplace_back(prefix + "ndcg@10", fixed(ndcg.mean, 4));
    out.emplace_back(prefix + "hit@10", fixed(hit.mean, 4));
  }
  std::printf("%zu queries of %d shops\n%s", rows[0].ndcg.size(), kSeeds,
              table.text().c_str());
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  out.emplace_back("seconds", fixed(took.count(), 1));
  return out;
}

}  // namespace

Bench customers_search_bench() {
  return {"customers/search", "queries of a simulated shop, against BM25", run};
}

}  // namespace ensue::apps
