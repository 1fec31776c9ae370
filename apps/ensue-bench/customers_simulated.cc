// SPDX-License-Identifier: Apache-2.0
// The answers about customers in a shop whose truth is known: groups by what
// people like against their true tastes and by how they behave against their
// true segments, planted bots, who comes back, whom the campaign changes. Each
// beside the best that anybody could say from the same log. Three shops.
#include <chrono>
#include <cstdio>
#include <string>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/customers_groups.h"
#include "apps/ensue-bench/customers_truth.h"
#include "apps/ensue/terminal.h"

namespace ensue::apps {
namespace {

constexpr int kSeeds = 3, kChurnCustomers = 10'000,
              kUpliftCustomers = 400'000;  // effects are small

simulate::Shop shop_of(int seed, int users) {
  simulate::SimulateOptions options;
  options.seed = static_cast<std::uint64_t>(seed);
  if (users > 0) options.users = users;
  return simulate::Shop(options);
}

BenchFigures run(const BenchOptions&) {
  const auto start = std::chrono::steady_clock::now();
  TextTable table({"shop", "groups by", "ari", "best possible"});
  TextTable scores({"shop", "bots auc", "churn auc", "best", "by recency",
                    "uplift", "best"});
  double ari = 0, best_ari = 0, segment = 0, best_segment = 0, bots = 0,
         churn = 0, uplift = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const simulate::Shop shop = shop_of(seed, 0);
    const GroupFigures g = judge_groups(shop);
    const double auc = judge_bots(shop);
    const ChurnFigures c = judge_churn(shop_of(seed, kChurnCustomers));
    const UpliftFigures u = judge_uplift(shop_of(seed, kUpliftCustomers));
    const std::string name = std::to_string(seed);
    table.add({name, "interests, " + fixed(g.groups, 0) + " found",
               fixed(g.taste, 3), fixed(g.best_taste, 3)});
    table.add(
        {name, "behaviour", fixed(g.segment, 3), fixed(g.best_segment, 3)});
    table.add({name, "behaviour, four asked for", fixed(g.segment_of_four, 3),
               fixed(g.best_segment, 3)});
    scores.add({name, fixed(auc, 4), fixed(c.auc, 4), fixed(c.best_auc, 4),
                fixed(c.recency_auc, 4), fixed(u.height, 5),
                fixed(u.best_height, 5)});
    ari += g.taste / kSeeds;
    best_ari += g.best_taste / kSeeds;
    segment += g.segment / kSeeds;
    best_segment += g.best_segment / kSeeds;
    bots += auc / kSeeds;
    churn += c.auc / c.best_auc / kSeeds;
    uplift += u.height / u.best_height / kSeeds;
  }
  std::printf("%s\n%s", table.text().c_str(), scores.text().c_str());
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  return {{"ari", fixed(ari, 3)},
          {"best_ari", fixed(best_ari, 3)},
          {"segment_ari", fixed(segment, 3)},
          {"best_segment_ari", fixed(best_segment, 3)},
          {"bots_auc", fixed(bots, 4)},
          {"churn_ratio", fixed(churn, 4)},
          {"uplift_ratio", fixed(uplift, 3)},
          {"seconds", fixed(took.count(), 1)}};
}

}  // namespace

Bench customers_simulated_bench() {
  return {"customers/simulated",
          "groups, bots, churn and uplift against the truth", run};
}

}  // namespace ensue::apps
