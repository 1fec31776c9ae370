// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/linear_scorer.h"

#include <utility>

#include "ensue/runtime/internal/table_tensors.h"

namespace ensue::runtime {

LinearScorer::LinearScorer(std::vector<float> weights, std::vector<float> bias)
    : weights_(std::move(weights)), bias_(std::move(bias)) {
  const bool fits = !bias_.empty() && weights_.size() % bias_.size() == 0;
  check_table(fits, "table_linear: expected as many weights for every output");
  check_table(all_finite(weights_) && all_finite(bias_),
              "table_linear: a weight is not finite");
}

std::unique_ptr<const LinearScorer> LinearScorer::read(
    const artifact::Artifact& artifact, std::size_t place) {
  const TableTensors tensors{artifact, place};
  return std::make_unique<LinearScorer>(tensors.copy<float>("weights"),
                                        tensors.copy<float>("bias"));
}

void LinearScorer::margins(const FeatureRows& rows,
                           std::span<double> out) const {
  const std::size_t wide = width();
  each_row(rows, [&](std::size_t row) {
    const auto places = rows.places_of(row);
    const auto values = rows.values_of(row);
    for (std::size_t o = 0; o < outputs(); ++o) {
      double sum = bias_[o];
      for (std::size_t i = 0; i < places.size(); ++i) {
        sum += static_cast<double>(weights_[o * wide + places[i]]) *
               static_cast<double>(values[i]);
      }
      out[row * outputs() + o] = sum;
    }
  });
}

void LinearScorer::add_to(artifact::Draft& draft, std::size_t place) const {
  add_tensor<float>(draft, place, "weights", {outputs(), width()}, weights_);
  add_tensor<float>(draft, place, "bias", {outputs()}, bias_);
}

}  // namespace ensue::runtime
