// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/dense_scorer.h"

#include <algorithm>
#include <utility>

#include "ensue/runtime/internal/table_tensors.h"

namespace ensue::runtime {

DenseScorer::DenseScorer(DenseTables tables) : tables_(std::move(tables)) {
  const DenseTables& t = tables_;
  const std::size_t units = t.networks * t.hidden;
  const bool fits = units > 0 && t.outputs > 0 && t.in_bias.size() == units &&
                    t.in.size() % units == 0 &&
                    t.out.size() == t.outputs * units &&
                    t.out_bias.size() == t.networks * t.outputs;
  check_table(fits, "table_dense: layers that do not fit together");
  check_table(all_finite(t.in) && all_finite(t.in_bias) && all_finite(t.out) &&
                  all_finite(t.out_bias),
              "table_dense: a weight is not finite");
}

std::unique_ptr<const DenseScorer> DenseScorer::read(
    const artifact::Artifact& artifact, std::size_t place) {
  const TableTensors from{artifact, place};
  const auto sizes = from.copy<std::uint64_t>("sizes");
  check_table(sizes.size() == 3, "table_dense: expected three sizes");
  return std::make_unique<DenseScorer>(
      DenseTables{sizes[0], sizes[1], sizes[2], from.copy<float>("in"),
                  from.copy<float>("in_bias"), from.copy<float>("out"),
                  from.copy<float>("out_bias")});
}

void DenseScorer::margins(const FeatureRows& rows,
                          std::span<double> out) const {
  const DenseTables& t = tables_;
  const std::size_t units = t.in_bias.size();
  const auto share = static_cast<double>(t.networks);
  each_row(rows, [&](std::size_t row) {
    std::vector<float> hidden = t.in_bias;
    const auto places = rows.places_of(row);
    const auto values = rows.values_of(row);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const float* weights = t.in.data() + places[i] * units;
      for (std::size_t u = 0; u < units; ++u) {
        hidden[u] += values[i] * weights[u];
      }
    }
    for (std::size_t o = 0; o < t.outputs; ++o) {
      double sum = 0;
      for (std::size_t n = 0; n < t.networks; ++n) {
        sum += static_cast<double>(t.out_bias[n * t.outputs + o]);
      }
      for (std::size_t u = 0; u < units; ++u) {
        sum += static_cast<double>(t.out[o * units + u]) *
               static_cast<double>(std::max(0.0F, hidden[u]));
      }
      out[row * t.outputs + o] = sum / share;
    }
  });
}

void DenseScorer::add_to(artifact::Draft& draft, std::size_t place) const {
  const DenseTables& t = tables_;
  const std::size_t units = t.in_bias.size();
  const std::vector<std::uint64_t> sizes = {t.networks, t.hidden, t.outputs};
  add_tensor<std::uint64_t>(draft, place, "sizes", {3}, sizes);
  add_tensor<float>(draft, place, "in", {width(), units}, t.in);
  add_tensor<float>(draft, place, "in_bias", {units}, t.in_bias);
  add_tensor<float>(draft, place, "out", {t.outputs, units}, t.out);
  add_tensor<float>(draft, place, "out_bias", {t.networks, t.outputs},
                    t.out_bias);
}

}  // namespace ensue::runtime
