// SPDX-License-Identifier: Apache-2.0
// How fast an epoch of a published recipe trains, beside a plain padded
// libtorch version of the same recipe in the same run.
//
// The user's situation: the data set whole, dropout on, every epoch shuffled,
// batches made, optimiser stepped; nothing is judged in between. Ratios are
// against the faster of the peer here and the peer as it was measured before
// (ANCHORS), so a slow peer never flatters us.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/quality.h"
#include "apps/ensue/machine.h"
#include "apps/ensue/terminal.h"
#include "bench/peers/peers.h"
#include "ensue/base/error.h"
#include "ensue/base/threads.h"
#include "ensue/models/catalog.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

// One recipe on one data set.
struct Recipe {
  std::string name, file;
  std::string model;
  JsonObject fields;
  train::TrainOptions train;
  /// Of the peer, tokens a second, measured on such a machine at its best.
  double anchor = 0;
  /// Multiply-adds forward of one token with `length` events before it.
  std::function<double(double items, double length)> work;
  std::function<peers::PeerSpeed(const peers::Sequences&, std::int64_t items)>
      peer;
};

struct Ours {
  double epoch_seconds = 0, tokens = 0, peak_share = 0, gigabytes = 0;
  double faults_per_epoch = 0;
  double tokens_per_second() const { return tokens / epoch_seconds; }
};

long page_faults() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_minflt;
}

// The median epoch after the first, which warms the memory.
Ours run_ours(const Recipe& recipe, const events::Log& log,
              const judge::Split& split, double tokens, double mean_length,
              const std::string& precision, const ProgressFn& progress) {
  train::TrainOptions options = recipe.train;
  options.precision = precision;
  options.epochs = options.patience = 4;
  std::vector<long> faults;
  const auto fitted = train::fit(
      {.log = log,
       .split = split,
       .model = models::models().find(recipe.model).build(recipe.fields),
       .options = options,
       .folder = {},
       .progress = [&](const Progress& p) {
         if (p.done >= p.total) faults.push_back(page_faults());
         if (progress) progress(p);
       }});
  std::vector<double> epochs;
  for (std::size_t i = 1; i < fitted.curve.size(); ++i) {
    epochs.push_back(fitted.curve[i].at("seconds") -
                     fitted.curve[i - 1].at("seconds"));
  }
  std::ranges::sort(epochs);
  Ours out;
  out.epoch_seconds = epochs[epochs.size() / 2];
  out.tokens = tokens;
  out.gigabytes = peak_memory_gb();
  if (faults.size() > 1) {
    out.faults_per_epoch =
        static_cast<double>(faults.back() - faults[faults.size() - 2]);
  }
  const double work =
      6 * recipe.work(static_cast<double>(log.items()), mean_length);
  out.peak_share =
      1e-9 * work * out.tokens_per_second() / peak_gflops(precision);
  return out;
}

peers::Sequences sequences_of(const events::Log& log,
                              const judge::Split& split) {
  peers::Sequences out;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto history = log.history(events::UserId{u});
    auto& items = out.emplace_back();
    for (std::uint32_t i = split.train[u].begin; i < split.train[u].end; ++i) {
      items.push_back(events::index(history.items[i]));
    }
    if (items.size() < 2) out.pop_back();
  }
  return out;
}

// Positions that predict in one epoch, and the mean number of events each sees.
std::pair<double, double> count_tokens(const peers::Sequences& sequences,
                                       const train::TrainOptions& options) {
  double sum = 0, tokens = 0;
  for (const auto& items : sequences) {
    const auto most = static_cast<double>(options.max_length - 1);
    const double all = static_cast<double>(items.size()) - 1;
    const double n = options.history == "last" ? std::min(most, all) : all;
    sum += n * (std::min(n, most) + 1) / 2;
    tokens += n;
  }
  return {tokens, sum / tokens};
}

std::string number(double value, int digits = 3) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

