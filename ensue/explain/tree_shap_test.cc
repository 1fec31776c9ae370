// SPDX-License-Identifier: Apache-2.0
#include "ensue/explain/tree_shap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "ensue/base/rng.h"

namespace ensue::explain {
namespace {

using runtime::TreeTables;

constexpr std::size_t kWidth = 4;

// A tree that splits at random, features repeating, covers that add up.
void add_tree(int depth, Rng& rng, TreeTables& out) {
  struct Open {
    std::size_t node;
    int depth;
  };
  const std::size_t root = out.left.size();
  const auto add_node = [&](float cover) {
    out.left.push_back(-1), out.right.push_back(-1), out.feature.push_back(0);
    out.value.push_back(static_cast<float>(rng.normal()));
    out.cover.push_back(cover);
    out.missing_left.push_back(0);
  };
  add_node(100);
  std::vector<Open> open = {{root, 0}};
  while (!open.empty()) {
    const Open at = open.back();
    open.pop_back();
    if (at.depth == depth || (at.depth > 0 && rng.chance(0.2))) continue;
    const float left =
        out.cover[at.node] * static_cast<float>(0.1 + 0.8 * rng.uniform());
    out.left[at.node] = static_cast<int>(out.left.size() - root);
    out.right[at.node] = out.left[at.node] + 1;
    out.feature[at.node] = static_cast<int>(rng.below(kWidth));
    out.missing_left[at.node] = rng.chance(0.5);
    add_node(left);
    add_node(out.cover[at.node] - left);
    open.push_back({out.left.size() - 2, at.depth + 1});
    open.push_back({out.left.size() - 1, at.depth + 1});
  }
  out.begin.push_back(out.left.size());
  out.output_of.push_back(0);
}

TreeTables random_trees(std::uint64_t seed) {
  Rng rng(seed);
  TreeTables out;
  out.base = {0.3F};
  for (int tree = 0; tree < 3; ++tree) add_tree(/*depth=*/4, rng, out);
  return out;
}

// Expected answer when only the features of `known` are known.
double expected(const TreeTables& t, std::size_t root, std::size_t node,
                const std::vector<float>& x, unsigned known) {
  if (t.left[node] < 0) return t.value[node];
  const auto left = root + static_cast<std::size_t>(t.left[node]);
  const auto right = root + static_cast<std::size_t>(t.right[node]);
  const auto feature = static_cast<std::size_t>(t.feature[node]);
  if ((known >> feature & 1U) != 0) {
    const bool to_left = std::isnan(x[feature]) ? t.missing_left[node] != 0
                                                : x[feature] < t.value[node];
    return expected(t, root, to_left ? left : right, x, known);
  }
  const double share = t.cover[left] / t.cover[node];
  return share * expected(t, root, left, x, known) +
         t.cover[right] / static_cast<double>(t.cover[node]) *
             expected(t, root, right, x, known);
}

double value_of(const TreeTables& t, const std::vector<float>& x,
                unsigned known) {
  double sum = t.base[0];
  for (std::size_t tree = 0; tree < t.trees(); ++tree) {
    sum += expected(t, t.begin[tree], t.begin[tree], x, known);
  }
  return sum;
}

// Shapley's sum over all subsets, Lundberg & Lee 2017, eq. 4.
double shapley(const TreeTables& t, const std::vector<float>& x,
               std::size_t feature) {
  double out = 0;
  for (unsigned set = 0; set < 1U << kWidth; ++set) {
    if ((set >> feature & 1U) != 0) continue;
    const auto size = static_cast<double>(__builtin_popcount(set));
    const double weight = std::tgamma(size + 1) * std::tgamma(kWidth - size) /
                          std::tgamma(kWidth + 1.0);
    out += weight * (value_of(t, x, set | 1U << feature) - value_of(t, x, set));
  }
  return out;
}

TEST(TreeShap, EqualsTheSumOverAllSubsets) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const TreeTables tables = random_trees(seed);
    const runtime::Trees trees(tables, kWidth);
    Rng rng(seed + 100);
    std::vector<float> x;
    for (std::size_t f = 0; f < kWidth; ++f) {
      x.push_back(rng.chance(0.2) ? std::numeric_limits<float>::quiet_NaN()
                                  : static_cast<float>(rng.normal()));
    }
    const auto found = tree_shap(trees, x, 0);
    for (std::size_t f = 0; f < kWidth; ++f) {
      EXPECT_NEAR(found[f], shapley(tables, x, f), 1e-6)
          << "seed " << seed << " feature " << f;
    }
    EXPECT_NEAR(found[kWidth], value_of(tables, x, 0), 1e-6);
  }
}

TEST(TreeShap, SumsToTheMargin) {
  const runtime::Trees trees(random_trees(3), kWidth);
  runtime::FeatureRows row;
  row.width = kWidth;
  row.places = {0, 1, 2, 3};
  row.values = {0.1F, -0.5F, 2, 0};
  row.begin = {0, 4};
  std::vector<double> margin(1);
  trees.margins(row, margin);
  const auto found = tree_shap(trees, row.values, 0);
  EXPECT_NEAR(std::accumulate(found.begin(), found.end(), 0.0), margin[0],
              1e-6);
}

}  // namespace
}  // namespace ensue::explain
