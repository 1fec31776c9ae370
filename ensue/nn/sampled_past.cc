// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/internal/sampled_past.h"

#include "ensue/nn/internal/sampled_batch.h"

namespace ensue::nn {

SampledPast::SampledPast(const at::Tensor& hidden, const Targets& targets,
                         const ItemHead& head)
    : hidden_(hidden),
      targets_(targets),
      head_(head),
      width_(static_cast<std::size_t>(hidden.size(1))),
      logits_(head.repeat ? targets.repeats.items.size() : 0),
      slopes_(logits_.size()) {}

std::size_t SampledPast::begin(std::size_t row) const noexcept {
  return logits_.empty()
             ? 0
             : static_cast<std::size_t>(targets_.repeats.begin[row]);
}

std::int64_t SampledPast::item(std::size_t entry) const noexcept {
  return targets_.repeats.items[entry];
}

const float* SampledPast::row_of(std::size_t row) const noexcept {
  return hidden_.data_ptr<float>() +
         static_cast<std::size_t>(targets_.rows[row]) * width_;
}

std::size_t SampledPast::find(std::size_t row,
                              std::int64_t item) const noexcept {
  for (std::size_t i = begin(row); i < end(row); ++i) {
    if (this->item(i) == item) return i;
  }
  return kNone;
}

void SampledPast::score(std::size_t row) {
  if (begin(row) == end(row)) return;
  const RepeatHead::Coefficients c = head_.repeat.coefficients(row_of(row));
  for (std::size_t i = begin(row); i < end(row); ++i) {
    logits_[i] = exact_logit(head_, row_of(row), item(i)) +
                 RepeatHead::part(c, targets_.repeats.numbers[i]);
  }
}

void SampledPast::carry(float* dhidden) const {
  if (logits_.empty()) return;
  add_exact(hidden_, head_, targets_.rows, targets_.repeats.begin,
            targets_.repeats.items, slopes_, dhidden);
  for (std::size_t r = 0; r < targets_.size(); ++r) {
    if (begin(r) == end(r)) continue;
    RepeatHead::Coefficients sums{};
    for (std::size_t i = begin(r); i < end(r); ++i) {
      RepeatHead::add_slope(slopes_[i], targets_.repeats.numbers[i], sums);
    }
    head_.repeat.back(
        sums, row_of(r),
        dhidden + static_cast<std::size_t>(targets_.rows[r]) * width_);
  }
}

}  // namespace ensue::nn