BenchFigures run(const Recipe& recipe, const BenchOptions& options) {
  ProgressPrinter printer;
  const ProgressFn progress = printer.function();
  const events::Log log = import_public_data(
      recipe.name, {recipe.file}, options.data, "build/bench-data", progress);
  judge::SplitOptions protocol;
  protocol.kind = "leave-one-out";
  judge::Split split = judge::make_split(log, protocol);
  split.validation.clear();  // nothing is judged between epochs
  const peers::Sequences sequences = sequences_of(log, split);
  const auto [tokens, length] = count_tokens(sequences, recipe.train);
  const Ours half =
      run_ours(recipe, log, split, tokens, length, "bf16", progress);
  const Ours full =
      run_ours(recipe, log, split, tokens, length, "fp32", progress);
  const peers::PeerSpeed peer =
      recipe.peer(sequences, static_cast<std::int64_t>(log.items()));
  printer.finish();
  const double against = std::max(peer.tokens_per_second(), recipe.anchor);

  TextTable table({recipe.name, "epoch s", "tokens/s", "share of peak",
                   "page faults", "peak GB"});
  const auto row = [&](const char* name, const Ours& ours) {
    table.add({name, number(ours.epoch_seconds),
               grouped(static_cast<std::uint64_t>(ours.tokens_per_second())),
               number(ours.peak_share),
               grouped(static_cast<std::uint64_t>(ours.faults_per_epoch)),
               number(ours.gigabytes, 2)});
  };
  row("ensue, bf16", half);
  row("ensue, fp32", full);
  table.add({"plain libtorch, here",
             number(half.tokens / peer.tokens_per_second()),
             grouped(static_cast<std::uint64_t>(peer.tokens_per_second())), "-",
             "-", "-"});
  table.add({"the peer, at its best", number(half.tokens / recipe.anchor),
             grouped(static_cast<std::uint64_t>(recipe.anchor)), "-", "-",
             "-"});
  std::fputs(table.text().c_str(), stdout);
  return {{"value", number(half.epoch_seconds)},
          {"ratio", number(half.tokens_per_second() / against, 2)},
          {"peak_share", number(half.peak_share)},
          {"fp32_seconds", number(full.epoch_seconds)},
          {"fp32_peak_share", number(full.peak_share)},
          {"tokens_per_second", number(half.tokens_per_second(), 0)},
          {"peer_tokens_per_second", number(peer.tokens_per_second(), 0)},
          {"peer_share_of_anchor",
           number(peer.tokens_per_second() / recipe.anchor, 2)},
          {"page_faults_per_epoch", number(half.faults_per_epoch, 0)},
          {"peak_gb", number(half.gigabytes, 2)},
          {"threads", std::to_string(threads())}};
}

// Attention, feed-forward and the catalogue's share of a token, in
// multiply-adds.
std::function<double(double, double)> sasrec_work(double width, double hidden,
                                                  bool softmax) {
  return [=](double items, double length) {
    return 2 * (4 * width * width + 2 * width * hidden + 2 * width * length) +
           (softmax ? items : 2) * width;
  };
}

Recipe sasrec(const std::string& name, const std::string& file, int width,
              int length, bool softmax, double anchor, std::int64_t steps) {
  Recipe out;
  out.name = name, out.file = file, out.model = "sasrec";
  out.fields = {{"width", width},      {"layers", 2},      {"heads", 1},
                {"hidden", width},     {"window", length}, {"dropout", 0.2},
                {"activation", "relu"}};
  out.train.loss = softmax ? "softmax" : "bce";
  out.train.negatives = 1;
  out.train.batch_tokens = 128 * length / 2;
  out.train.max_length = length;
  out.train.history = "last";
  out.train.learning_rate = 1e-3;
  out.anchor = anchor;
  out.work = sasrec_work(width, width, softmax);
  out.peer = [=](const peers::Sequences& users, std::int64_t items) {
    return peers::train_sasrec(
        users,
        {.items = items, .length = length, .width = width, .softmax = softmax},
        steps, threads());
  };
  return out;
}

