// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/ranks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "ensue/base/error.h"

namespace ensue::metrics {
namespace {

// The items of one score among which a target stands.
struct Tie {
  float score = 0;                   // never NaN: those are counted as `nan`
  bool nan = false;                  // the score is NaN
  std::size_t targets = 0;           // of this score
  std::size_t better = 0, same = 0;  // candidates above and at the score
};

constexpr std::size_t kBlock = 1024, kLanes = 16;

// Adds scores above and at `tie.score`. The inner loop has a fixed length, so
// that compilers vectorise it at every optimisation level in use.
void count_block(std::span<const float> block, Tie& tie) {
  const float at = tie.score;
  std::int32_t better[kLanes] = {}, same[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= block.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      better[lane] += block[i + lane] > at ? 1 : 0;
      same[lane] += block[i + lane] == at ? 1 : 0;
    }
  }
  for (; i < block.size(); ++i) {
    better[0] += block[i] > at ? 1 : 0;
    same[0] += block[i] == at ? 1 : 0;
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    tie.better += static_cast<std::size_t>(better[lane]);
    tie.same += static_cast<std::size_t>(same[lane]);
  }
}

void count_nan(std::span<const float> scores, Tie& tie) {
  for (const float score : scores) tie.same += std::isnan(score) ? 1u : 0u;
  tie.better = scores.size() - tie.same;
}

// One entry per distinct score of the targets, best first, NaN last.
std::vector<Tie> ties_of(std::span<const float> scores,
                         std::span<const std::uint32_t> targets) {
  std::vector<Tie> ties;
  std::size_t nan = 0;
  std::vector<float> sorted;
  for (const std::uint32_t target : targets) {
    const float score = scores[target];
    std::isnan(score) ? void(++nan) : sorted.push_back(score);
  }
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  for (const float score : sorted) {
    if (ties.empty() || ties.back().score != score) ties.push_back({score});
    ++ties.back().targets;
  }
  if (nan > 0) ties.push_back({.nan = true, .targets = nan});
  return ties;
}

void count(std::span<const float> scores, std::vector<Tie>& ties) {
  for (std::size_t begin = 0; begin < scores.size(); begin += kBlock) {
    const auto block =
        scores.subspan(begin, std::min(kBlock, scores.size() - begin));
    for (Tie& tie : ties) {
      if (!tie.nan) count_block(block, tie);
    }
  }
  if (!ties.empty() && ties.back().nan) count_nan(scores, ties.back());
}

// Takes one item that was counted out again.
void uncount(float score, std::vector<Tie>& ties) {
  for (Tie& tie : ties) {
    if (tie.nan) {
      --(std::isnan(score) ? tie.same : tie.better);
    } else if (score > tie.score) {
      --tie.better;
    } else if (score == tie.score) {
      --tie.same;
    }
  }
}

double rank_in(const Tie& tie, std::size_t j, TieRule rule) {
  const auto before = static_cast<double>(tie.better);
  const auto place = static_cast<double>(j), n = static_cast<double>(tie.same),
             t = static_cast<double>(tie.targets);
  switch (rule) {
    case TieRule::kPessimistic:
      return before + n - t + place;
    case TieRule::kOptimistic:
      return before + place;
    case TieRule::kMean:
      return before + place * (n + 1) / (t + 1);
  }
  return before + n;
}

}  // namespace

std::string_view name_of(TieRule rule) {
  switch (rule) {
    case TieRule::kPessimistic:
      return "pessimistic";
    case TieRule::kOptimistic:
      return "optimistic";
    case TieRule::kMean:
      return "mean";
  }
  return "";
}

TieRule tie_rule(std::string_view name) {
  for (const TieRule rule :
       {TieRule::kPessimistic, TieRule::kOptimistic, TieRule::kMean}) {
    if (name == name_of(rule)) return rule;
  }
  invalid("tie rule '" + std::string(name) +
          "', expected pessimistic, optimistic or mean");
}

std::vector<double> ranks_of(std::span<const float> scores,
                             std::span<const std::uint32_t> targets,
                             std::span<const std::uint32_t> excluded,
                             TieRule rule) {
  std::vector<Tie> ties = ties_of(scores, targets);
  count(scores, ties);
  for (const std::uint32_t item : excluded) {
    if (std::find(targets.begin(), targets.end(), item) == targets.end()) {
      uncount(scores[item], ties);
    }
  }
  std::vector<double> ranks;
  ranks.reserve(targets.size());
  for (const Tie& tie : ties) {
    for (std::size_t j = 1; j <= tie.targets; ++j) {
      ranks.push_back(rank_in(tie, j, rule));
    }
  }
  return ranks;
}

}  // namespace ensue::metrics
