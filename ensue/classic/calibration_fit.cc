// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/calibration_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/classic/internal/column_fit.h"
#include "ensue/classic/internal/member_fit.h"

namespace ensue::classic {
namespace {

using runtime::CalibrationCurve;

constexpr int kFolds = 5, kMostSteps = 100, kBlendSteps = 20;
constexpr double kSolved = 1e-10;

// Neighbouring scores that share one answer.
struct Block {
  double sum = 0, rows = 0, places = 0;  // labels, rows, probabilities
  double low = 0, high = 0;
  double mean() const { return sum / rows; }
  double centre() const { return std::clamp(places / rows, low, high); }
  double edge() const { return 1 / (rows + 2); }
  // Away from 0 and 1, as one row more of each kind would have it.
  double inner_mean() const { return std::clamp(mean(), edge(), 1 - edge()); }
  // With its neighbour.
  Block operator+(const Block& b) const {
    return {sum + b.sum, rows + b.rows, places + b.places, std::min(low, b.low),
            std::max(high, b.high)};
  }
};

// An outer block of few rows, all without the label or all with it, says no
// more than its neighbour when it is moved inwards: they become one.
void spread_ends(std::vector<Block>& blocks) {
  while (blocks.size() > 1 &&
         blocks[0].inner_mean() >= blocks[1].inner_mean()) {
    blocks[1] = blocks[0] + blocks[1];
    blocks.erase(blocks.begin());
  }
  while (blocks.size() > 1 &&
         blocks.back().inner_mean() <= blocks.end()[-2].inner_mean()) {
    blocks.end()[-2] = blocks.end()[-2] + blocks.back();
    blocks.pop_back();
  }
}

double log_loss(double p, double y) {
  const double kept = std::clamp(p, 1e-15, 1 - 1e-15);
  return y > 0.5 ? -std::log(kept) : -std::log1p(-kept);
}

CalibrationCurve fit_curve(const std::string& method,
                           const HeldScores& scores) {
  if (method == "platt") return fit_platt(scores);
  if (method == "isotonic") return fit_isotonic(scores);
  return {};
}

// Log-loss of curves that have not seen the rows they are judged on.
double judged(const std::string& method, const HeldScores& scores,
              const std::vector<int>& fold) {
  double sum = 0;
  for (int f = 0; f < kFolds; ++f) {
    HeldScores others;
    for (std::size_t i = 0; i < fold.size(); ++i) {
      if (fold[i] == f) continue;
      others.margins.push_back(scores.margins[i]);
      others.y.push_back(scores.y[i]);
    }
    const CalibrationCurve curve = fit_curve(method, others);
    for (std::size_t i = 0; i < fold.size(); ++i) {
      if (fold[i] == f) sum += log_loss(curve(scores.margins[i]), scores.y[i]);
    }
  }
  return sum;
}

// Each output against the rest.
std::vector<HeldScores> one_against_rest(const TableLabels& labels,
                                         std::span<const double> margins) {
  const std::size_t outputs = outputs_of(labels), rows = labels.values.size();
  std::vector<HeldScores> out(outputs);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto own = margins.subspan(row * outputs, outputs);
    double all = 0;
    const double most = *std::ranges::max_element(own);
    for (const double m : own) all += std::exp(m - most);
    for (std::size_t o = 0; o < outputs; ++o) {
      const double p = std::exp(own[o] - most) / all;
      out[o].margins.push_back(outputs == 1 ? own[0] : runtime::log_odds(p));
      const double y = labels.values[row];
      out[o].y.push_back(outputs == 1 ? y : y == static_cast<double>(o));
    }
  }
  return out;
}

// Caruana's greedy choice.
std::vector<double> select_members(
    const TableLabels& labels,
    const std::vector<std::vector<double>>& margins) {
  std::vector<double> counts(margins.size());
  std::vector<double> sum(margins[0].size());
  for (int step = 1; step <= kBlendSteps; ++step) {
    double best = std::numeric_limits<double>::infinity();
    std::size_t chosen = 0;
    for (std::size_t m = 0; m < margins.size(); ++m) {
      std::vector<double> tried(sum);
      for (std::size_t i = 0; i < tried.size(); ++i) {
        tried[i] = (tried[i] + margins[m][i]) / step;
      }
      const double loss =
          margin_loss(labels.kind, outputs_of(labels), tried, labels.values);
      if (loss < best) best = loss, chosen = m;
    }
    counts[chosen] += 1;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += margins[chosen][i];
  }
  for (double& count : counts) count /= kBlendSteps;
  return counts;
}

}  // namespace

