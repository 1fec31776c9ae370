// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/tune.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"

namespace ensue::train {
namespace {

constexpr std::size_t kAtRandom = 10, kDraws = 24;
constexpr double kGoodShare = 0.2;

double normal_below(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

// A uniform density and one cut normal per point, all of one weight.
class Parzen {
 public:
  explicit Parzen(std::vector<double> points) : points_(std::move(points)) {
    std::ranges::sort(points_);
    const std::size_t n = points_.size();
    const double least = 1 / std::min(100.0, static_cast<double>(n) + 1);
    for (std::size_t i = 0; i < n; ++i) {
      const double left = points_[i] - (i == 0 ? 0 : points_[i - 1]);
      const double right = (i + 1 == n ? 1 : points_[i + 1]) - points_[i];
      widths_.push_back(std::clamp(std::max(left, right), least, 1.0));
    }
  }

  double density(double x) const {
    double sum = 1;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const double z = (x - points_[i]) / widths_[i];
      const double inside = normal_below((1 - points_[i]) / widths_[i]) -
                            normal_below(-points_[i] / widths_[i]);
      sum += std::exp(-0.5 * z * z) /
             (widths_[i] * std::sqrt(2 * std::numbers::pi) * inside);
    }
    return sum / static_cast<double>(points_.size() + 1);
  }

  double draw(Rng& rng) const {
    const std::size_t i = rng.below(points_.size() + 1);
    if (i == points_.size()) return rng.uniform();
    while (true) {  // at least a third of the draws of a normal are inside
      const double x = points_[i] + widths_[i] * rng.normal();
      if (x >= 0 && x < 1) return x;
    }
  }

 private:
  std::vector<double> points_, widths_;
};

// Counts of equal parts of [0, 1), each plus one.
class Counts {
 public:
  Counts(const std::vector<double>& points, std::size_t parts)
      : counts_(parts, 1.0) {
    for (const double x : points) counts_[part(x)] += 1;
    all_ = static_cast<double>(points.size() + parts);
  }

  double density(double x) const { return counts_[part(x)] / all_; }
  double draw(Rng& rng) const {
    double left = rng.uniform() * all_;
    std::size_t i = 0;
    while (i + 1 < counts_.size() && left >= counts_[i]) left -= counts_[i++];
    return (static_cast<double>(i) + 0.5) / static_cast<double>(counts_.size());
  }

