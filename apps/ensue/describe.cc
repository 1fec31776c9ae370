// SPDX-License-Identifier: Apache-2.0
// ensue describe: a dataset in numbers and pictures, and what will hurt.
#include "ensue/data/describe.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "apps/ensue/market_text.h"
#include "apps/ensue/plot.h"
#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/base/time_text.h"
#include "ensue/data/dataset.h"
#include "ensue/data/market.h"
#include "ensue/data/options.h"

namespace ensue::apps {
namespace {

struct Typed {
  std::string dataset;
  bool market = false;
  data::MarketOptions market_options;
};

void print_title(const std::string& title) {
  std::printf("\n%s\n", styled(Style::kBold, title).c_str());
}

void print_counts(const data::Description& d) {
  std::printf("  %s events of %s users on %s items\n",
              grouped(d.events).c_str(), grouped(d.users).c_str(),
              grouped(d.items).c_str());
  if (d.has_clock) {
    std::printf("  from %s to %s UTC\n",
                time_text(events::count(d.first)).c_str(),
                time_text(events::count(d.last)).c_str());
  }
  std::printf("  events per user: median %s, mean %s, longest %s\n",
              grouped(d.median_length).c_str(), fixed(d.mean_length, 1).c_str(),
              grouped(d.longest).c_str());
}

void print_popularity(const std::vector<double>& curve) {
  if (curve.empty()) return;
  print_title("Share of events on the most popular items");
  std::printf("  %s\n", sparkline(curve).c_str());
  std::printf("  5 %% of the items: %s %%   20 %%: %s %%   50 %%: %s %%\n",
              fixed(100 * curve[1], 1).c_str(),
              fixed(100 * curve[4], 1).c_str(),
              fixed(100 * curve[10], 1).c_str());
}

void print(const data::Description& d) {
  print_counts(d);
  if (d.has_clock) {
    print_title("Events over time");
    const std::vector<double> counts(d.over_time.begin(), d.over_time.end());
    std::printf("  %s\n", sparkline(counts).c_str());
  }
  print_title("Actions");
  std::fputs(bars(d.actions).c_str(), stdout);
  print_title("Users by number of events");
  std::fputs(bars(d.lengths).c_str(), stdout);
  print_popularity(d.popularity);
  if (!d.gaps.empty()) {
    print_title("Time to a user's next event");
    std::fputs(bars(d.gaps).c_str(), stdout);
  }
  if (!d.warnings.empty()) print_title("What will hurt");
  for (const std::string& warning : d.warnings) {
    std::printf("  %s %s\n", styled(Style::kBad, "!").c_str(), warning.c_str());
  }
}

int run(const Typed& typed, const Settings& settings) {
  data::SourceOptions source;
  settings.read(source, "data");
  const std::string folder =
      typed.dataset.empty() ? source.dataset : typed.dataset;
  ProgressPrinter progress;
  const events::Log log = data::Dataset::open(folder).log(progress.function());
  progress.finish();
  if (typed.market) {
    std::fputs(
        market_text(data::describe_market(log, typed.market_options)).c_str(),
        stdout);
  } else {
    print(data::describe(log));
  }
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_option("DATASET", typed->dataset, "a dataset's folder");
  app.add_flag("--market", typed->market,
               "what is bought when, what grows, what fades");
  data::MarketOptions& market = typed->market_options;
  app.add_option("--action", market.action, "--market: what counts as bought");
  app.add_option("--by", market.by, "--market: a column of categories");
  app.add_option("--promotion", market.promotion,
                 "--market: the column that says which promotion ran");
  app.add_option("--rows", market.rows, "--market: longest list")
      ->capture_default_str();
  settings.add_options<data::SourceOptions>(app, "data");
  return [typed, &settings] { return run(*typed, settings); };
}

}  // namespace

Verb describe_verb() {
  return {"describe", "show what a dataset is like and what of it will hurt",
          "ensue describe dataset", add};
}

}  // namespace ensue::apps
