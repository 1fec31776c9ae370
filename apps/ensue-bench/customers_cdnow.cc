// SPDX-License-Identifier: Apache-2.0
// How often will each customer of CDNOW buy in the next 39 weeks?
//
// 23,570 customers who came in the first 12 of 39 weeks; what they buy in the
// next 39 is asked. The floor is BG/NBD as published. Ours multiplies its mean
// by what the rest of a history says, learnt on windows inside the first 39
// weeks: at every cut BG/NBD is fitted anew on what was known then. Which
// features are read, and whether trees help, is chosen on the last such
// windows, never on the test.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/classic/count_regression.h"
#include "ensue/classic/purchases.h"
#include "ensue/data/dataset.h"
#include "ensue/data/import.h"
#include "ensue/metrics/binary.h"
#include "ensue/metrics/numbers.h"
#include "ensue/runtime/purchase_features.h"
#include "ensue/runtime/purchases.h"

namespace ensue::apps {
namespace {

using events::PurchaseSummary, runtime::Purchase;
using Customer = std::vector<Purchase>;

constexpr int kWeek = 7, kLearnt = 39 * kWeek, kAsked = 39 * kWeek;
// The first cut that all customers have come by, and the steps from there.
constexpr int kFirstCut = 14 * kWeek, kStep = 2 * kWeek, kShortest = 4 * kWeek;
constexpr int kValidationCuts[] = {26 * kWeek, 29 * kWeek};

events::Log import_cdnow(const BenchOptions& options) {
  data::ImportRequest request;
  request.source.files = {(options.data / "cdnow/cdnow.csv.zst").string()};
  request.source.dataset =
      (std::filesystem::temp_directory_path() / "ensue-bench-cdnow").string();
  request.columns.user = "customer_id";
  request.columns.time = "date";
  request.columns.value = "dollars";
  request.columns.context = {"cds"};
  request.columns.default_action = "purchase";
  request.clean.duplicates = false;  // two receipts may say the same
  return data::Dataset::open(data::import_log(request).dataset).log();
}

double pieces_of(const events::Log& log, std::span<const events::Cell> row) {
  if (row.empty() || row[0].empty()) return 0;
  const events::ContextColumn& column = log.context()[0];
  if (column.kind == events::ContextKind::kNumber) return row[0].number();
  return std::stod(std::string(column.values.name(row[0].code())));
}

// Days count from the log's first one.
std::vector<Customer> customers_of(const events::Log& log) {
  const auto times = log.columns().times;
  const std::int64_t start =
      events::count(*std::ranges::min_element(times)) / events::kDayMs;
  std::vector<Customer> out(log.users());
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto history = log.history(events::UserId{u});
    for (std::size_t i = 0; i < history.size(); ++i) {
      const auto day = static_cast<double>(
          events::count(history.times[i]) / events::kDayMs - start);
      if (out[u].empty() || out[u].back().day != day) {
        out[u].push_back({day, 0, 0, 0});
      }
      Purchase& purchase = out[u].back();
      purchase.paid += std::max(0.0F, history.values[i]);
      purchase.pieces += pieces_of(log, history.context.row(i));
      ++purchase.receipts;
    }
  }
  return out;
}

constexpr std::size_t kWidth = runtime::kPurchaseFeatures.size();

// What was known before a day, and how often each then came back within
// `horizon` days.
struct Window {
  int cut, horizon;
  classic::BgNbdFit fit;
  std::vector<PurchaseSummary> summaries;
  std::vector<double> counts;
  std::vector<double> features;  // [customers, kWidth]

  double weeks() const { return static_cast<double>(horizon) / kWeek; }
  double offset(std::size_t i) const {
    return std::log(
        runtime::expected_purchases(fit.model, summaries[i], weeks()));
  }
};

PurchaseSummary summary_of(std::span<const Purchase> past, int cut) {
  PurchaseSummary out;
  out.repeats = static_cast<double>(past.size() - 1);
  out.recency = (past.back().day - past.front().day) / kWeek;
  out.age = (cut - 1 - past.front().day) / kWeek;
  return out;
}

// Windows are made once.
class Shop {
 public:
  explicit Shop(std::vector<Customer> customers)
      : customers_(std::move(customers)) {}

  const Window& window(int cut, int horizon) {
    const auto found = windows_.find({cut, horizon});
    if (found != windows_.end()) return found->second;
    return windows_.emplace(std::pair(cut, horizon), make(cut, horizon))
        .first->second;
  }

