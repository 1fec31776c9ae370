// SPDX-License-Identifier: Apache-2.0
// How like an item is to what a user took before; the same for both halves.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ensue/artifact/item_features.h"
#include "ensue/events/repeats.h"

namespace ensue::artifact {

/// One user's past as features, and the cosine of every item to it.
///
/// With the numbers n of events::count_repeats, for every decay d:
///   profile[d] = sum over past items j of n[d](j) f[j], made of length 1
///   likeness[d](i) = kLikenessScale * f[i] . profile[d]
/// f[i] are rows of length 1, so with idf weights this is the cosine of TF-IDF
/// (Salton & Buckley 1988, doi:10.1016/0306-4573(88)90021-0).
/// O(entries of the features) an answer. Scratch of one thread: keep it.
class Likeness {
 public:
  using Numbers = events::Repeats::Numbers;

  /// Forgets the past. `features` must outlive the next calls.
  void start(const ItemFeatures& features);
  void add(std::size_t item, const Numbers& numbers) noexcept;
  /// Once the whole past is added.
  void finish() noexcept;

  /// logits[i] += sum_d coefficients[d] likeness[d](i).
  void score(const Numbers& coefficients, std::span<float> logits) noexcept;
  /// d loss / d coefficients from d loss / d logits.
  Numbers slopes(std::span<const float> dlogits) noexcept;

 private:
  std::span<float> profile(std::size_t decay) noexcept {
    return std::span(profiles_).subspan(decay * sum_.size(), sum_.size());
  }
  const ItemFeatures* features_ = nullptr;
  std::vector<float> profiles_;  // [decays, features]
  std::vector<float> sum_;       // [features], scratch
};

/// A cosine is small beside a logit.
inline constexpr float kLikenessScale = 5;

}  // namespace ensue::artifact