BenchFigures sasrec_bce(const BenchOptions& options) {
  return run(sasrec("train/sasrec-bce", "ml-1m/ml-1m.txt.zst", 50, 200,
                    /*softmax=*/false, /*anchor=*/38'200, /*steps=*/47),
             options);
}

BenchFigures sasrec_softmax(const BenchOptions& options) {
  return run(sasrec("train/sasrec-softmax", "ml-1m/ml-1m.txt.zst", 64, 200,
                    /*softmax=*/true, /*anchor=*/21'000, /*steps=*/24),
             options);
}

BenchFigures wide_catalogue(const BenchOptions& options) {
  return run(sasrec("train/wide-catalogue",
                    "amazon-beauty-large/beauty.txt.zst", 64, 50,
                    /*softmax=*/true, /*anchor=*/430, /*steps=*/6),
             options);
}

// The file has an order but no times, so neither side has time biases.
BenchFigures hstu(const BenchOptions& options) {
  constexpr int kWidth = 50, kLength = 200, kNegatives = 128;
  Recipe out;
  out.name = "train/hstu", out.file = "ml-1m/ml-1m.txt.zst";
  out.model = "hstu";
  out.fields = {{"width", kWidth},   {"layers", 2},    {"heads", 1},
                {"window", kLength}, {"dropout", 0.2}, {"time_buckets", 0}};
  out.train.loss = "sampled_softmax";
  out.train.negatives = kNegatives;
  out.train.negative_power = 0;  // uniform draws
  out.train.batch_tokens = 128 * kLength / 2;
  out.train.max_length = kLength;
  out.train.history = "last";
  out.train.learning_rate = 1e-3;
  out.anchor = 17'600;
  out.work = [](double, double length) {
    return 2.0 * (5.0 * kWidth * kWidth + 2 * kWidth * length) +
           (kNegatives + 1.0) * kWidth;
  };
  out.peer = [](const peers::Sequences& users, std::int64_t items) {
    return peers::train_hstu(users, {.items = items}, /*steps=*/24, threads());
  };
  return run(out, options);
}

BenchFigures gru4rec(const BenchOptions& options) {
  Recipe out;
  out.name = "train/gru4rec", out.file = "ml-1m/ml-1m.txt.zst";
  out.model = "gru";
  out.fields = {{"width", 100}, {"hidden", JsonArray{100}}, {"dropout", 0.0}};
  out.train.loss = "sampled_softmax";
  out.train.negatives = 2048;
  out.train.batch_tokens = 2048;
  out.train.learning_rate = 1e-3;
  out.anchor = 9'600;
  out.work = [](double, double) {
    return 6.0 * 100 * 100 + 100 * 100 + 2049 * 100;
  };
  out.peer = [](const peers::Sequences& users, std::int64_t items) {
    return peers::train_gru4rec(users, {.items = items}, /*steps=*/1500,
                                threads());
  };
  return run(out, options);
}

}  // namespace

Bench train_sasrec_bce_bench() {
  return {"train/sasrec-bce", "an epoch of SASRec on ML-1M, one negative",
          sasrec_bce};
}
Bench train_sasrec_softmax_bench() {
  return {"train/sasrec-softmax", "an epoch of SASRec on ML-1M, full softmax",
          sasrec_softmax};
}
Bench train_wide_catalogue_bench() {
  return {"train/wide-catalogue",
          "an epoch of SASRec over 54,542 items, full softmax", wide_catalogue};
}
Bench train_hstu_bench() {
  return {"train/hstu", "an epoch of HSTU on ML-1M, 128 negatives", hstu};
}
Bench train_gru4rec_bench() {
  return {"train/gru4rec", "GRU4Rec with 2,048 samples on ML-1M", gru4rec};
}

}  // namespace ensue::apps