 private:
  Window make(int cut, int horizon) {
    Window out{cut, horizon, {}, {}, {}, {}};
    std::vector<std::span<const Purchase>> pasts;
    for (const Customer& customer : customers_) {
      const auto before = [&](double day) {
        return std::ranges::lower_bound(customer, day, {}, &Purchase::day) -
               customer.begin();
      };
      const auto known = static_cast<std::size_t>(before(cut));
      if (known == 0) continue;
      pasts.push_back(std::span(customer).first(known));
      out.summaries.push_back(summary_of(pasts.back(), cut));
      out.counts.push_back(static_cast<double>(before(cut + horizon)) -
                           static_cast<double>(known));
    }
    auto& fit = fits_[cut];
    if (fit.log_likelihood == 0) fit = classic::fit_bg_nbd(out.summaries);
    out.fit = fit;
    out.features.resize(pasts.size() * kWidth);
    for (std::size_t i = 0; i < pasts.size(); ++i) {
      runtime::purchase_features(
          fit.model, pasts[i], cut, horizon,
          std::span(out.features).subspan(i * kWidth, kWidth));
    }
    return out;
  }

  std::vector<Customer> customers_;
  std::map<int, classic::BgNbdFit> fits_;  // by cut
  std::map<std::pair<int, int>, Window> windows_;
};

// A model reads the first `features` of kPurchaseFeatures.
void add_rows(const Window& window, std::size_t features,
              classic::CountRows& out) {
  out.features = features;
  for (std::size_t i = 0; i < window.counts.size(); ++i) {
    const auto read = std::span(window.features).subspan(i * kWidth, features);
    out.x.insert(out.x.end(), read.begin(), read.end());
    out.offsets.push_back(window.offset(i));
    out.counts.push_back(window.counts[i]);
  }
}

// Windows that end by `end`, of half and of the whole time until then.
classic::CountRows training_rows(Shop& shop, int end, std::size_t features) {
  classic::CountRows out;
  for (int cut = kFirstCut; cut + kShortest <= end; cut += kStep) {
    for (const int horizon : {end - cut, (end - cut) / 2}) {
      if (horizon < kShortest) continue;
      add_rows(shop.window(cut, horizon), features, out);
    }
  }
  return out;
}

// What each customer is believed to do.
struct Answer {
  std::string name;
  std::vector<double> mean, median, any;
};

void add(const runtime::CountDistribution& counts, Answer& out) {
  out.mean.push_back(counts.mean());
  out.median.push_back(static_cast<double>(counts.median()));
  out.any.push_back(counts.any());
}

Answer bg_nbd(const Window& window) {
  Answer out{"BG/NBD, its distribution", {}, {}, {}};
  for (const PurchaseSummary& customer : window.summaries) {
    add(runtime::purchase_counts(window.fit.model, customer, window.weeks()),
        out);
  }
  return out;
}

// One number serves for everything.
Answer published(const Window& window) {
  Answer out{"BG/NBD as published (mean)", bg_nbd(window).mean, {}, {}};
  out.median = out.any = out.mean;
  return out;
}

// Means, and by how much counts spread around them.
struct Forecast {
  std::vector<double> mean, size;
};

Forecast regression(Shop& shop, const Window& window, std::size_t features) {
  const auto model =
      classic::fit_count_regression(training_rows(shop, window.cut, features));
  classic::CountRows rows;
  add_rows(window, features, rows);
  Forecast out;
  for (std::size_t i = 0; i < rows.counts.size(); ++i) {
    out.mean.push_back(model.mean(rows.row(i), rows.offsets[i]));
    out.size.push_back(model.size_at(out.mean.back()));
  }
  return out;
}

// Everything that candidates are made of, for one window.
class Forecasts {
 public:
  Forecasts(Shop& shop, const Window& window) {
    for (const std::size_t features : {kWidth - 2, kWidth - 1, kWidth}) {
      made_.push_back(regression(shop, window, features));
    }
  }

  /// The mean of those forecasts.
  Answer answer(const std::string& name,
                const std::vector<std::size_t>& of) const {
    const auto share = 1 / static_cast<double>(of.size());
    Answer out{name, {}, {}, {}};
    for (std::size_t i = 0; i < made_[0].mean.size(); ++i) {
      double mean = 0, size = 0;
      for (const std::size_t one : of) {
        mean += share * made_[one].mean[i];
        size += share * made_[one].size[i];
      }
      add(runtime::CountDistribution(classic::negative_binomial(mean, size)),
          out);
      out.mean.back() = mean;
    }
    return out;
  }