 private:
  std::size_t part(double x) const {
    const auto n = static_cast<double>(counts_.size());
    return static_cast<std::size_t>(std::min(x * n, n - 1));
  }
  std::vector<double> counts_;
  double all_ = 0;
};

template <class Density>
double best_draw(const Density& good, const Density& rest, Rng& rng) {
  double best = 0, best_ratio = -1;
  for (std::size_t i = 0; i < kDraws; ++i) {
    const double x = good.draw(rng);
    const double ratio = good.density(x) / rest.density(x);
    if (ratio > best_ratio) {
      best = x;
      best_ratio = ratio;
    }
  }
  return best;
}

double loss_of(const TrialRecord& record) {
  return record.loss.value_or(std::numeric_limits<double>::infinity());
}

// Records, best first; equal ones by their number.
std::vector<const TrialRecord*> ranked(std::span<const TrialRecord> records) {
  std::vector<const TrialRecord*> out;
  for (const TrialRecord& record : records) out.push_back(&record);
  std::ranges::stable_sort(out, {}, [](const TrialRecord* record) {
    return std::pair(loss_of(*record), record->trial);
  });
  return out;
}

std::vector<double> column(std::span<const TrialRecord* const> records,
                           std::size_t dimension) {
  std::vector<double> out;
  for (const TrialRecord* record : records) {
    out.push_back(record->place[dimension]);
  }
  return out;
}

Rng rng_of(const TuneOptions& options, int trial) {
  return Rng(static_cast<std::uint64_t>(options.seed) ^ checksum("tune"),
             static_cast<std::uint64_t>(trial));
}

const TrialRecord* find(std::span<const TrialRecord> records, int trial,
                        int epochs) {
  for (const TrialRecord& record : records) {
    if (record.trial == trial && record.epochs == epochs) return &record;
  }
  return nullptr;
}

// Who of a rung goes on to the next, in the order of their numbers.
std::vector<int> promoted(std::span<const TrialRecord> rung, int most) {
  std::vector<int> out;
  for (const TrialRecord* record : ranked(rung)) {
    if (!record->loss || out.size() == static_cast<std::size_t>(most)) break;
    out.push_back(record->trial);
  }
  std::ranges::sort(out);
  return out;
}

std::optional<TrialPlan> next_of_halving(std::span<const Dimension> space,
                                         const TuneOptions& options, int epochs,
                                         std::span<const TrialRecord> records) {
  const auto rungs = halving_rungs(options.trials, epochs, options.keep);
  std::vector<int> members(static_cast<std::size_t>(options.trials));
  std::iota(members.begin(), members.end(), 0);
  for (std::size_t r = 0; r < rungs.size(); ++r) {
    std::vector<TrialRecord> done;
    for (const int trial : members) {
      const auto* record = find(records, trial, rungs[r].epochs);
      if (record == nullptr) {
        Rng rng = rng_of(options, trial);
        return TrialPlan{trial, rungs[r].epochs,
                         random_place(space.size(), rng)};
      }
      done.push_back(*record);
    }
    if (r + 1 < rungs.size()) members = promoted(done, rungs[r + 1].trials);
  }
  return std::nullopt;
}

}  // namespace

Place random_place(std::size_t dimensions, Rng& rng) {
  Place out(dimensions);
  for (double& x : out) x = rng.uniform();
  return out;
}

Place tpe_place(std::span<const Dimension> space,
                std::span<const TrialRecord> records, Rng& rng) {
  const auto trained = static_cast<std::size_t>(std::ranges::count_if(
      records,
      [](const TrialRecord& record) { return record.loss.has_value(); }));
  if (records.size() < kAtRandom || trained == 0) {
    return random_place(space.size(), rng);
  }
  const auto all = ranked(records);
  const auto good = std::min(
      trained, static_cast<std::size_t>(
                   std::ceil(kGoodShare * static_cast<double>(all.size()))));
  const auto best = std::span(all).first(good);
  const auto rest = std::span(all).subspan(good);
  Place out;
  for (std::size_t d = 0; d < space.size(); ++d) {
    const std::size_t parts = space[d].choices.size();
    out.push_back(parts == 0 ? best_draw(Parzen(column(best, d)),
                                         Parzen(column(rest, d)), rng)
                             : best_draw(Counts(column(best, d), parts),
                                         Counts(column(rest, d), parts), rng));
  }
  return out;
}

std::vector<Rung> halving_rungs(int trials, int epochs, int keep) {
  if (trials < 1 || epochs < 1 || keep < 2) {
    invalid("halving: " + std::to_string(trials) + " trials, " +
            std::to_string(epochs) + " epochs, one in " + std::to_string(keep) +
            ": expected at least 1, 1 and 2");
  }
  int rungs = 1;
  for (int t = trials, e = epochs; t >= keep && e >= keep; ++rungs) {
    t /= keep;
    e /= keep;
  }
  std::vector<Rung> out(static_cast<std::size_t>(rungs));
  for (auto rung = out.rbegin(); rung != out.rend(); ++rung) {
    rung->epochs = epochs;
    epochs /= keep;
  }
  for (Rung& rung : out) {
    rung.trials = trials;
    trials /= keep;
  }
  return out;
}

void TuneOptions::check() const {
  if (method != "tpe" && method != "random" && method != "halving") {
    invalid("[tune].method: '" + method + "', expected tpe, random or halving");
  }
  if (trials < 1) {
    invalid("[tune].trials: " + std::to_string(trials) +
            ", expected at least 1");
  }
  if (keep < 2) {
    invalid("[tune].keep: " + std::to_string(keep) + ", expected at least 2");
  }
}

std::optional<TrialPlan> next_trial(std::span<const Dimension> space,
                                    const TuneOptions& options, int epochs,
                                    std::span<const TrialRecord> records) {
  if (options.method == "halving") {
    return next_of_halving(space, options, epochs, records);
  }
  const auto trial = static_cast<int>(records.size());
  if (trial >= options.trials) return std::nullopt;
  Rng rng = rng_of(options, trial);
  return TrialPlan{trial, 0,
                   options.method == "tpe" ? tpe_place(space, records, rng)
                                           : random_place(space.size(), rng)};
}

judge::Split without_test(judge::Split split) {
  if (split.validation.empty()) {
    invalid("split '" + split.kind +
            "': no validation question, expected some to search by");
  }
  split.test.clear();
  split.test_cut.reset();
  return split;
}

}  // namespace ensue::train
