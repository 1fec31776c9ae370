// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/simulate.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "apps/ensue/synthetic.h"
#include "apps/ensue/verb.h"
#include "ensue/data/options.h"
#include "ensue/judge/split.h"
#include "ensue/simulate/ceiling.h"

namespace ensue::apps {
namespace {

using simulate::Shop;
using simulate::SimulateOptions;
using simulate::Written;

struct Typed {
  std::string out;
  bool ceilings = true;
  SyntheticRequest synthetic;  // when it says from what
};

void print_written(const Written& w, const std::string& out) {
  std::printf("%s: %llu events of %llu customers in %llu sessions, %.1f MB\n",
              out.c_str(), static_cast<unsigned long long>(w.events),
              static_cast<unsigned long long>(w.users),
              static_cast<unsigned long long>(w.sessions),
              static_cast<double>(w.bytes) / 1e6);
  std::printf("  view %llu, cart %llu, purchase %llu\n",
              static_cast<unsigned long long>(w.views),
              static_cast<unsigned long long>(w.carts),
              static_cast<unsigned long long>(w.purchases));
  std::puts(
      "  events.csv items.csv users.csv promotions.csv campaign.csv truth/");
}

// Asked of at most this many customers and of this many items in all.
constexpr int kAskedCustomers = 20'000;
constexpr double kAskedItems = 2e8;

// The first customers of a shop do not depend on how many follow them.
void print_ceilings(SimulateOptions options) {
  const int all = options.users;
  options.users = std::min(options.users, kAskedCustomers);
  const Shop shop(options);
  const events::Log log = simulate_log(shop);
  const auto everybody = simulate::last_queries(log);
  const double asked =
      static_cast<double>(everybody.size()) * options.items / kAskedItems;
  const auto customers = static_cast<std::size_t>(
      asked <= 1 ? 0 : std::max(20.0, 0.3 * options.users / asked));
  const auto queries = simulate::last_queries(log, 0.1, customers);
  const auto c = compute_ceilings(shop, log, queries);
  std::printf(
      "\nthe best possible next item, last tenth of the log by time\n"
      "(%zu queries of %zu customers%s; means per customer first)\n"
      "  %-24s %10s %10s\n",
      c.queries, c.customers,
      options.users < all ? ", the first 20,000 simulated" : "", "who knows",
      "recall@10", "log-loss");
  const auto row = [](const char* who, const simulate::Ceiling& ceiling) {
    std::printf("  %-24s %10.4f %10.4f\n", who, ceiling.recall_at_10,
                ceiling.log_loss);
  };
  row("the truth", c.truth);
  row("only the log (Bayes)", c.log);
}

int run(const Settings& settings, const Typed& typed) {
  SimulateOptions options;
  settings.read(options, "simulate");
  if (!typed.synthetic.from.empty()) {
    SyntheticRequest request = typed.synthetic;
    request.out = typed.out.empty() ? "synthetic" : typed.out;
    request.options.users = options.users;
    request.options.seed = options.seed;
    return simulate_from(request, settings);
  }
  const Shop shop(options);
  const std::string out = typed.out.empty() ? "shop" : typed.out;
  print_written(write_shop(shop, out), out);
  if (typed.ceilings) print_ceilings(options);
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_option("-o,--out", typed->out,
                 "folder to write [shop; synthetic with --from]");
  app.add_flag("!--no-ceilings", typed->ceilings,
               "do not work out the best possible scores");
  app.add_option("--from", typed->synthetic.from,
                 "draw customers from this model, trained on the dataset");
  app.add_option("--temperature", typed->synthetic.options.temperature,
                 "--from: above 1 more varied than the model, below 1 less")
      ->capture_default_str();
  app.add_option("--run", typed->synthetic.run,
                 "--from: items in a row that count as a copy")
      ->capture_default_str();
  settings.add_options<SimulateOptions>(app, "simulate");
  settings.add_options<judge::SplitOptions>(app, "split");
  settings.add_options<data::SourceOptions>(app, "data");
  return [&settings, typed] { return run(settings, *typed); };
}

}  // namespace

Verb simulate_verb() {
  return {
      "simulate",
      "write the log of a shop whose truth is known, or of a model's customers",
      "ensue simulate --users 3000 --days 365 --seed 1 --out shop", add};
}

}  // namespace ensue::apps