 private:
  std::vector<Forecast> made_;
};

double sum(const std::vector<double>& values) {
  double out = 0;
  for (const double value : values) out += value;
  return out;
}

std::vector<double> came_back(const Window& window) {
  std::vector<double> out;
  for (const double count : window.counts) out.push_back(count > 0 ? 1 : 0);
  return out;
}

struct Candidate {
  std::string name;
  std::vector<std::size_t> of;  // Forecasts
};

std::vector<Candidate> candidates() {
  return {
      {"history", {0}}, {"history, age", {1}}, {"history, age, horizon", {2}}};
}

// Those that the validation windows cannot tell from the best, by deviance.
Candidate choose(Shop& shop) {
  constexpr double kAlike = 1.001;
  TextTable table({"judged inside the first 39 weeks", "deviance", "rmse",
                   "auc", "predicted / real"});
  std::vector<std::pair<const Window*, Forecasts>> windows;
  for (const int cut : kValidationCuts) {
    const Window& window = shop.window(cut, kLearnt - cut);
    windows.emplace_back(&window, Forecasts(shop, window));
  }
  std::vector<double> deviances;
  for (const Candidate& candidate : candidates()) {
    double deviance = 0, rmse = 0, auc = 0, predicted = 0, real = 0;
    for (const auto& [window, forecasts] : windows) {
      const Answer answer = forecasts.answer(candidate.name, candidate.of);
      deviance += classic::poisson_deviance(answer.mean, window->counts) / 2;
      rmse += metrics::rmse(answer.mean, window->counts) / 2;
      auc += metrics::auc(answer.any, came_back(*window)) / 2;
      predicted += sum(answer.mean);
      real += sum(window->counts);
    }
    table.add({candidate.name, fixed(deviance, 4), fixed(rmse, 4),
               fixed(auc, 4), fixed(predicted / real, 3)});
    deviances.push_back(deviance);
  }
  const double least = *std::ranges::min_element(deviances);
  Candidate best;
  for (std::size_t c = 0; c < deviances.size(); ++c) {
    if (deviances[c] > kAlike * least) continue;
    best.of.push_back(c);
    best.name += (best.name.empty() ? "" : " + ") + candidates()[c].name;
  }
  if (best.of.size() > 1) best.name = "mean of " + best.name;
  std::printf("%schosen: %s\n\n", table.text().c_str(), best.name.c_str());
  return best;
}

BenchFigures figures_of(const Answer& answer, const Window& window) {
  return {{"mae", fixed(metrics::mae(answer.median, window.counts), 4)},
          {"rmse", fixed(metrics::rmse(answer.mean, window.counts), 4)},
          {"auc", fixed(metrics::auc(answer.any, came_back(window)), 4)},
          {"total", fixed(sum(answer.mean), 0)}};
}

BenchFigures run(const BenchOptions& options) {
  if (!options.extra.empty()) invalid("customers/cdnow takes no options");
  const auto begin = std::chrono::steady_clock::now();
  Shop shop(customers_of(import_cdnow(options)));
  const Candidate chosen = choose(shop);
  const Window& test = shop.window(kLearnt, kAsked);
  const artifact::BgNbd& m = test.fit.model;
  std::printf(
      "BG/NBD in weeks: r %.4f, alpha %.4f, a %.4f, b %.4f; "
      "log-likelihood %.1f\n%s customers, %.0f purchases to come\n",
      m.r, m.alpha, m.a, m.b, test.fit.log_likelihood,
      grouped(test.counts.size()).c_str(), sum(test.counts));

  TextTable table(
      {"39 weeks learnt, 39 judged", "mae", "rmse", "auc", "total"});
  BenchFigures figures;
  for (const Answer& answer :
       {published(test), bg_nbd(test),
        Forecasts(shop, test).answer("ours: " + chosen.name, chosen.of)}) {
    figures = figures_of(answer, test);
    std::vector<std::string> cells = {answer.name};
    for (const auto& [key, value] : figures) cells.push_back(value);
    table.add(cells);
  }
  std::fputs(table.text().c_str(), stdout);
  const std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - begin;
  figures.emplace_back("loglik", fixed(test.fit.log_likelihood, 1));
  figures.emplace_back("seconds", fixed(seconds.count(), 1));
  return figures;
}

}  // namespace

Bench customers_cdnow_bench() {
  return {"customers/cdnow", "purchases in 39 weeks, against BG/NBD", run};
}

}  // namespace ensue::apps
