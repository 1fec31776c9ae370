// SPDX-License-Identifier: Apache-2.0
// What continual learning is worth: Online Retail II month by month. A gru
// learns all before February 2011; then every month is learnt by what
// `ensue update` does, or from scratch with all before it, or not at all, and
// each model is judged on the month that follows.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/quality.h"
#include "apps/ensue-bench/quality_options.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/judge/evaluate.h"
#include "ensue/judge/instants.h"
#include "ensue/runtime/engine.h"
#include "ensue/train/fit.h"
#include "ensue/train/update.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

constexpr char kMetric[] = "ndcg@10";
constexpr int kMonths = 7;  // that are judged; the first with one model

// "2011-02-01" and the first days of the months that follow.
std::vector<std::string> cuts_from(const std::string& first) {
  int year = 0, month = 0;
  if (std::sscanf(first.c_str(), "%4d-%2d", &year, &month) != 2 || month < 1 ||
      month > 12) {
    invalid("--first: '" + first + "', expected a month such as 2011-02");
  }
  std::vector<std::string> out;
  for (int m = month - 1; m < month + kMonths; ++m) {
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02d-01", year + m / 12, m % 12 + 1);
    out.emplace_back(text);
  }
  return out;
}

// The events before an instant, under the same names.
events::Log before(const events::Log& log, events::Millis end) {
  struct Kept {
    std::vector<std::uint64_t> offsets = {0}, seqs;
    std::vector<events::ItemId> items;
    std::vector<events::ActionId> actions;
    std::vector<events::Millis> times;
    std::vector<float> values;
    std::vector<events::Cell> context;
  };
  const auto kept = std::make_shared<Kept>();
  const auto& all = log.columns();
  const std::size_t width = log.context().size();
  for (std::size_t u = 0; u < log.users(); ++u) {
    for (std::uint64_t i = all.offsets[u]; i < all.offsets[u + 1]; ++i) {
      if (all.times[i] >= end) break;  // a user's times rise
      kept->items.push_back(all.items[i]);
      kept->actions.push_back(all.actions[i]);
      kept->times.push_back(all.times[i]);
      kept->values.push_back(all.values[i]);
      kept->seqs.push_back(all.seqs[i]);
      const auto cells = all.context.subspan(i * width, width);
      kept->context.insert(kept->context.end(), cells.begin(), cells.end());
    }
    kept->offsets.push_back(kept->items.size());
  }
  events::Log out(
      log.schema(),
      {log.user_names(), log.item_names(), log.action_names(), log.context()},
      {kept->offsets, kept->items, kept->actions, kept->times, kept->values,
       kept->seqs, kept->context},
      kept);
  if (!log.item_table().columns.empty()) out.set_item_table(log.item_table());
  return out;
}

judge::Split everything(const events::Log& log) {
  judge::Split out;
  out.kind = "time";
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto size = log.history(events::UserId{u}).size();
    out.train.push_back({0, static_cast<std::uint32_t>(size)});
  }
  return out;
}

// One way to have a model every month.
struct Way {
  std::string name;
  std::vector<judge::Evaluation> judged = {};  // by month
  double seconds = 0;                          // of training
};

class Months {
 public:
  Months(const events::Log& log, std::vector<std::string> cuts,
         const Recipe& recipe, const train::UpdateOptions& options,
         fs::path folder)
      : log_(log),
        cuts_(std::move(cuts)),
        recipe_(recipe),
        options_(options),
        folder_(std::move(folder)) {
    fs::create_directories(folder_);
  }
  ~Months() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Months(const Months&) = delete;

  void run() {
    ProgressPrinter printer;
    progress_ = printer.function();
    choose_epochs();
    for (std::size_t month = 0; month + 1 < cuts_.size(); ++month) {
      const events::Log known = before(log_, cut(month));
      const double seconds = retrain(known);
      if (month == 0) {
        for (const fs::path& model : {stale(), updated()}) {
          fs::copy_file(retrained(), model,
                        fs::copy_options::overwrite_existing);
        }
      } else {
        ways_[2].seconds += seconds;
        update(known, month);
      }
      judge_all(month);
    }
  }

  const std::vector<Way>& ways() const { return ways_; }
  double seconds_judging() const { return seconds_judging_; }
  const std::vector<std::string>& cuts() const { return cuts_; }
  int epochs() const { return recipe_.train.epochs; }
  // On which the number of epochs was chosen.
  const std::vector<train::CurveRow>& curve() const { return curve_; }
  // Means over the months that follow an update.
  double mean(std::size_t way) const {
    double sum = 0;
    const auto& judged = ways_[way].judged;
    for (std::size_t m = 1; m < judged.size(); ++m) {
      sum += judged[m].metrics.at(kMetric).mean;
    }
    return sum / static_cast<double>(judged.size() - 1);
  }

 private:
  events::Millis cut(std::size_t month) const {
    return judge::parse_instant(cuts_[month], "cut");
  }
  fs::path stale() const { return folder_ / "stale.safetensors"; }
  fs::path updated() const { return folder_ / "updated.safetensors"; }
  fs::path retrained() const { return folder_ / "retrained.safetensors"; }

  // As many as are best when the last tenth before the first cut is held out;
  // from there on every full training takes so many, on all there is.
  void choose_epochs() {
    const events::Log known = before(log_, cut(0));
    judge::SplitOptions by_time;
    by_time.test = 1e-6;
    const judge::Split split = judge::make_split(known, by_time);
    const auto fitted = fit_recipe(recipe_, known, split, progress_);
    recipe_.train.epochs = std::max(1, fitted.best_epoch);
    curve_ = fitted.curve;
  }

