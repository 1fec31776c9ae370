// SPDX-License-Identifier: Apache-2.0
#include "ensue/explain/tree_shap.h"

#include <algorithm>
#include <cmath>

namespace ensue::explain {
namespace {

/// A distinct feature on the way from the root: the share of training rows
/// that goes on when it is unknown, whether this row does when it is known,
/// and the weight of all subsets of a size, as of the paper's EXTEND.
struct Step {
  int feature;
  double unknown, known, weight;
};
using Path = std::vector<Step>;

void extend(Path& path, double unknown, double known, int feature) {
  const std::size_t length = path.size();
  path.push_back({feature, unknown, known, length == 0 ? 1.0 : 0.0});
  const auto all = static_cast<double>(length + 1);
  for (std::size_t i = length; i-- > 0;) {
    const auto before = static_cast<double>(i + 1);
    path[i + 1].weight += known * path[i].weight * before / all;
    path[i].weight *= unknown * static_cast<double>(length - i) / all;
  }
}

// Takes one step out again.
void unwind(Path& path, std::size_t at) {
  const std::size_t last = path.size() - 1;
  const double known = path[at].known, unknown = path[at].unknown;
  const auto all = static_cast<double>(path.size());
  double next = path[last].weight;
  for (std::size_t i = last; i-- > 0;) {
    const auto before = static_cast<double>(i + 1);
    const auto behind = static_cast<double>(last - i);
    if (known != 0) {
      const double own = path[i].weight;
      path[i].weight = next * all / (before * known);
      next = own - path[i].weight * unknown * behind / all;
    } else {
      path[i].weight *= all / (unknown * behind);
    }
  }
  for (std::size_t i = at; i < last; ++i) {
    path[i].feature = path[i + 1].feature;
    path[i].unknown = path[i + 1].unknown;
    path[i].known = path[i + 1].known;
  }
  path.pop_back();
}

// Sum of the weights that unwind() would leave.
double unwound_sum(const Path& path, std::size_t at) {
  const std::size_t last = path.size() - 1;
  const double known = path[at].known, unknown = path[at].unknown;
  const auto all = static_cast<double>(path.size());
  double next = path[last].weight, sum = 0;
  for (std::size_t i = last; i-- > 0;) {
    const auto before = static_cast<double>(i + 1);
    const auto behind = static_cast<double>(last - i);
    if (known != 0) {
      const double weight = next * all / (before * known);
      sum += weight;
      next = path[i].weight - weight * unknown * behind / all;
    } else {
      sum += path[i].weight * all / (unknown * behind);
    }
  }
  return sum;
}

/// One tree, one row.
class Walk {
 public:
  Walk(const runtime::TreeTables& tables, std::size_t tree,
       std::span<const float> x, std::vector<double>& out)
      : tables_(tables), root_(tables.begin[tree]), x_(x), out_(out) {}

  void run() { visit(root_, {}, 1, 1, -1); }

  // Mean of the leaves by cover.
  double expected(std::size_t node) const {
    if (tables_.left[node] < 0) return leaf(node);
    const std::size_t left = child(tables_.left[node]);
    const std::size_t right = child(tables_.right[node]);
    return share(node, left) * expected(left) +
           share(node, right) * expected(right);
  }
  double expected() const { return expected(root_); }

 private:
  double leaf(std::size_t node) const {
    return static_cast<double>(tables_.value[node]);
  }
  std::size_t child(std::int32_t place) const {
    return root_ + static_cast<std::size_t>(place);
  }
  double share(std::size_t node, std::size_t of_child) const {
    return static_cast<double>(tables_.cover[of_child]) /
           static_cast<double>(tables_.cover[node]);
  }
  bool goes_left(std::size_t node) const {
    const float value = x_[static_cast<std::size_t>(tables_.feature[node])];
    return std::isnan(value) ? tables_.missing_left[node] != 0
                             : value < tables_.value[node];
  }

  void visit(std::size_t node, Path path, double unknown, double known,
             int feature) {
    extend(path, unknown, known, feature);
    if (tables_.left[node] < 0) {
      for (std::size_t i = 1; i < path.size(); ++i) {
        out_[static_cast<std::size_t>(path[i].feature)] +=
            unwound_sum(path, i) * (path[i].known - path[i].unknown) *
            leaf(node);
      }
      return;
    }
    const int split = tables_.feature[node];
    double before_unknown = 1, before_known = 1;
    for (std::size_t i = 1; i < path.size(); ++i) {
      if (path[i].feature != split) continue;
      before_unknown = path[i].unknown, before_known = path[i].known;
      unwind(path, i);
      break;
    }
    const std::size_t left = child(tables_.left[node]);
    const std::size_t right = child(tables_.right[node]);
    const bool to_left = goes_left(node);
    visit(left, path, before_unknown * share(node, left),
          to_left ? before_known : 0, split);
    visit(right, path, before_unknown * share(node, right),
          to_left ? 0 : before_known, split);
  }

  const runtime::TreeTables& tables_;
  std::size_t root_;
  std::span<const float> x_;
  std::vector<double>& out_;
};

}  // namespace

std::vector<double> tree_shap(const runtime::Trees& trees,
                              std::span<const float> x, std::size_t output) {
  const runtime::TreeTables& tables = trees.tables();
  std::vector<double> out(trees.width() + 1);
  double expected = static_cast<double>(tables.base[output]);
  for (std::size_t tree = 0; tree < tables.trees(); ++tree) {
    if (tables.output_of[tree] != output) continue;
    Walk walk(tables, tree, x, out);
    walk.run();
    expected += walk.expected();
  }
  out.back() = expected;
  return out;
}

}  // namespace ensue::explain
