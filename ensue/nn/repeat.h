// SPDX-License-Identifier: Apache-2.0
// The part of the next_item head that knows what the user took before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "ensue/artifact/item_features.h"
#include "ensue/artifact/likeness.h"
#include "ensue/events/repeats.h"
#include "ensue/nn/parameter.h"

namespace ensue::nn {

/// For every target row: the items of the user's past with their numbers, as
/// events::count_repeats makes them. Row r has [begin[r], begin[r + 1]).
struct RowRepeats {
  std::vector<std::int64_t> begin = {0};
  std::vector<std::int64_t> items;
  std::vector<events::Repeats::Numbers> numbers;

  /// Appends the next row's past.
  void add(const events::Repeats& past);
  /// Appends row `row` of another.
  void add(const RowRepeats& other, std::size_t row);
};

/// score[i] += sum_d (weight[d] + gate[d] . x) * number[d](i) for the items of
/// a row's past; artifact::NextItemConfig::repeats.
struct RepeatHead {
  Parameter* weight = nullptr;  // [numbers]
  Parameter* gate = nullptr;    // [numbers, width]

  explicit operator bool() const noexcept { return weight != nullptr; }

  /// Adds to the logits of target row `row`, whose head input is `x` [width].
  void add(const RowRepeats& past, std::size_t row, const float* x,
           float* logits) const;

  using Coefficients = std::array<float, events::kRepeatDecays.size()>;
  /// weight[d] + gate[d] . x
  Coefficients coefficients(const float* x) const;
  /// What is added to the logit of an item with these numbers.
  static float part(const Coefficients& coefficients,
                    const events::Repeats::Numbers& numbers) {
    return std::inner_product(coefficients.begin(), coefficients.end(),
                              numbers.begin(), 0.0F);
  }
  /// Adds to d loss / d coefficients what an item with these numbers has, from
  /// d loss / d logit of it.
  static void add_slope(float dlogit, const events::Repeats::Numbers& numbers,
                        Coefficients& slopes) {
    for (std::size_t d = 0; d < slopes.size(); ++d) {
      slopes[d] += dlogit * numbers[d];
    }
  }
  /// d loss / d coefficient of each number, from d loss / d logits of the row.
  static Coefficients slopes(const RowRepeats& past, std::size_t row,
                             const float* dlogits);
  /// Adds the row's gradients to the parameters' and to `dx` [width]. Not
  /// thread-safe: rows in order give the same bits.
  void back(const Coefficients& slopes, const float* x, float* dx) const;
};

/// score[i] += sum_d (weight[d] + gate[d] . x) * likeness[d](i) for every item;
/// artifact::NextItemConfig::similar.
struct SimilarHead {
  RepeatHead share;
  artifact::ItemFeatures compared;  // a row per item

  explicit operator bool() const noexcept { return bool(share); }

  /// Makes `likeness` that of a row's past.
  void recall(const RowRepeats& past, std::size_t row,
              artifact::Likeness& likeness) const;
  /// As of RepeatHead; leaves in `likeness` what slopes of the row need.
  void add(const RowRepeats& past, std::size_t row, const float* x,
           std::span<float> logits, artifact::Likeness& likeness) const;
};

}  // namespace ensue::nn
