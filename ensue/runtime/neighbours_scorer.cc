// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/neighbours_scorer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ensue/runtime/internal/table_tensors.h"

namespace ensue::runtime {

NeighboursScorer::NeighboursScorer(NeighbourTables tables)
    : tables_(std::move(tables)) {
  const NeighbourTables& t = tables_;
  const std::size_t count = t.labels.size();
  check_table(t.width > 0 && t.rows.size() == count * t.width && t.k > 0 &&
                  t.k <= count && !t.prior.empty() &&
                  static_cast<std::uint64_t>(t.kind) <= 2,
              "table_neighbours: tables that do not fit together");
  check_table(all_finite(t.rows) && all_finite(t.labels) && all_finite(t.prior),
              "table_neighbours: a number that is not finite");
  const bool classes = t.kind == NeighbourLabel::kShares && outputs() > 1;
  check_table(!classes || std::ranges::all_of(
                              t.labels,
                              [&](float label) {
                                return label >= 0 &&
                                       label < static_cast<float>(outputs());
                              }),
              "table_neighbours: a class that is not known");
}

std::unique_ptr<const NeighboursScorer> NeighboursScorer::read(
    const artifact::Artifact& artifact, std::size_t place) {
  const TableTensors from{artifact, place};
  const auto sizes = from.copy<std::uint64_t>("sizes");
  check_table(sizes.size() == 3, "table_neighbours: expected three sizes");
  return std::make_unique<NeighboursScorer>(
      NeighbourTables{sizes[0], static_cast<NeighbourLabel>(sizes[1]), sizes[2],
                      from.copy<float>("rows"), from.copy<float>("labels"),
                      from.copy<float>("prior")});
}

std::vector<std::uint32_t> NeighboursScorer::nearest(
    std::span<const float> x) const {
  const NeighbourTables& t = tables_;
  std::vector<std::pair<float, std::uint32_t>> distances(t.labels.size());
  for (std::size_t row = 0; row < distances.size(); ++row) {
    const float* other = t.rows.data() + row * t.width;
    float sum = 0;
    for (std::size_t i = 0; i < t.width; ++i) {
      sum += (x[i] - other[i]) * (x[i] - other[i]);
    }
    distances[row] = {sum, static_cast<std::uint32_t>(row)};
  }
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(t.k);
  std::ranges::partial_sort(distances, middle);
  std::vector<std::uint32_t> out;
  for (auto it = distances.begin(); it != middle; ++it) {
    out.push_back(it->second);
  }
  return out;
}

void NeighboursScorer::margin(std::span<const float> x,
                              std::span<double> out) const {
  const NeighbourTables& t = tables_;
  std::vector<double> sums(out.size());
  const bool classes = t.kind == NeighbourLabel::kShares && out.size() > 1;
  for (const std::uint32_t row : nearest(x)) {
    const float label = t.labels[row];
    if (classes) {
      sums[static_cast<std::size_t>(label)] += 1;
    } else {
      sums[0] += static_cast<double>(label);
    }
  }
  const auto k = static_cast<double>(t.k);
  for (std::size_t o = 0; o < out.size(); ++o) {
    const double smoothed =
        (sums[o] + static_cast<double>(t.prior[o])) / (k + 1);
    if (t.kind == NeighbourLabel::kMean) {
      out[o] = sums[o] / k;
    } else if (t.kind == NeighbourLabel::kLogMean || classes) {
      out[o] = std::log(smoothed);
    } else {
      out[o] = std::log(smoothed) - std::log1p(-smoothed);
    }
  }
}

void NeighboursScorer::margins(const FeatureRows& rows,
                               std::span<double> out) const {
  each_row(rows, [&](std::size_t row) {
    std::vector<float> x(width());
    rows.spread(row, x);
    margin(x, out.subspan(row * outputs(), outputs()));
  });
}

void NeighboursScorer::add_to(artifact::Draft& draft, std::size_t place) const {
  const NeighbourTables& t = tables_;
  const std::vector<std::uint64_t> sizes = {
      t.k, static_cast<std::uint64_t>(t.kind), t.width};
  add_tensor<std::uint64_t>(draft, place, "sizes", {3}, sizes);
  add_tensor<float>(draft, place, "rows", {t.labels.size(), t.width}, t.rows);
  add_tensor<float>(draft, place, "labels", {t.labels.size()}, t.labels);
  add_tensor<float>(draft, place, "prior", {t.prior.size()}, t.prior);
}

}  // namespace ensue::runtime
