// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/likeness.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ensue::artifact {

void Likeness::start(const ItemFeatures& features) {
  features_ = &features;
  sum_.resize(features.columns);
  profiles_.assign(Numbers().size() * features.columns, 0.0F);
}

void Likeness::add(std::size_t item, const Numbers& numbers) noexcept {
  for (std::size_t d = 0; d < numbers.size(); ++d) {
    const auto to = profile(d);
    for (std::size_t e = features_->begin[item]; e < features_->begin[item + 1];
         ++e) {
      to[features_->places[e]] += numbers[d] * features_->weights[e];
    }
  }
}

void Likeness::finish() noexcept {
  for (std::size_t d = 0; d < Numbers().size(); ++d) {
    const auto mine = profile(d);
    const float square =
        std::inner_product(mine.begin(), mine.end(), mine.begin(), 0.0F);
    const float scale = square > 0 ? kLikenessScale / std::sqrt(square) : 0.0F;
    for (float& number : mine) number *= scale;
  }
}

void Likeness::score(const Numbers& coefficients,
                     std::span<float> logits) noexcept {
  std::fill(sum_.begin(), sum_.end(), 0.0F);
  for (std::size_t d = 0; d < coefficients.size(); ++d) {
    const auto mine = profile(d);
    for (std::size_t c = 0; c < sum_.size(); ++c) {
      sum_[c] += coefficients[d] * mine[c];
    }
  }
  for (std::size_t i = 0; i < logits.size(); ++i) {
    float sum = 0;
    for (std::size_t e = features_->begin[i]; e < features_->begin[i + 1];
         ++e) {
      sum += features_->weights[e] * sum_[features_->places[e]];
    }
    logits[i] += sum;
  }
}

Likeness::Numbers Likeness::slopes(std::span<const float> dlogits) noexcept {
  std::fill(sum_.begin(), sum_.end(), 0.0F);
  for (std::size_t i = 0; i < dlogits.size(); ++i) {
    for (std::size_t e = features_->begin[i]; e < features_->begin[i + 1];
         ++e) {
      sum_[features_->places[e]] += dlogits[i] * features_->weights[e];
    }
  }
  Numbers out{};
  for (std::size_t d = 0; d < out.size(); ++d) {
    out[d] =
        std::inner_product(sum_.begin(), sum_.end(), profile(d).begin(), 0.0F);
  }
  return out;
}

}  // namespace ensue::artifact
