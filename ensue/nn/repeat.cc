// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/repeat.h"

#include <numeric>

namespace ensue::nn {

void RowRepeats::add(const events::Repeats& past) {
  for (const events::ItemId item : past.items) {
    items.push_back(events::index(item));
  }
  numbers.insert(numbers.end(), past.numbers.begin(), past.numbers.end());
  begin.push_back(static_cast<std::int64_t>(items.size()));
}

void RowRepeats::add(const RowRepeats& other, std::size_t row) {
  for (auto i = other.begin[row]; i < other.begin[row + 1]; ++i) {
    items.push_back(other.items[static_cast<std::size_t>(i)]);
    numbers.push_back(other.numbers[static_cast<std::size_t>(i)]);
  }
  begin.push_back(static_cast<std::int64_t>(items.size()));
}

RepeatHead::Coefficients RepeatHead::coefficients(const float* x) const {
  const std::size_t width = gate->row_size();
  Coefficients out{};
  for (std::size_t d = 0; d < out.size(); ++d) {
    const float* g = gate->data() + d * width;
    out[d] = weight->data()[d] + std::inner_product(x, x + width, g, 0.0F);
  }
  return out;
}

void RepeatHead::add(const RowRepeats& past, std::size_t row, const float* x,
                     float* logits) const {
  const Coefficients c = coefficients(x);
  const auto end = static_cast<std::size_t>(past.begin[row + 1]);
  for (auto i = static_cast<std::size_t>(past.begin[row]); i < end; ++i) {
    logits[past.items[i]] += part(c, past.numbers[i]);
  }
}

RepeatHead::Coefficients RepeatHead::slopes(const RowRepeats& past,
                                            std::size_t row,
                                            const float* dlogits) {
  Coefficients out{};
  const auto end = static_cast<std::size_t>(past.begin[row + 1]);
  for (auto i = static_cast<std::size_t>(past.begin[row]); i < end; ++i) {
    add_slope(dlogits[past.items[i]], past.numbers[i], out);
  }
  return out;
}

void RepeatHead::back(const Coefficients& slopes, const float* x,
                      float* dx) const {
  const std::size_t width = gate->row_size();
  for (std::size_t d = 0; d < slopes.size(); ++d) {
    weight->slope()[d] += slopes[d];
    const float* g = gate->data() + d * width;
    float* dg = gate->slope() + d * width;
    for (std::size_t k = 0; k < width; ++k) {
      dg[k] += slopes[d] * x[k];
      dx[k] += slopes[d] * g[k];
    }
  }
}

void SimilarHead::recall(const RowRepeats& past, std::size_t row,
                         artifact::Likeness& likeness) const {
  likeness.start(compared);
  const auto end = static_cast<std::size_t>(past.begin[row + 1]);
  for (auto i = static_cast<std::size_t>(past.begin[row]); i < end; ++i) {
    likeness.add(static_cast<std::size_t>(past.items[i]), past.numbers[i]);
  }
  likeness.finish();
}

void SimilarHead::add(const RowRepeats& past, std::size_t row, const float* x,
                      std::span<float> logits,
                      artifact::Likeness& likeness) const {
  recall(past, row, likeness);
  likeness.score(share.coefficients(x), logits);
}

}  // namespace ensue::nn
