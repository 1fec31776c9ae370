// SPDX-License-Identifier: Apache-2.0
// What a search tries next, as a function of what it has seen.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/judge/split.h"
#include "ensue/train/search_space.h"

namespace ensue::train {

/// A place in the search space: [dimensions], each in [0, 1).
using Place = std::vector<double>;

/// One trained trial, or one that could not be.
struct TrialRecord {
  int trial = 0;   // its number, from 0
  int epochs = 0;  // trained so far, at most; 0: to the end
  Place place;
  std::optional<double> loss;  // lower is better; nullopt: it failed
};

/// Independent of everything seen (Bergstra & Bengio 2012).
Place random_place(std::size_t dimensions, Rng& rng);

/// Tree-structured Parzen estimator: the best fifth of all records and the rest
/// are each described by a density per key, and of 24 draws from the first that
/// one is taken whose ratio of densities is best. A range's density is a
/// uniform one and one normal per record, cut to the range, as wide as the
/// larger distance to a neighbour; of choices it is their counts, each plus
/// one. Failed records are among the rest. At random until 10 records are
/// there, one of them trained. Source: Bergstra et al. 2011, "Algorithms for
/// Hyper-Parameter Optimization", section 4; a share of a fifth instead of
/// 0.15, as budgets here are small.
Place tpe_place(std::span<const Dimension> space,
                std::span<const TrialRecord> records, Rng& rng);

struct Rung {
  int trials = 0, epochs = 0;
  bool operator==(const Rung&) const = default;
};

/// Successive halving: `trials` of them get epochs / keep^(r - 1), the best of
/// each rung (one in `keep`) get `keep` times as many, until some get all of
/// them; all numbers rounded down. 9 trials, 9 epochs, keep 3: 9 x 1, 3 x 3,
/// 1 x 9. As many rungs as leave one trial and one epoch.
/// Source: Jamieson & Talwalkar 2016, arXiv:1502.07943.
/// @throws Error(kInvalidArgument) when a number is below 1 or keep below 2.
std::vector<Rung> halving_rungs(int trials, int epochs, int keep);

/// [tune], without its space.
struct TuneOptions {
  std::string method = "tpe";
  int trials = 20;
  int keep = 3;  // halving
  int seed = 1;
  void visit(auto&& field) {
    field("method", method, "tpe, random or halving");
    field("trials", trials, "configurations to try");
    field("keep", keep, "halving: one in so many goes on");
    field("seed", seed, "seed of the search");
  }
  /// @throws Error(kInvalidArgument) "[tune].method: …".
  void check() const;
};

struct TrialPlan {
  int trial = 0;
  int epochs = 0;  // train up to this one; 0: to the end
  Place place;
};

/// The next trial to train, or to train on; nullopt: the search is over. A
/// function of its arguments alone, so a search can stop anywhere and go on.
/// Trial n's random numbers depend on (seed, n) alone.
/// @param epochs  what a trial gets at most; only halving looks at it.
std::optional<TrialPlan> next_trial(std::span<const Dimension> space,
                                    const TuneOptions& options, int epochs,
                                    std::span<const TrialRecord> records);

/// The split as a search may see it: without a test.
/// @throws Error(kInvalidArgument) when there is no validation either.
judge::Split without_test(judge::Split split);

}  // namespace ensue::train