  double retrain(const events::Log& known) const {
    const auto fitted =
        fit_recipe(recipe_, known, everything(known), progress_);
    fitted.draft.write(retrained());
    return fitted.seconds;
  }

  void update(const events::Log& known, std::size_t month) {
    std::vector<bool> fresh(known.size());
    for (std::size_t i = 0; i < fresh.size(); ++i) {
      fresh[i] = known.columns().times[i] >= cut(month - 1);
    }
    const auto learnt = train::update({.log = known,
                                       .fresh = std::move(fresh),
                                       .from = updated(),
                                       .folder = folder_,
                                       .options = options_,
                                       .progress = progress_});
    const train::UpdateResult& result = learnt.value();
    result.draft.write(updated());
    ways_[1].seconds += result.seconds;
    seconds_judging_ += result.seconds_judging;
  }

  void judge_all(std::size_t month) {
    const events::Log until = before(log_, cut(month + 1));
    judge::SplitOptions by_time;
    by_time.validation = 0;
    by_time.test_from = cuts_[month];
    const judge::Split split = judge::make_split(until, by_time);
    const fs::path files[] = {stale(), updated(), retrained()};
    for (std::size_t way = 0; way < ways_.size(); ++way) {
      const auto scorer = judge::engine_scorer(
          ways_[way].name, runtime::Engine::load(files[way].string()), until);
      ways_[way].judged.push_back(judge::evaluate(
          until, split, split.test, *scorer,
          {.lists = false, .logloss = false, .slices = false}, progress_));
    }
  }

  const events::Log& log_;
  const std::vector<std::string> cuts_;
  Recipe recipe_;
  const train::UpdateOptions options_;
  const fs::path folder_;
  ProgressFn progress_;
  std::vector<Way> ways_ = {{"stale"}, {"updated"}, {"retrained"}};
  std::vector<train::CurveRow> curve_;
  double seconds_judging_ = 0;
};

std::string shown(const judge::Evaluation& evaluation) {
  return fixed(evaluation.metrics.at(kMetric).mean, 4);
}

std::string difference(const judge::Evaluation& a, const judge::Evaluation& b) {
  const auto d = judge::compare(a, b, kMetric).difference;
  return fixed(d.mean, 4) + " [" + fixed(d.low, 4) + ", " + fixed(d.high, 4) +
         "]";
}

void print(const Months& months) {
  TextTable table({"judged on", "questions", "stale", "updated", "retrained",
                   "updated - stale", "updated - retrained"});
  const auto& ways = months.ways();
  for (std::size_t m = 0; m < ways[0].judged.size(); ++m) {
    const auto &a = ways[0].judged[m], &b = ways[1].judged[m],
               &c = ways[2].judged[m];
    table.add({months.cuts()[m].substr(0, 7), grouped(a.queries), shown(a),
               shown(b), shown(c), difference(b, a), difference(b, c)});
  }
  std::printf(
      "%s%s of the next basket, every item ranked, a tied target last; the "
      "first month: one model\ntraining: %.1f s updated (and %.1f s judging), "
      "%.1f s retrained with %d epochs\n",
      table.text().c_str(), kMetric, ways[1].seconds, months.seconds_judging(),
      ways[2].seconds, months.epochs());
  std::printf("epochs chosen on validation before the first month:");
  for (const train::CurveRow& row : months.curve()) {
    std::printf(" %.4f", row.at(std::string("validation ") + kMetric));
  }
  std::printf("\n");
}

struct Typed {
  std::string first = "2011-02";  // --first
  train::UpdateOptions update;    // --update.KEY VALUE: settings of [update]
  std::vector<std::string> rest;
};

Typed read_typed(const std::vector<std::string>& words) {
  constexpr std::string_view kPrefix = "--update.";
  Typed out;
  JsonObject fields;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool more = i + 1 < words.size();
    if (more && words[i] == "--first") {
      out.first = words[++i];
    } else if (more && words[i].starts_with(kPrefix)) {
      const std::string key = words[i].substr(kPrefix.size());
      fields[key] = parse_json(words[i + 1], words[i]);
      ++i;
    } else {
      out.rest.push_back(words[i]);
    }
  }
  read_fields(out.update, fields, "--update");
  return out;
}

BenchFigures run(const BenchOptions& options) {
  const Typed own = read_typed(options.extra);
  const QualityOptions typed = parse_quality_options(own.rest);
  const events::Log log =
      import_public_data("update/online-retail",
                         {"online-retail-II/online_retail_to_2011-08.csv.zst"},
                         options.data, typed.work, {});
  const Recipe recipe = read_recipe("gru", "online-retail", typed);
  Months months(log, cuts_from(own.first), recipe, own.update,
                fs::temp_directory_path() /
                    ("ensue-update-" + std::to_string(::getpid())));
  months.run();
  print(months);
  return {{"stale", fixed(months.mean(0), 4)},
          {"updated", fixed(months.mean(1), 4)},
          {"retrained", fixed(months.mean(2), 4)},
          {"seconds_updated", fixed(months.ways()[1].seconds, 1)},
          {"seconds_retrained", fixed(months.ways()[2].seconds, 1)},
          {"value", fixed(months.mean(1) / months.mean(2), 4)}};
}

}  // namespace

Bench quality_update_bench() {
  return {"quality/update",
          "monthly updates of a model, against full retraining", run};
}

}  // namespace ensue::apps