CalibrationCurve fit_platt(const HeldScores& scores) {
  const double ones = std::accumulate(scores.y.begin(), scores.y.end(), 0.0);
  const double zeros = static_cast<double>(scores.y.size()) - ones;
  const double high = (ones + 1) / (ones + 2), low = 1 / (zeros + 2);
  double slope = 1, offset = 0;
  const auto loss_at = [&](double a, double b) {
    double sum = 0;
    for (std::size_t i = 0; i < scores.y.size(); ++i) {
      const double m = a * scores.margins[i] + b;
      const double target = scores.y[i] > 0.5 ? high : low;
      sum += std::max(m, 0.0) + std::log1p(std::exp(-std::abs(m))) - target * m;
    }
    return sum;
  };
  double loss = loss_at(slope, offset);
  for (int step = 0; step < kMostSteps; ++step) {
    double ga = 0, gb = 0, aa = 1e-12, ab = 0, bb = 1e-12;
    for (std::size_t i = 0; i < scores.y.size(); ++i) {
      const double x = scores.margins[i];
      const double p = runtime::logistic(slope * x + offset);
      const double gap = p - (scores.y[i] > 0.5 ? high : low);
      const double curve = p * (1 - p);
      ga += gap * x, gb += gap;
      aa += curve * x * x, ab += curve * x, bb += curve;
    }
    if (std::abs(ga) + std::abs(gb) < kSolved) break;
    const double determinant = aa * bb - ab * ab;
    const double da = -(bb * ga - ab * gb) / determinant;
    const double db = -(aa * gb - ab * ga) / determinant;
    double share = 1, then = loss_at(slope + da, offset + db);
    while (then > loss && share > 1e-10) {
      share /= 2;
      then = loss_at(slope + share * da, offset + share * db);
    }
    if (!(then < loss)) break;
    slope += share * da, offset += share * db;
    loss = then;
  }
  if (slope < 0) {
    slope = 0;
    offset = runtime::log_odds((ones + 1) / (ones + zeros + 2));
  }
  return {slope, offset, {}, {}};
}

CalibrationCurve fit_isotonic(const HeldScores& scores) {
  std::vector<std::size_t> order(scores.y.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return scores.margins[a] < scores.margins[b];
  });
  std::vector<Block> blocks;
  for (const std::size_t i : order) {
    const double p = runtime::logistic(scores.margins[i]);
    if (!blocks.empty() && blocks.back().low == p) {
      blocks.back().sum += scores.y[i];  // equal scores are one
      blocks.back().rows += 1;
      blocks.back().places += p;
    } else {
      blocks.push_back({scores.y[i], 1, p, p, p});
    }
  }
  std::vector<Block> pooled;
  for (Block block : blocks) {
    while (!pooled.empty() && pooled.back().mean() >= block.mean()) {
      block = pooled.back() + block;
      pooled.pop_back();
    }
    pooled.push_back(block);
  }
  spread_ends(pooled);
  CalibrationCurve out;
  const auto knot = [&](double x, double y) {
    if (!out.x.empty() && x <= out.x.back()) return;
    out.x.push_back(x);
    out.y.push_back(y);
  };
  // Half an edge of slope in the outer blocks keeps their order.
  const Block &front = pooled.front(), &back = pooled.back();
  knot(front.low, front.inner_mean() - front.edge() / 2);
  for (const Block& block : pooled) knot(block.centre(), block.inner_mean());
  knot(back.high, back.inner_mean() + back.edge() / 2);
  return out;
}

runtime::Calibration fit_calibration(const std::string& method,
                                     const TableLabels& labels,
                                     std::span<const double> margins,
                                     std::uint64_t seed) {
  const bool probabilities =
      labels.kind == Label::kBinary || labels.kind == Label::kClass;
  const bool known = method == "auto" || method == "none" ||
                     method == "platt" || method == "isotonic";
  if (!known) {
    invalid("calibration '" + method +
            "': expected auto, none, platt or isotonic");
  }
  if (!probabilities || method == "none") return {};
  const std::vector<HeldScores> parts = one_against_rest(labels, margins);
  std::string chosen = method;
  if (method == "auto") {
    const std::vector<int> fold = fold_of_rows(labels, kFolds, seed);
    double best = std::numeric_limits<double>::infinity();
    for (const char* candidate : {"none", "platt", "isotonic"}) {
      double loss = 0;
      for (const auto& part : parts) loss += judged(candidate, part, fold);
      if (loss < best) best = loss, chosen = candidate;
    }
  }
  if (chosen == "none") return {};
  std::vector<CalibrationCurve> curves;
  for (const auto& part : parts) curves.push_back(fit_curve(chosen, part));
  return runtime::Calibration(std::move(curves));
}

std::vector<double> blend_weights(
    const TableLabels& labels, const std::vector<std::vector<double>>& margins,
    bool calibrated) {
  if (margins.size() == 1) return {1};
  if (!calibrated || labels.kind != Label::kBinary) {
    return select_members(labels, margins);
  }
  std::vector<double> slopes;
  auto mended = margins;
  for (std::vector<double>& own : mended) {
    const CalibrationCurve curve = fit_platt({own, labels.values});
    slopes.push_back(curve.slope);
    for (double& m : own) m = curve.slope * m + curve.offset;
  }
  std::vector<double> out = select_members(labels, mended);
  for (std::size_t m = 0; m < out.size(); ++m) out[m] *= slopes[m];
  const bool none =
      std::ranges::all_of(out, [](double weight) { return weight == 0; });
  return none ? select_members(labels, margins) : out;
}

}  // namespace ensue::classic
