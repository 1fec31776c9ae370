// SPDX-License-Identifier: Apache-2.0
// What the customers of a simulated shop typed in its last tenth, and what
// they then chose: BM25, BM25 and popularity, and the blend with what the same
// query led to before and the customer's own history. Everything is fitted on
// what lies before; a history ends strictly before its query.
#include <chrono>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue/terminal.h"
#include "ensue/classic/search.h"
#include "ensue/classic/search_judge.h"
#include "ensue/metrics/intervals.h"
#include "ensue/runtime/search.h"
#include "ensue/simulate/simulate.h"

namespace ensue::apps {
namespace {

using runtime::Search;
using runtime::SearchRanking;

constexpr int kSeeds = 3;
constexpr events::Millis kEver{std::numeric_limits<std::int64_t>::max()};
constexpr double kTestShare = 0.1;

struct Row {
  std::string_view name;
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
  std::vector<Row> rows;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    simulate::SimulateOptions options;
    options.seed = static_cast<std::uint64_t>(seed);
    const auto log =
        simulate::simulate_log_with_queries(simulate::Shop(options));
    const auto cut = classic::last_share(log, kEver, kTestShare);
    const Search search(artifact::Artifact::from_bytes(
        classic::fit_search(log, cut, {}).bytes(), "search"));
    const auto questions = classic::search_questions(log, "query", cut, kEver);
    print_weights(search);
    const auto judged = classic::judge_search(log, search, questions);
    rows.resize(judged.size());
    for (std::size_t r = 0; r < judged.size(); ++r) {
      const auto append = [](const auto& from, auto& to) {
        to.insert(to.end(), from.begin(), from.end());
      };
      rows[r].name = judged[r].name;
      append(judged[r].ndcg, rows[r].ndcg);
      append(judged[r].hit, rows[r].hit);
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
    table.add({std::string(row.name), cell(ndcg), cell(hit)});
    const std::string prefix = row.name == "BM25"    ? "bm25_"
                               : row.name == "blend" ? ""
                                                     : "popular_";
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
