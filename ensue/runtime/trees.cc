// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/trees.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ensue/runtime/internal/table_tensors.h"

namespace ensue::runtime {
namespace {

bool same_sizes(const TreeTables& t) {
  const std::size_t nodes = t.left.size();
  return t.begin.size() == t.trees() + 1 && t.begin.front() == 0 &&
         t.begin.back() == nodes && std::ranges::is_sorted(t.begin) &&
         t.right.size() == nodes && t.feature.size() == nodes &&
         t.value.size() == nodes && t.cover.size() == nodes &&
         t.missing_left.size() == nodes && !t.base.empty();
}

// Both children behind the node and inside its tree, or none.
bool is_node(const TreeTables& t, std::size_t tree, std::size_t node,
             std::size_t width) {
  const auto size = static_cast<std::int64_t>(t.begin[tree + 1]) -
                    static_cast<std::int64_t>(t.begin[tree]);
  const auto own = static_cast<std::int64_t>(node - t.begin[tree]);
  if (t.left[node] < 0) return t.right[node] < 0;
  return t.left[node] > own && t.right[node] > own && t.left[node] < size &&
         t.right[node] < size && t.feature[node] >= 0 &&
         static_cast<std::size_t>(t.feature[node]) < width;
}

void check(const TreeTables& t, std::size_t width) {
  check_table(same_sizes(t), "table_trees: tables of different lengths");
  check_table(all_finite(t.value) && all_finite(t.base) && all_finite(t.cover),
              "table_trees: a number that is not finite");
  for (std::size_t tree = 0; tree < t.trees(); ++tree) {
    bool good =
        t.begin[tree] < t.begin[tree + 1] && t.output_of[tree] < t.base.size();
    for (std::size_t n = t.begin[tree]; good && n < t.begin[tree + 1]; ++n) {
      good = is_node(t, tree, n, width);
    }
    check_table(good, "table_trees: nodes that make no tree");
  }
}

}  // namespace

Trees::Trees(TreeTables tables, std::size_t width)
    : tables_(std::move(tables)), width_(width) {
  check(tables_, width_);
}

std::unique_ptr<const Trees> Trees::read(const artifact::Artifact& artifact,
                                         std::size_t place) {
  const TableTensors from{artifact, place};
  TreeTables t;
  t.begin = from.copy<std::uint64_t>("begin");
  t.output_of = from.copy<std::uint32_t>("output_of");
  t.left = from.copy<std::int32_t>("left");
  t.right = from.copy<std::int32_t>("right");
  t.feature = from.copy<std::int32_t>("feature");
  t.value = from.copy<float>("value");
  t.cover = from.copy<float>("cover");
  t.missing_left = from.copy<std::uint8_t>("missing_left");
  t.base = from.copy<float>("base");
  const auto width = from.copy<std::uint64_t>("width");
  check_table(width.size() == 1, "table_trees: expected one width");
  return std::make_unique<Trees>(std::move(t), width[0]);
}

std::size_t Trees::leaf_of(std::size_t tree,
                           std::span<const float> x) const noexcept {
  const std::size_t root = tables_.begin[tree];
  std::size_t node = root;
  while (tables_.left[node] >= 0) {
    const float value = x[static_cast<std::size_t>(tables_.feature[node])];
    const bool left = std::isnan(value) ? tables_.missing_left[node] != 0
                                        : value < tables_.value[node];
    node = root + static_cast<std::size_t>(left ? tables_.left[node]
                                                : tables_.right[node]);
  }
  return node;
}

void Trees::margins(const FeatureRows& rows, std::span<double> out) const {
  each_row(rows, [&](std::size_t row) {
    std::vector<float> x(width_), sums = tables_.base;
    rows.spread(row, x);
    for (std::size_t tree = 0; tree < tables_.trees(); ++tree) {
      sums[tables_.output_of[tree]] += tables_.value[leaf_of(tree, x)];
    }
    std::ranges::copy(
        sums, out.begin() + static_cast<std::ptrdiff_t>(row * sums.size()));
  });
}

void Trees::add_to(artifact::Draft& draft, std::size_t place) const {
  const TreeTables& t = tables_;
  const std::size_t nodes = t.left.size();
  const std::vector<std::uint64_t> width = {width_};
  add_tensor<std::uint64_t>(draft, place, "begin", {t.begin.size()}, t.begin);
  add_tensor<std::uint64_t>(draft, place, "width", {1}, width);
  add_tensor<std::uint32_t>(draft, place, "output_of", {t.trees()},
                            t.output_of);
  add_tensor<std::int32_t>(draft, place, "left", {nodes}, t.left);
  add_tensor<std::int32_t>(draft, place, "right", {nodes}, t.right);
  add_tensor<std::int32_t>(draft, place, "feature", {nodes}, t.feature);
  add_tensor<float>(draft, place, "value", {nodes}, t.value);
  add_tensor<float>(draft, place, "cover", {nodes}, t.cover);
  add_tensor<std::uint8_t>(draft, place, "missing_left", {nodes},
                           t.missing_left);
  add_tensor<float>(draft, place, "base", {t.base.size()}, t.base);
}

}  // namespace ensue::runtime
