// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/effect_scores.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ensue::runtime {

double EffectScore::of(double margin) const noexcept {
  return std::clamp((margin - center) / scale, -kMostScore, kMostScore);
}

void quadratic_terms(std::span<const double> scores, std::span<double> out) {
  assert(out.size() == quadratic_terms(scores.size()));
  std::size_t at = 0;
  out[at++] = 1;
  for (const double score : scores) out[at++] = score;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (std::size_t j = i; j < scores.size(); ++j) {
      out[at++] = scores[i] * scores[j];
    }
  }
}

EffectScores::EffectScores(std::vector<EffectScore> scores,
                           std::vector<double> weights)
    : scores_(std::move(scores)), weights_(std::move(weights)) {
  assert(!scores_.empty());
  assert(weights_.size() == quadratic_terms(scores_.size()));
}

std::vector<double> EffectScores::effects(const events::Table& rows) const {
  std::vector<std::vector<double>> margins;
  for (const EffectScore& score : scores_) {
    margins.push_back(score.model->margins(rows));
  }
  std::vector<double> out(rows.rows()), own(scores_.size());
  for (std::size_t row = 0; row < out.size(); ++row) {
    for (std::size_t s = 0; s < own.size(); ++s) {
      own[s] = scores_[s].of(margins[s][row]);
    }
    out[row] = effect(own);
  }
  return out;
}

double EffectScores::effect(std::span<const double> scores) const {
  std::vector<double> terms(weights_.size());
  quadratic_terms(scores, terms);
  double out = 0;
  for (std::size_t t = 0; t < terms.size(); ++t) out += weights_[t] * terms[t];
  return out;
}

std::vector<double> EffectScores::gradient(
    std::span<const double> scores) const {
  const std::size_t n = scores.size();
  std::vector<double> out(weights_.begin() + 1, weights_.begin() + 1 + n);
  std::size_t at = 1 + n;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i; j < n; ++j, ++at) {
      out[i] += weights_[at] * scores[j];
      out[j] += weights_[at] * scores[i];
    }
  }
  return out;
}

}  // namespace ensue::runtime
